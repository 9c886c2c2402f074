"""The power fails while a ledger is written to: what was done is there, and whatever was under way is whole or is not.

Some ten seconds. Over a hundred thousand images, by hand: `python -m tests.privacy.ledger.power_loss --images 100000`.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy.ledger import newfile, replacing
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Recovered
from tests.privacy.ledger.disk import Name, NoRecording, Rename, Sync, SyncFolder, Write
from tests.privacy.ledger.power_loss import Findings, Recording, check, images, read
from tests.privacy.ledger.power_scenarios import SCENARIOS, careless, creating, lost

IMAGES = 2_000
"""Of each scenario."""
SEED = 20260105


def made(scenario: Callable[[Path], Recording], folder: Path) -> Recording:
    try:
        return scenario(folder)
    except NoRecording as error:
        pytest.skip(f"NO POWER FAILED: {error}")


def looked_into(scenario: Callable[[Path], Recording], folder: Path) -> tuple[Recording, Findings]:
    recording = made(scenario, folder)
    return recording, check(recording, IMAGES, SEED)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_power_failure_leaves_what_was_done_and_all_or_nothing_of_what_was_under_way(
    tmp_path: Path, name: str
) -> None:
    recording, findings = looked_into(SCENARIOS[name], tmp_path)
    assert findings.wrong == []
    assert findings.images == IMAGES
    assert findings.different > recording.points
    assert all(isinstance(state, Contents) for state in recording.states[1:])
    if recording.states[0] != recording.states[-1]:
        assert min(findings.found["as it was"], findings.found["as it was to be"]) > 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_recording_has_all_that_was_done(tmp_path: Path, name: str) -> None:
    """Else the test above would look into other disks than there can be."""
    recording = made(SCENARIOS[name], tmp_path)
    *_, (last, folder), _, _, _ = images(recording, 0, random.Random(SEED))  # the first of the last four: as killed
    assert last == len(recording.log)
    assert folder == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kinds = {type(each) for each in recording.log}
    assert {Name, Write, Sync, SyncFolder} <= kinds
    assert (Rename in kinds) == (name in ("forked", "interrupted", "lost"))


def test_what_is_recovered_says_so(tmp_path: Path) -> None:
    for name, before in (("forked", Contents), ("interrupted", str), ("lost", str)):
        folder = tmp_path / name
        folder.mkdir()
        recording = made(SCENARIOS[name], folder)
        first, last = recording.states
        assert isinstance(first, before)
        assert isinstance(last, Contents)
        assert isinstance(last.last, Recovered)
        assert all(release.envelope for release in last.releases)
        assert read(folder) == last


# What it is measured by: each of these is caught.


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL", "FULL"])
def test_a_ledger_that_cared_less_for_the_disk_would_be_caught(tmp_path: Path, synchronous: str) -> None:
    _, findings = looked_into(careless(synchronous), tmp_path)
    assert findings.wrong
    damaged = [line for line in findings.wrong if line.endswith("damaged")]
    if synchronous == "OFF":
        assert len(damaged) > 100
    if synchronous == "FULL":  # the commit may be undone by the journal, which is not durably removed; no more
        assert damaged == []


def test_as_much_care_as_a_ledger_takes_is_enough_for_the_same(tmp_path: Path) -> None:
    assert looked_into(careless("EXTRA"), tmp_path)[1].wrong == []


@pytest.mark.parametrize(("place", "scenario"), [(newfile, creating), (replacing, lost)])
def test_names_that_are_not_synchronised_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: object, scenario: Callable[[Path], Recording]
) -> None:
    monkeypatch.setattr(place, "synchronise", lambda _folder: None)
    _, findings = looked_into(scenario, tmp_path)
    assert findings.wrong
