"""Cross-use: sealed sketches come in, become a round's market, and go out to its members. Nobody here opens one."""
