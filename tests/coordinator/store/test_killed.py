"""Processes that are killed at every statement, and processes that meet. About twenty seconds."""

import json
import shutil
import signal
import subprocess
import sys
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
    contents,
    institution,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import a_ledger
from tests.coordinator.store.child import operate

ROOT = Path(__file__).parents[3]


def child(*words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.coordinator.store.child", *map(str, words)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coordinator with a member, a round, a release and a request that wait to be sent."""
    folder = tmp_path_factory.mktemp("prepared")
    with an_office(folder) as office:
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


def dump(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with opened(Home(folder / "coordinator")) as office:
        return contents(office.store)


@pytest.fixture(scope="module")
def witnessed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same once the entry that books the release is cosigned."""
    folder = tmp_path_factory.mktemp("witnessed") / "there"
    shutil.copytree(prepared, folder)
    with opened(Home(folder / "coordinator")) as office:
        operate("witness", folder, office)
    return folder


@pytest.fixture(scope="module")
def sketching(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coordinator of two members in a round of cross-use: one has sent its sketch, the other's waits to be sent."""
    folder = tmp_path_factory.mktemp("sketching")
    with an_office(folder) as office:
        aker, bryggen = members(office, "aker", "bryggen")
        a_cross_round(office, "cross")
        sent, waits = (sketched(office, each) for each in (aker, bryggen))
        put(office, sent, "cross", sealed(office, sent, "cross"))
        one = sealed(office, waits, "cross")
        (folder / "certificate").write_bytes(bryggen.enrolled.certificate)
        (folder / "sketch").write_text("\n".join(part.hex() for part in (one.header, *one.chunks)))
    return folder


@pytest.fixture(scope="module")
def to_be_counted(sketching: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with both sketches, so that a market can be made."""
    folder = tmp_path_factory.mktemp("counting") / "there"
    shutil.copytree(sketching, folder)
    with opened(Home(folder / "coordinator")) as office:
        operate("sketch", folder, office)
    return folder


BEFORE = {"witness": "prepared", "sketch": "sketching", "market": "to_be_counted"}
"""What an operation works on, where that is not `witnessed`."""

OPERATIONS = ("enrol", "witness", "submit", "decline", "open", "close", "revoke", "leave", "sketch", "market")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_any_statement_it_leaves_nothing_half_done(
    request: pytest.FixtureRequest, tmp_path: Path, operation: str
) -> None:
    shutil.copytree(request.getfixturevalue(BEFORE.get(operation, "witnessed")), tmp_path / "base")
    before = dump(tmp_path / "base")
    output, _ = child("kill", operation, tmp_path).communicate(timeout=120)
    killed: list[int] = json.loads(output)
    assert killed[-1] == 0  # the last was not killed, and came to the end
    assert len(killed) > 3
    assert set(killed[:-1]) == {-signal.SIGKILL}
    after = dump(tmp_path / str(len(killed) - 1))
    for number in range(len(killed) - 1):
        assert dump(tmp_path / str(number)) in (before, after)
    assert dump(tmp_path / "2") == before
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
    request: pytest.FixtureRequest, tmp_path: Path, operation: str, table: str, added: int
) -> None:
    shutil.copytree(request.getfixturevalue(BEFORE.get(operation, "witnessed")), tmp_path / "0")
    before = dump(tmp_path / "0")
    processes = [child("wait", operation, tmp_path / "0") for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outputs = {process.communicate("go\n", timeout=120)[0] for process in processes}
    assert len(outputs) == 1
    assert outputs != {""}
    after = dump(tmp_path / "0")
    assert len(after[table]) == len(before[table]) + added
    assert len(after["events"]) == len(before["events"]) + (2 if operation == "submit" else 1)
