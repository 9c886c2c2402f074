"""A thousand times kill -9 of a process that books, has cosigned and sends: a ledger is whole after each of them.

Some twenty seconds on two idle cores. Kills by hand, for as long as you like: `python -m tests.privacy.ledger.kills`.
"""

import json
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.privacy.ledger.child import PHASES

ROOT = Path(__file__).parents[3]
KILLS = 1_000

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="NOTHING WAS KILLED: there is no fork")


def start(*words: str | Path | int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.privacy.ledger.kills", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def report(process: "subprocess.Popen[str]") -> dict[str, Any]:
    output, errors = process.communicate()
    assert process.returncode == 0, f"{' '.join(map(str, process.args))}\n{errors}"  # type: ignore[arg-type]
    found = json.loads(output)
    assert isinstance(found, dict)
    print(found)
    return found


def test_killed_at_any_instant_it_has_all_that_was_acknowledged_and_sent_nothing_that_was_not_paid_for(
    tmp_path: Path,
) -> None:
    """Half of the ledgers are in memory, where it is possible: there the phases are others' lengths than on a disk."""
    seeds = [secrets.randbits(32) for _ in range(2)]
    places: list[tuple[str | Path, ...]] = [(), ("--folder", tmp_path)]
    running = [start("--kills", KILLS // 2, "--seed", seed, *place) for seed, place in zip(seeds, places, strict=True)]
    reports = [report(process) for process in running]
    assert sum(each["kills"] for each in reports) == KILLS
    phases = sum((Counter(each["phases"]) for each in reports), Counter[str]())
    assert set(phases) == set(PHASES), f"{seeds}: the kills never hit some phases"
    assert sum(each["journals"] for each in reports) > 0, f"{seeds}: no kill left a commit half done"
    assert sum(each["sent"] for each in reports) > 0


def test_killed_before_any_statement_it_goes_on() -> None:
    found = report(start("--statements"))
    assert found["kills"] > 80
    assert found["releases"] >= found["kills"]
    assert {"creating", "opening", "comparing", "booking", "entry appended", "committing", "keeping"} <= set(
        found["phases"]
    )


def test_bytes_that_were_sent_before_they_were_booked_are_noticed() -> None:
    process = start("--hasty", "--kills", KILLS)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "AssertionError: the wire saw " in errors
