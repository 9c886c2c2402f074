"""Who this node is in its network: its settings, its certificate, and what can go wrong with them."""
