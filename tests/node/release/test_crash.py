"""Processes that are killed, and processes that meet. About eight seconds: a dozen of them load OpenDP.

What they release has quantiles, and tables that are made of those: nothing of it is drawn twice.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from node.release.make import Ready
from privacy.ledger.leaves import Spent
from tests.node.release.house import BOOKING, TIERED, TIERED_POLICY, House, build, tiered_exact

ROOT = Path(__file__).parents[3]
BEFORE_COMMIT = BOOKING[:-1]


def start(house: House, point: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.node.release.child", str(house.folder), point],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def spends(house: House) -> list[Spent]:
    return [entry for entry in house.contents().entries if isinstance(entry, Spent)]


def released(house: House) -> Ready:
    return house.release(TIERED, cells=tiered_exact(7), policy=TIERED_POLICY)


def assert_one_spend_for_ever_after(house: House, first: Ready) -> None:
    for _ in range(2):
        assert released(house) == Ready(first.seq, first.envelope, already=True)
    assert [entry.seq for entry in spends(house)] == [first.seq]


@pytest.mark.parametrize("point", BEFORE_COMMIT)
def test_killed_before_the_commit_it_leaves_nothing(tmp_path: Path, point: str) -> None:
    house = build(tmp_path)
    process = start(house, point)
    output, _ = process.communicate()
    assert (process.returncode, output) == (-signal.SIGKILL, "")
    assert [entry.type for entry in house.contents().entries] == ["open"]
    assert house.contents().releases == ()

    first = released(house)
    assert not first.already
    assert_one_spend_for_ever_after(house, first)


def test_killed_after_the_commit_it_leaves_the_entry_with_its_bytes(tmp_path: Path) -> None:
    house = build(tmp_path)
    process = start(house, "committed")
    output, _ = process.communicate()
    assert (process.returncode, output) == (-signal.SIGKILL, "")
    assert [entry.type for entry in house.contents().entries] == ["open", "policy", "spend"]

    (stored,) = house.contents().releases
    assert stored.envelope is not None
    assert_one_spend_for_ever_after(house, Ready(stored.seq, stored.envelope, already=False))


def test_processes_that_release_at_once_spend_once_and_get_the_same_bytes(tmp_path: Path) -> None:
    house = build(tmp_path)
    processes = [start(house, "wait") for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]

    (stored,) = house.contents().releases
    assert stored.envelope is not None
    assert outputs == {stored.envelope.hex()}
    assert len(spends(house)) == 1
