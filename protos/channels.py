"""The bounds of a connection, for both sides."""

LARGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes of one message; what is larger goes in pieces."""

PIECE = 64 * 1024
"""Bytes of one piece of a stream."""

BOUNDS = (("grpc.max_receive_message_length", LARGEST_MESSAGE), ("grpc.max_send_message_length", LARGEST_MESSAGE))
