"""The sketch of a member's customers: one bit per bucket under noise; how it travels, and is counted against."""
