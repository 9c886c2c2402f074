"""The versions of the tables, each as what it changed. A version that was released is never edited."""
