"""Backups: one encrypted file, which is verified whole before anything is taken out of it."""
