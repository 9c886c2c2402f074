"""One address before several servers: bytes pass through as they are, TLS and all."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

PIECE = 1 << 16


class Balancer:
    """Takes connections on a port and hands each to a server that listens: to the next in turn, or to the first."""

    def __init__(self, port: int, servers: Sequence[int], *, in_turn: bool) -> None:
        self.given: Counter[int] = Counter()
        self._servers = list(servers)
        self._in_turn = in_turn
        self._listening = socket.create_server(("127.0.0.1", port), backlog=64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes no connection any more; those that there are end with their servers."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            server = self._server()
            if server is None:
                caller.close()
                continue
            for source, target in ((caller, server), (server, caller)):
                threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()

    def _server(self) -> socket.socket | None:
        for port in list(self._servers):
            with suppress(OSError):
                found = socket.create_connection(("127.0.0.1", port))
                self.given[port] += 1
                if self._in_turn:
                    self._servers.remove(port)
                    self._servers.append(port)
                return found
        return None


@contextmanager
def balanced(ports: Sequence[int], servers: Sequence[Sequence[int]], *, in_turn: bool) -> Iterator[list[Balancer]]:
    """Several ports, each before as many servers; `servers` has the ports of each server in the same order."""
    found = [
        Balancer(port, behind, in_turn=in_turn) for port, behind in zip(ports, zip(*servers, strict=True), strict=True)
    ]
    try:
        yield found
    finally:
        for each in found:
            each.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until one side ends; then neither has the other any more."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
