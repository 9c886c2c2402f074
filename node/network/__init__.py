"""Membership of a network: joining it, what the coordinator announces, and what comes back."""
