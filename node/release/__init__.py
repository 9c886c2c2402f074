"""Releases: priced, booked, signed and stored in one step, and never again for the same study and window."""
