"""Rounds: what a coordinator announces, in the form that both sides and the auditor read."""
