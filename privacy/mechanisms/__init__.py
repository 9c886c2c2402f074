"""The noise: how much is needed (pure arithmetic, exact) and its drawing (OpenDP)."""
