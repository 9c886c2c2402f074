"""Rounds: what a coordinator announces and what answers it, in the form that both sides and the auditor read."""
