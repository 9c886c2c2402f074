"""The whole node in one encrypted file, and from there into a new folder that asks the witness before it spends."""
