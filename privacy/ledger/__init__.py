"""The ledger: what was spent of whose privacy, append-only, per institution for life."""
