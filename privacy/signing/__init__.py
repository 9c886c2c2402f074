"""Signatures: envelopes, and the files that signing keys lie in."""
