"""From an export file to standard rows: profiles say how a system writes, readers read, and identities are hashed."""
