"""Sketches and counts whose process is killed at a named step, and processes that meet. About half a minute."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from privacy.ledger.leaves import Spent
from tests.node.release.house import House, build
from tests.node.release.test_crash import BEFORE_COMMIT, ROOT

KINDS = ("sketch", "count")


def start(house: House, what: str, point: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.node.cross_use.child", str(house.folder), what, point],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def spends(house: House) -> list[Spent]:
    return [entry for entry in house.contents().entries if isinstance(entry, Spent)]


@pytest.mark.parametrize("what", KINDS)
def test_killed_before_the_commit_it_leaves_nothing_and_after_it_the_entry_with_its_bytes(
    tmp_path: Path, what: str
) -> None:
    house = build(tmp_path)
    for point in set(BEFORE_COMMIT) - {"chosen"}:  # of cross-use nothing is chosen
        process = start(house, what, point)
        output, _ = process.communicate()
        assert (process.returncode, output) == (-signal.SIGKILL, ""), point
        assert [entry.type for entry in house.contents().entries] == ["open"], point
        assert house.contents().releases == (), point
    process = start(house, what, "committed")
    output, _ = process.communicate()
    assert (process.returncode, output) == (-signal.SIGKILL, "")
    (entry,) = spends(house)
    (stored,) = house.contents().releases
    assert stored.envelope is not None
    again = start(house, what, "-")
    output, _ = again.communicate()
    assert (again.returncode, output.strip()) == (0, str(entry.seq))
    assert house.contents().releases == (stored,)
    assert spends(house) == [entry]


@pytest.mark.parametrize("what", KINDS)
def test_processes_that_meet_book_once(tmp_path: Path, what: str) -> None:
    house = build(tmp_path)
    processes = [start(house, what, "wait") for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = {process.communicate()[0].strip() for process in processes}
    (entry,) = spends(house)
    assert outputs == {str(entry.seq)}
