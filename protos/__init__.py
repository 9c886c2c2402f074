"""What members and the coordinator say to each other: messages, services, refusals.

gRPC reads its settings from the environment when it is first imported, so they stand here, above everything that
imports it.
"""

import os

# A suite of RSA with certificates that have none: TLS 1.2 finds no suite, and 1.3, whose suites this does not name,
# is all that is left. gRPC has no other way to say so.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES128-GCM-SHA256"
os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # failed handshakes are told to users in words of ours
