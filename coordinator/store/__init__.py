"""What the coordinator remembers: one database, SQLite unless another is named."""
