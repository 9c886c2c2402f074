"""Rounds of cross-use: opened with two deadlines, or not at all, and beside rounds of tables."""

from datetime import date, datetime, timedelta

import pytest

from coordinator.errors import RoundExists, UsageError
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.rounds.stages import Stage
from tests.coordinator.cross_use.house import CROSS, SKETCHES_UNTIL, a_cross_round, announced, members
from tests.coordinator.house import BENCHMARK, DEADLINE, NOW, WINDOW_LAST, a_round, contents

SECOND = timedelta(seconds=1)


def test_a_round_says_until_when_it_takes_sketches(office: Office) -> None:
    members(office, "aker", "bryggen")
    opened = a_cross_round(office)
    assert opened.id == "cross-2025-12"
    assert (opened.sketch_deadline, opened.deadline) == (SKETCHES_UNTIL, DEADLINE)
    assert (opened.stage, opened.sketches, opened.market) == (Stage.SKETCH, 0, None)
    said, _ = announced(office, opened.id)
    assert said.sketch_deadline == SKETCHES_UNTIL
    assert rounds.next_deadline(office.store) == SKETCHES_UNTIL
    before = contents(office.store)
    assert a_cross_round(office) == opened
    assert contents(office.store) == before
    tables = a_round(office)
    assert (tables.stage, tables.sketch_deadline) == (None, None)


@pytest.mark.parametrize("until", [None, NOW, NOW - SECOND, DEADLINE, DEADLINE + SECOND])
def test_sketches_are_taken_between_now_and_the_deadline(office: Office, until: datetime | None) -> None:
    members(office, "aker", "bryggen")
    before = contents(office.store)
    with pytest.raises(UsageError):
        rounds.open_round(office, CROSS, WINDOW_LAST, DEADLINE, NOW, 2, sketch_deadline=until)
    assert contents(office.store) == before


@pytest.mark.parametrize("back", [2, 3, 9])
def test_a_year_that_members_have_forgotten_is_not_asked_for(office: Office, back: int) -> None:
    members(office, "aker", "bryggen")
    before, last = contents(office.store), date(NOW.year - back, 12, 31)
    with pytest.raises(UsageError, match=f"asks for {NOW.year - 1} at the earliest, .* one of {last.year}"):
        rounds.open_round(office, CROSS, last, DEADLINE, NOW, 2, sketch_deadline=SKETCHES_UNTIL)
    assert contents(office.store) == before
    rounds.open_round(office, BENCHMARK, last, DEADLINE, NOW, 1)  # tables are of no list


def test_the_year_before_the_deadline_is_the_first_that_is_asked_for(office: Office) -> None:
    """A round that goes over New Year is counted in the new year, when the year before the last is forgotten."""
    members(office, "aker", "bryggen")
    last, over = date(NOW.year - 1, 1, 31), datetime(NOW.year + 1, 1, 2, tzinfo=NOW.tzinfo)
    with pytest.raises(UsageError, match=f"ends in {over.year}"):
        rounds.open_round(office, CROSS, last, over, NOW, 2, sketch_deadline=SKETCHES_UNTIL)
    assert rounds.open_round(office, CROSS, last, DEADLINE, NOW, 2, sketch_deadline=SKETCHES_UNTIL).stage


def test_a_round_of_tables_takes_no_sketches(office: Office) -> None:
    members(office, "aker")
    with pytest.raises(UsageError, match="no study of cross-use"):
        rounds.open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE, NOW, 1, sketch_deadline=SKETCHES_UNTIL)


def test_one_alone_has_nobody_to_count_against(office: Office) -> None:
    members(office, "aker")
    with pytest.raises(UsageError, match="2 or more"):
        a_cross_round(office, quorum=1)


def test_a_market_has_not_more_members_than_there_is_room_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    members(office, "aker", "bryggen", "fjord")
    monkeypatch.setattr(rounds, "MOST_MEMBERS", 2)
    with pytest.raises(UsageError, match="3 active members"):
        a_cross_round(office)
    monkeypatch.setattr(rounds, "MOST_MEMBERS", 3)
    a_cross_round(office)


def test_the_same_round_with_another_time_for_sketches_is_another(office: Office) -> None:
    members(office, "aker", "bryggen")
    a_cross_round(office)
    with pytest.raises(RoundExists):
        rounds.open_round(office, CROSS, WINDOW_LAST, DEADLINE, NOW, 2, sketch_deadline=SKETCHES_UNTIL - SECOND)
