"""The only way out of the node: connections to the coordinator, which the node alone opens."""
