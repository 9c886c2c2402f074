"""Runs kudos-node as a user does: the installed program, in a process of its own."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("kudos-node")


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Node:
    """A node's folder, and commands on it."""

    home: Path

    def __call__(self, *words: str | Path, cwd: Path | None = None) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
        result = subprocess.run(
            [str(PROGRAM), "--home", str(self.home), *map(str, words)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=environment,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        return Ended(result.returncode, result.stdout, result.stderr)

    def good(self, *words: str | Path, cwd: Path | None = None) -> Ended:
        """The same, for a command that must succeed and complain of nothing."""
        ended = self(*words, cwd=cwd)
        assert ended.status == 0, ended.err
        assert not ended.err, ended.err
        return ended


def not_good(findings: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """What the doctor complains of; of the room on its disk the machine decides, and no test."""
    return [each for each in findings if each["status"] != "good" and each["what"] != "disk"]


def initialised(home: Path) -> Node:
    """A new node."""
    node = Node(home)
    node.good("init", "--standalone", "--name", "Fjordteatret", "--industry", "performing-arts", "--county", "Vestland")
    return node


SALES = """order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode
A1,1,2025-03-01T18:00:00+01:00,E1,Ordinær,2,800.00,web,paid,kari@example.no,5003
A2,1,2025-05-02T12:00:00+02:00,E1,Student,1,200.00,web,paid,kari@example.no,5003
A3,1,2024-11-12T10:00:00+01:00,E1,Ordinær,1,400.00,web,paid,ola@example.no,0150
A4,1,2025-06-01T10:00:00+02:00,E2,Barn,3,300.00,box_office,paid,,
A5,1,2025-06-03T10:00:00+02:00,E2,Fribillett,1,0.00,web,paid,per@example.no,9008
A5,2,2025-06-03T10:00:00+02:00,E2,Ordinær,2,800.00,web,paid,per@example.no,9008
A5,3,2025-07-03T10:00:00+02:00,E2,Ordinær,-1,-400.00,web,returned,per@example.no,9008
A6,1,2025-08-03T10:00:00+02:00,E2,Ordinær,1,400.00,web,reserved,eva@example.no,9008
"""
"""Twelve months to 2025-12-31: customers kari and per; ola is lost; one anonymous order; a return; a reservation."""


def sales_file(folder: Path, text: str = SALES) -> Path:
    """The sales above as a file."""
    file = folder / "sales.csv"
    file.write_text(text, encoding="utf-8")
    return file


def on_terminal(node: Node, *words: str | Path, columns: int = 80, answer: str = "") -> Ended:
    """The same on a terminal of so many columns, whose person types `answer`. All that the terminal shows is `out`."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [str(PROGRAM), "--home", str(node.home), *map(str, words)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment | _PLAIN) as process:
        os.close(theirs)
        if answer:
            os.write(ours, answer.encode() + b"\n")
        shown = b""
        while True:
            try:
                read = os.read(ours, 65_536)
            except OSError:  # how Linux says that the other side has closed
                break
            if not read:
                break
            shown += read
        status = process.wait(timeout=120)
    os.close(ours)
    return Ended(status, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode()).replace("\r\n", "\n"), "")


_PLAIN = {"TERM": "xterm", "NO_COLOR": "1"}
