"""Rounds: one collection of a study over a window, from a frozen roster, until a deadline."""
