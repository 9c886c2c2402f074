"""The closed list of what may ever leave a node: dimensions, measures and the tables made of them."""
