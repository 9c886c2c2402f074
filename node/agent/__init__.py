"""The agent: what a node does by itself, round after round."""
