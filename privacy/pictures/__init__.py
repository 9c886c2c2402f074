"""Pictures of published figures, as SVG in one file: nothing is fetched, and nothing in them runs."""
