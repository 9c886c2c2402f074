"""A ledger's file put in another's place: the old one stays beside it, and nobody writes to it meanwhile.

What a power failure on the way leaves is in `test_power_loss`, for three recoveries.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy.ledger import replacing
from privacy.ledger.errors import LedgerBusy, LedgerUnavailable
from privacy.ledger.leaves import Recovered
from privacy.ledger.recovery import Replica, recover
from privacy.ledger.store import Ledger
from tests.privacy.ledger.disk import NoRecording
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, policy, spent
from tests.privacy.ledger.houses import ASIDE, LATER, THIRD, Witnessed, goes_on, rolled_back, witnessed
from tests.privacy.ledger.power_loss import Folder, Recording, images, read
from tests.privacy.ledger.power_scenarios import SCENARIOS, leave_hot_journal
from tests.privacy.ledger.witnessed import LOG_KEY, create, hexadecimal, replica, write


@pytest.fixture
def house(tmp_path: Path) -> Witnessed:
    return witnessed(tmp_path / "ledger.sqlite")


# Journals.


def test_a_journal_beside_a_file_that_is_gone_is_not_played_into_the_new_one(house: Witnessed) -> None:
    leave_hot_journal(house.path)
    house.path.unlink()
    house.recover(None)
    assert house.files == [f"{ASIDE}-journal", "ledger.sqlite"]
    goes_on(house, house.mine())


def test_a_journal_beside_a_file_that_cannot_be_read_goes_aside_with_it(house: Witnessed) -> None:
    leave_hot_journal(house.path)
    house.path.write_bytes(house.path.read_bytes()[:4096])
    old = [each.read_bytes() for each in (house.path, house.path.with_name("ledger.sqlite-journal"))]
    house.recover(None)
    assert house.files == [ASIDE, f"{ASIDE}-journal", "ledger.sqlite"]
    assert [house.path.with_name(name).read_bytes() for name in house.files[:2]] == old
    goes_on(house, house.mine())


def test_a_journal_beside_a_sound_file_is_played_back_into_that_one(house: Witnessed) -> None:
    rolled_back(house)
    leave_hot_journal(house.path)
    mine = house.mine()
    assert len(mine.entries) == 4
    house.recover(mine)
    with Ledger.open(house.path.with_name(ASIDE)) as ledger:
        assert ledger.contents() == mine
    goes_on(house, house.mine())


# Other processes, and ends on the way.


def test_a_process_that_writes_to_the_old_file_stops_it(house: Witnessed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "_BUSY_S", 0)
    mine = rolled_back(house)
    with Ledger.open(house.path) as other:
        with other.transaction() as transaction:
            transaction.append(policy(4))
            with pytest.raises(LedgerBusy):
                house.recover(mine)
        with pytest.raises(LedgerBusy):  # it has booked more than was read
            house.recover(mine)
        assert house.files == ["ledger.sqlite"]
    assert house.recover(house.mine()).given_up == 1


def test_a_process_that_had_the_old_file_open_writes_to_neither(house: Witnessed) -> None:
    mine = rolled_back(house)
    with Ledger.open(house.path) as other:
        house.recover(mine)
        with pytest.raises(LedgerUnavailable, match="another file was put in its place"):
            write(other, spent(4, LATER, b"third", THIRD), b"third")
    with Ledger.open(house.path.with_name(ASIDE)) as ledger:
        assert ledger.contents() == mine
    goes_on(house, house.mine())


def test_a_process_whose_file_was_taken_away_writes_nothing(house: Witnessed) -> None:
    with Ledger.open(house.path) as ledger:
        house.path.unlink()
        with pytest.raises(LedgerUnavailable):
            write(ledger, policy(5))


@pytest.mark.parametrize("name", ["forked", "interrupted", "lost"])
def test_killed_at_any_step_it_leaves_the_old_file_or_the_new_one_and_can_be_done_again(
    tmp_path: Path, name: str
) -> None:
    """Each step is what a process asks of its system: `images` gives the folder as it is between two of them, first."""
    (tmp_path / "recorded").mkdir()
    try:
        recording = SCENARIOS[name](tmp_path / "recorded")
    except NoRecording as error:
        pytest.skip(f"NOTHING WAS KILLED: {error}")
    with create(tmp_path / "witness.sqlite") as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        theirs = replica(ledger.contents())
    found = []
    for number, (point, folder) in enumerate(_killed(recording)):
        place = tmp_path / str(number)
        place.mkdir()
        for file, content in folder.items():
            (place / file).write_bytes(content)
        state = read(place)
        assert state in recording.allowed(point)
        found.append(state == recording.states[-1])
        if state == recording.states[0] and isinstance(state, str):
            _recovered_again(place / "ledger.sqlite", theirs)
    assert found == sorted(found), "the new ledger was there, and was gone again"
    assert True in found


def _killed(recording: Recording) -> Iterator[tuple[int, Folder]]:
    for number, image in enumerate(images(recording, 0, random.Random(1))):
        if number % 4 == 0:  # the first of each instant is as a kill leaves it
            yield image


def _recovered_again(path: Path, theirs: Replica) -> None:
    recover(
        path,
        theirs,
        origin=ORIGIN,
        mine=None,
        fetch=lambda _digest: ENVELOPE,
        public_key=hexadecimal(LOG_KEY),
        now=LATER,
    )
    with Ledger.open(path) as ledger:
        assert isinstance(ledger.contents().last, Recovered)
