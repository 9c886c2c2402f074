"""The only way out of the node: connections to the coordinator, which the node alone opens."""

import protos  # noqa: F401  sets what gRPC reads when it is imported
