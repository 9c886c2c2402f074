"""Processes that are killed at every statement, and processes that meet. About fifteen seconds."""

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


@pytest.mark.parametrize("operation", ["enrol", "witness", "submit", "decline", "open", "close", "revoke", "leave"])
def test_killed_at_any_statement_it_leaves_nothing_half_done(
    prepared: Path, witnessed: Path, tmp_path: Path, operation: str
) -> None:
    shutil.copytree(prepared if operation == "witness" else witnessed, tmp_path / "base")
    before = dump(tmp_path / "base")
    output, _ = child("kill", operation, tmp_path).communicate(timeout=120)
    killed: list[int] = json.loads(output)
    assert killed[-1] == 0  # the last was not killed, and came to the end
    assert len(killed) > 3
    assert set(killed[:-1]) == {-signal.SIGKILL}
    for number in range(len(killed) - 1):
        assert dump(tmp_path / str(number)) == before
    after = dump(tmp_path / str(len(killed) - 1))
    assert len(after["events"]) > len(before["events"])
    changed = {name for name in before if before[name] != after[name]}
    assert len(changed) > 1


@pytest.mark.parametrize(
    ("operation", "table", "added"),
    [("enrol", "certificates", 1), ("submit", "submissions", 1), ("witness", "ledger_checkpoints", 1)],
)
def test_processes_that_ask_the_same_at_once_get_the_same_answer(
    prepared: Path, witnessed: Path, tmp_path: Path, operation: str, table: str, added: int
) -> None:
    shutil.copytree(prepared if operation == "witness" else witnessed, tmp_path / "0")
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
