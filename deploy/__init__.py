"""Kudos put to work: the demo, and what it takes to run the programs elsewhere."""
