"""The network's certificate authority: who may speak as whom."""
