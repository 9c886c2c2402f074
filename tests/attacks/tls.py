"""A TLS connection of one's own, below gRPC: for callers that speak HTTP/2 as nobody should."""

import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coordinator.authority.ca import private_pem
from tests.federation.house import Coordinator
from tests.federation.peers import TIMEOUT_S, Peer


@contextmanager
def connected(coordinator: Coordinator, peer: Peer) -> Iterator[ssl.SSLSocket]:
    """A connection to the federation port with a peer's certificate, for HTTP/2."""
    host, _, port = coordinator.addresses[0].rpartition(":")
    context = ssl.create_default_context(cafile=str(coordinator.home / "keys" / "authority.pem"))
    context.set_alpn_protocols(["h2"])
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(private_pem(peer.keys.tls) + peer.certificate)
        context.load_cert_chain(file.name)
    with (
        socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        yield secured
