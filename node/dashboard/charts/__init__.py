"""Charts: what is to be drawn (`kinds`), as specifications of Vega-Lite (`specs`), and as pictures (`drawing`)."""
