"""The institution's own figures, exact, for its own eyes. Nothing here ever leaves the node."""
