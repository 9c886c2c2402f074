"""The node's own store: a DuckDB file that holds no e-mail, phone or name."""
