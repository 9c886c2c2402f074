"""Proposes a profile for an export that no profile knows: looks at its columns, says why, asks what it cannot tell."""
