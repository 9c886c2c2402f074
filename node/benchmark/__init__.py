"""The institution's own exact figures beside a benchmark, and beside a release: for its own eyes."""
