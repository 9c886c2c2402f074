"""One sketch a year and a sketch every year; and an answer in one round is none in another."""

from datetime import date, timedelta

import pytest

from coordinator.cross_use import markets
from coordinator.cross_use.sketches import Incoming, incoming
from coordinator.errors import SketchDiffers
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.rounds.rounds import open_round
from coordinator.rounds.stages import Stage
from privacy.bounds.windows import twelve_months_to
from tests.coordinator.cross_use.house import (
    CROSS,
    ONES,
    TEXT,
    Sketcher,
    a_cross_round,
    market_of,
    members,
    put,
    sealed,
    sketched,
    study_of,
)
from tests.coordinator.house import NOW, Joined

NEXT_YEAR = twelve_months_to(date(2026, 1, 31))
LATER = NOW + timedelta(days=30)


def a_round_of_the_next_year(office: Office, name: str = "next") -> None:
    """One over months that end in 2026; those of `a_cross_round` end in 2025."""
    until = LATER + timedelta(days=20)
    open_round(office, CROSS, NEXT_YEAR.last, until, LATER, 2, name, LATER + timedelta(days=10))


def of_the_next_year(office: Office, member: Joined, bits: object = None) -> Sketcher:
    """A member's sketch for it, booked."""
    return sketched(office, member, bits=bits, now=LATER, epoch="2026", window=NEXT_YEAR)


def test_a_member_sends_a_sketch_of_every_year(office: Office) -> None:
    aker, bryggen = members(office, "aker", "bryggen")
    a_cross_round(office, "cross")
    first = sketched(office, aker)
    put(office, first, "cross", sealed(office, first, "cross", [bryggen]))
    a_round_of_the_next_year(office)
    second = of_the_next_year(office, aker)
    assert second.sketch != first.sketch
    put(office, second, "next", sealed(office, second, "next", [bryggen]), LATER)
    assert [rounds.get(office.store, name).sketches for name in ("cross", "next")] == [1, 1]


def test_a_sketch_of_another_year_that_comes_meanwhile_hinders_none(office: Office) -> None:
    """It is looked for when the header comes, and once more when all of it is there."""
    aker, _ = members(office, "aker", "bryggen")
    a_cross_round(office, "cross")
    a_round_of_the_next_year(office)
    first = sketched(office, aker)
    second = of_the_next_year(office, aker)
    one = sealed(office, first, "cross")
    with incoming(office, aker.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        put(office, second, "next", sealed(office, second, "next"), LATER)
        for chunk in one.chunks:
            entered.feed(chunk)
        entered.finish(NOW)
    assert [rounds.get(office.store, name).sketches for name in ("cross", "next")] == [1, 1]


def test_the_second_year_too_has_one(office: Office) -> None:
    aker, _ = members(office, "aker", "bryggen")
    a_cross_round(office, "cross")
    first = sketched(office, aker)
    put(office, first, "cross", sealed(office, first, "cross"))
    a_round_of_the_next_year(office)
    second = of_the_next_year(office, aker)
    put(office, second, "next", sealed(office, second, "next"), LATER)
    rounds.abort(office.store, "next", "a test", LATER)
    a_round_of_the_next_year(office, "again")
    third = of_the_next_year(office, aker, ONES)
    with pytest.raises(SketchDiffers, match="2026 to round next"):
        put(office, third, "again", sealed(office, third, "again"), LATER)


def test_a_sketch_in_another_round_is_no_answer_to_this_one(office: Office) -> None:
    """Who has sent none yet is waited for, though the same sketch is there for another round of the year."""
    found = members(office, "aker", "bryggen", "fjord")
    a_cross_round(office, "cross")
    a_cross_round(office, "other", study=study_of(TEXT.replace('"cross"', '"other"')))
    aker, bryggen, fjord = (sketched(office, each) for each in found)
    for who in (aker, bryggen):
        put(office, who, "cross", sealed(office, who, "cross"))
    put(office, fjord, "other", sealed(office, fjord, "other"))
    assert markets.form_due(office, NOW) == ()
    assert rounds.get(office.store, "cross").stage is Stage.SKETCH
    put(office, fjord, "cross", sealed(office, fjord, "cross"))
    assert [each.id for each in markets.form_due(office, NOW)] == ["cross"]
    assert market_of(office, "cross").members == ("aker", "bryggen", "fjord")


def test_nor_is_it_in_the_market_of_this_one(office: Office) -> None:
    found = members(office, "aker", "bryggen", "fjord")
    a_cross_round(office, "cross")
    a_cross_round(office, "other", study=study_of(TEXT.replace('"cross"', '"other"')))
    aker, bryggen, fjord = (sketched(office, each) for each in found)
    for who in (aker, bryggen):
        put(office, who, "cross", sealed(office, who, "cross"))
    put(office, fjord, "other", sealed(office, fjord, "other"))
    submissions.decline(office.store, fjord.joined.caller, "cross", NOW)
    assert [each.id for each in markets.form_due(office, NOW)] == ["cross"]
    assert market_of(office, "cross").members == ("aker", "bryggen")
