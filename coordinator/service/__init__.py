"""The two ports: joining, over server TLS, and the federation's work, over mutual TLS 1.3."""

import protos  # noqa: F401  sets what gRPC reads when it is imported
