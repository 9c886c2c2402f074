"""A published benchmark beside the institution's own exact figures, which are for its own eyes."""
