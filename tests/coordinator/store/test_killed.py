"""Processes that are killed at every statement, and processes that meet. About a minute."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.home import Home
from coordinator.members.invitations import Handed
from coordinator.members.members import invite
from coordinator.office import opened
from tests.coordinator.cross_use.house import a_cross_round, members, put, sealed, sketched
from tests.coordinator.house import (
    NOW,
    Keys,
    a_message,
    a_round,
    an_office,
    institution,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import a_ledger
from tests.coordinator.store.child import held, operate
from tests.databases import Databases, copied_folder

ROOT = Path(__file__).parents[3]


def _unnumbered(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without the events' numbers: PostgreSQL leaves out those of what was rolled back."""
    return rows | {"events": [row[1:] for row in rows["events"]]}


def child(*words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.coordinator.store.child", *map(str, words)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[str]:
    """A database; all others here are copies of it."""
    with databases.one() as url:
        yield url


@pytest.fixture(scope="module")
def prepared(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coordinator with a member, a round, a release and a request that wait to be sent."""
    folder = tmp_path_factory.mktemp("prepared")
    with an_office(folder, store) as office:
        member = joined(office, "fjordteatret")
        round_id = a_round(office, "first").id
        handed: Handed = invite(office, institution("museum"), NOW)
        keys = Keys()
        csr = keys.csr()
        envelope = signed(member, a_message(member))
        ledger = a_ledger(office, member).spend(envelope)
        (folder / "envelope").write_bytes(envelope)
        (folder / "certificate").write_bytes(member.enrolled.certificate)
        (folder / "checkpoint").write_bytes(ledger.checkpoint())
        (folder / "leaves.json").write_text(json.dumps([leaf.decode() for leaf in ledger.leaves]))
        (folder / "csr").write_bytes(csr)
        (folder / "signature").write_bytes(keys.enrolling(csr))
        (folder / "token").write_bytes(token_of(handed))
        assert round_id == "first"
    return folder


@pytest.fixture(scope="module")
def witnessed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same once the entry that books the release is cosigned."""
    folder = tmp_path_factory.mktemp("witnessed") / "there"
    copied_folder(prepared, folder)
    with opened(Home(folder / "coordinator")) as office:
        operate("witness", folder, office)
    return folder


@pytest.fixture(scope="module")
def sketching(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A coordinator of two members in a round of cross-use: one has sent its sketch, the other's waits to be sent."""
    folder = tmp_path_factory.mktemp("sketching")
    with databases.one() as url:
        _sketching(folder, url)
        yield folder


def _sketching(folder: Path, url: str) -> None:
    with an_office(folder, url) as office:
        aker, bryggen = members(office, "aker", "bryggen")
        a_cross_round(office, "cross")
        sent, waits = (sketched(office, each) for each in (aker, bryggen))
        put(office, sent, "cross", sealed(office, sent, "cross"))
        one = sealed(office, waits, "cross")
        (folder / "certificate").write_bytes(bryggen.enrolled.certificate)
        (folder / "sketch").write_text("\n".join(part.hex() for part in (one.header, *one.chunks)))


@pytest.fixture(scope="module")
def to_be_counted(sketching: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with both sketches, so that a market can be made."""
    folder = tmp_path_factory.mktemp("counting") / "there"
    copied_folder(sketching, folder)
    with opened(Home(folder / "coordinator")) as office:
        operate("sketch", folder, office)
    return folder


BEFORE = {"witness": "prepared", "sketch": "sketching", "market": "to_be_counted"}
"""What an operation works on, where that is not `witnessed`."""

OPERATIONS = ("enrol", "witness", "submit", "decline", "open", "close", "revoke", "leave", "sketch", "market")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_any_statement_it_leaves_nothing_half_done(
    databases: Databases, request: pytest.FixtureRequest, tmp_path: Path, operation: str
) -> None:
    copied_folder(request.getfixturevalue(BEFORE.get(operation, "witnessed")), tmp_path / "base")
    before = held(tmp_path / "base")
    output, _ = child("kill", operation, tmp_path).communicate(timeout=120)
    ended: list[list[int | bool]] = json.loads(output)
    assert ended[-1] == [0, False]  # the last was not killed, and came to the end
    assert len(ended) > 3
    assert {status for status, _ in ended[:-1]} == {-signal.SIGKILL}
    after = held(tmp_path / "last")
    for there in tmp_path.glob("changed-*"):
        assert _unnumbered(held(there)) == _unnumbered(after)
    assert all(as_it_was for _, as_it_was in ended[:3])
    assert len(after["events"]) > len(before["events"])
    changed = {name for name in before if before[name] != after[name]}
    assert len(changed) > 1


@pytest.mark.parametrize(
    ("operation", "table", "added"),
    [
        ("enrol", "certificates", 1),
        ("submit", "submissions", 1),
        ("witness", "ledger_checkpoints", 1),
        ("sketch", "sketches", 1),
        ("market", "markets", 1),
    ],
)
def test_processes_that_ask_the_same_at_once_get_the_same_answer(
    databases: Databases, request: pytest.FixtureRequest, tmp_path: Path, operation: str, table: str, added: int
) -> None:
    copied_folder(request.getfixturevalue(BEFORE.get(operation, "witnessed")), tmp_path / "0")
    before = held(tmp_path / "0")
    processes = [child("wait", operation, tmp_path / "0") for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outputs = {process.communicate("go\n", timeout=120)[0] for process in processes}
    assert len(outputs) == 1
    assert outputs != {""}
    after = held(tmp_path / "0")
    assert len(after[table]) == len(before[table]) + added
    assert len(after["events"]) == len(before["events"]) + (2 if operation == "submit" else 1)
