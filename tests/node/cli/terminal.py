"""Runs kudos-node with a terminal for its input, as somebody who is asked and answers."""

import os
import pty
import select
import subprocess
from collections.abc import Callable

from tests.node.cli.run import PROGRAM, Ended, Node

PATIENCE_S = 120.0
"""After so long a program that says nothing is given up."""


def answered(node: Node, *words: str, answer: str, meanwhile: Callable[[], object]) -> tuple[str, Ended]:
    """What the program had said when it asked, and how it ended: `meanwhile` happens while the question is open."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
    try:
        child = subprocess.Popen(
            [PROGRAM, "--home", node.home, *words],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        os.close(theirs)
        assert child.stdout is not None
        asked = _until_it_asks(child.stdout.fileno())
        if asked.endswith("?"):
            meanwhile()
            os.write(ours, f"{answer}\n".encode())
        out, err = child.communicate(timeout=PATIENCE_S)
        return asked, Ended(child.returncode, out.decode(), err.decode())
    finally:
        os.close(ours)


def _until_it_asks(stream: int) -> str:
    """Everything up to the question mark before click's `[y/N]`; all that it says where it does not ask."""
    said = b""
    while b"? [y/N]:" not in said:
        ready, _, _ = select.select([stream], [], [], PATIENCE_S)
        more = os.read(stream, 65_536) if ready else b""
        if not more:
            return said.decode()
        said += more
    return said.decode().partition(" [y/N]:")[0]
