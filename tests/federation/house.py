"""A federation of real processes over loopback: the coordinator's program, the nodes' programs, and their folders."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from coordinator.home import Home as Office
from coordinator.office import Office as Opened
from coordinator.office import opened
from coordinator.rounds.rounds import Round, get
from coordinator.rounds.submissions import releases
from node.home import Home
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from tests.coordinator.house import contents
from tests.node.cli.run import Ended, Node

PROGRAM = Path(sys.executable).with_name("kudos-coordinator")
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}

MEMBERS = ("aker", "bryggen", "fjord", "havn", "lade", "tinden")
"""The first makes the network's identity key; the last is the one that stays away."""

WINDOW_LAST = "2025-12-31"

STUDY = """
name = "small"
version = 1
title = "Totals of twelve months, for houses with a handful of customers"
window = "year"
rho = "0.03"
cohorts = ["network", "industry", "county", "industry-county", "size"]

[bounds]
max_orders = 2
max_lines = 4
max_tickets = 4
max_revenue_kr = 1000

[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25

[[tables]]
name = "totals"
shares = { customers = 1, orders = 1, tickets = 1, revenue = 1 }
"""
"""A study whose noise five tiny houses outweigh, so that there is something to publish."""

_draw = random.SystemRandom()


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on, below those that the system gives to outgoing connections."""
    found: list[int] = []
    while len(found) < number:
        port = _draw.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def now() -> datetime:
    """This second, UTC."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Coordinator:
    """A coordinator's folder, and commands on it."""

    home: Path

    def __call__(self, *words: str | Path) -> Ended:
        result = subprocess.run(
            [str(PROGRAM), "--home", str(self.home), *map(str, words)],
            capture_output=True,
            text=True,
            env=_ENVIRONMENT,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        return Ended(result.returncode, result.stdout, result.stderr)

    def good(self, *words: str | Path) -> Any:
        """What a command that must succeed says to programs."""
        ended = self(*words, "--json")
        assert ended.status == 0, ended.err
        return ended.json

    @contextmanager
    def office(self) -> Iterator[Opened]:
        """The coordinator, opened in this process beside its server."""
        with opened(Office(self.home)) as office:
            yield office

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the store."""
        with self.office() as office:
            return contents(office.store)

    @property
    def addresses(self) -> tuple[str, str]:
        """Of the federation port and of the enrolment port."""
        settings = Office(self.home).settings()
        return settings.federation.address, settings.enrolment.address


def made(folder: Path) -> Coordinator:
    """A new coordinator on free ports, made by its program."""
    federation, enrolment = (f"127.0.0.1:{port}" for port in free_ports(2))
    coordinator = Coordinator(folder)
    listening = ("--listen-federation", federation, "--listen-enrolment", enrolment)
    ports = ("--federation", federation, "--enrolment", enrolment, *listening)
    coordinator.good("init", "--trust-domain", "npu.example", "--name", "NPU", *ports)
    return coordinator


class Serving:
    """`kudos-coordinator serve` as a child, answering since this was made.

    `program` is what is run in its place: a script that ends the process at a named point.
    """

    def __init__(self, coordinator: Coordinator, program: Sequence[str | Path] = (PROGRAM,)) -> None:
        self.log = coordinator.home.with_name(f"{coordinator.home.name}.log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*map(str, program), "--home", str(coordinator.home), "serve", "--poll", "1", "--json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_ENVIRONMENT,
                text=True,
            )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.strip() == "}":
                break
        assert '"federation"' in said, said + self.log.read_text()
        self.ports: dict[str, int] = json.loads(said)

    def stop(self) -> int:
        """Ends it as an operator does; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode

    def __enter__(self) -> "Serving":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


@dataclass(frozen=True)
class Federation:
    """The folders of a coordinator and of its members' nodes, side by side."""

    folder: Path

    @property
    def coordinator(self) -> Coordinator:
        """The coordinator's."""
        return Coordinator(self.folder / "coordinator")

    def node(self, member: str) -> Node:
        """A member's program on its folder."""
        return Node(self.folder / member)

    def home(self, member: str) -> Home:
        """A member's folder, for this process."""
        return Home(self.folder / member)

    def copied(self, to: Path) -> "Federation":
        """The same federation in another folder, on other ports."""
        shutil.copytree(self.folder, to)
        there = Federation(to)
        files = [there.coordinator.home / "config.toml", *to.glob("*/network.toml")]
        ports = [address.rpartition(":")[2] for address in self.coordinator.addresses]
        for old, new in zip(ports, free_ports(2), strict=True):
            for file in files:
                file.write_text(file.read_text().replace(f":{old}", f":{new}"))
        return there

    @property
    def study(self) -> Path:
        """The file of the study."""
        return self.folder / "small.toml"

    def open_round(self, name: str, window_last: str = WINDOW_LAST, *, quorum: int = 1) -> None:
        """A round of the study that lasts for a day."""
        day = (now() + timedelta(days=2)).date().isoformat()
        words = ("--window-last", window_last, "--deadline", day, "--quorum", str(quorum), "--id", name)
        self.coordinator.good("round", "open", self.study, *words)

    def look(self, name: str) -> Round:
        """A round as the coordinator's store has it."""
        with self.coordinator.office() as office:
            return get(office.store, name)


def good(ended: Ended) -> Ended:
    """The same, of a command that must succeed."""
    assert ended.status == 0, (ended.out, ended.err)
    return ended


def agree_by_itself(home: Home) -> None:
    """Lets the agent answer what the policy allows without a person: the institution edits its own file."""
    file = home.policy_file
    text = file.read_text(encoding="utf-8")
    assert "required = true" in text
    file.write_text(text.replace("required = true", "required = false"), encoding="utf-8")


@dataclass(frozen=True)
class Paid:
    """A release that a ledger has booked."""

    window_last: str
    digest: str
    envelope: bytes


def spent(home: Home) -> list[Paid]:
    """What a node has paid for, entry by entry, with the bytes."""
    ledger = Ledger.open(home.ledger_file)
    try:
        found = ledger.contents()
    finally:
        ledger.close()
    entries = [entry for entry in found.entries if isinstance(entry, Spent)]
    stored = {each.seq: each.envelope for each in found.releases if each.envelope is not None}
    return [Paid(each.window.last.isoformat(), each.release_digest, stored[each.seq]) for each in entries]


def submitted(coordinator: Coordinator, round_name: str) -> dict[str, bytes]:
    """The envelopes that the coordinator's store has of a round, by member."""
    with coordinator.office() as office:
        return {each.member: each.envelope for each in releases(office.store, round_name)}
