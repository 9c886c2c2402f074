"""The server: on loopback alone, on a port that the system gives, until the terminal is told to stop."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from node.home import write_private

LOOPBACK = "127.0.0.1"


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready(int(self.servers[0].sockets[0].getsockname()[1]))


def serve(app: ASGIApp, port: int, ready: Callable[[int], None]) -> None:
    """Serves until it is interrupted; `ready` is told the port. 0 leaves the port to the system."""
    config = uvicorn.Config(
        app,
        host=LOOPBACK,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    _Server(config, ready).run()


def opener(folder: Path, address: str) -> Path:
    """A file that leads to an address, readable by its owner alone.

    A browser is started with the file's name: an address among a program's arguments is read by every user of the
    machine, and so would be the token in it.
    """
    file = folder / "open.html"
    there = html.escape(address, quote=True)
    page = (
        f'<!doctype html><meta charset="utf-8"><title>Kudos</title><meta http-equiv="refresh" content="0;url={there}">'
    )
    write_private(file, f'{page}<a href="{there}">Kudos</a>\n'.encode())
    return file
