"""Markets: made once, of the sketches that were there in time, and told and handed to nobody else."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from coordinator.authority.peer import Role
from coordinator.cross_use import handing, markets
from coordinator.errors import (
    NotInMarket,
    NotInRoster,
    NotYet,
    RefusedCall,
    RoleNotAllowed,
    RoundClosed,
    StaleStage,
    TooFewMembers,
    UnknownRound,
    UnknownSketch,
    WrongStudy,
)
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.rounds.stages import Stage
from privacy.rounds.states import State
from privacy.sketch.sealing import Sealed
from tests.coordinator.cross_use.house import (
    SKETCHES_UNTIL,
    Sketcher,
    a_cross_round,
    market_of,
    members,
    put,
    sealed,
    sketched,
)
from tests.coordinator.house import DEADLINE, NOW, Joined, a_round, contents, joined

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def four(office: Office) -> tuple[Office, list[Joined]]:
    """A round of cross-use of four members that needs two sketches."""
    found = members(office, "aker", "bryggen", "fjord", "havn")
    a_cross_round(office, "cross")
    return office, found


Four = tuple[Office, list[Joined]]


def sends(office: Office, member: Joined, round_id: str = "cross") -> tuple[Sketcher, Sealed]:
    """A member that books and sends its sketch."""
    who = sketched(office, member)
    one = sealed(office, who, round_id)
    put(office, who, round_id, one)
    return who, one


def test_a_market_names_the_sketches_that_are_there_and_is_made_once(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    sent = [sends(office, bryggen), sends(office, aker)]
    found = markets.form(office, "cross", NOW)
    assert (found.stage, found.market, found.sketches, found.state) == (Stage.COUNT, NOW, 2, State.COLLECTING)
    seats = [(seat.member, seat.header_digest, seat.sketch_digest) for seat in market_of(office, "cross").seats]
    assert seats == sorted(
        (who.id, hashlib.sha256(one.header).digest(), hashlib.sha256(who.sketch).digest()) for who, one in sent
    )
    before = contents(office.store)
    for now in (NOW + SECOND, SKETCHES_UNTIL, DEADLINE):
        assert markets.form(office, "cross", now) == found
        assert markets.form_due(office, now) == ()
    assert contents(office.store) == before


def test_before_its_time_a_market_takes_the_quorum(four: Four) -> None:
    office, (aker, *_) = four
    sends(office, aker)
    before = contents(office.store)
    with pytest.raises(TooFewMembers, match="1 of the 2"):
        markets.form(office, "cross", SKETCHES_UNTIL - SECOND)
    assert markets.form_due(office, SKETCHES_UNTIL - SECOND) == ()
    assert contents(office.store) == before


def test_it_is_made_when_the_time_of_sketches_is_over(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    sends(office, aker)
    sends(office, bryggen)
    assert rounds.next_deadline(office.store) == SKETCHES_UNTIL
    assert markets.form_due(office, SKETCHES_UNTIL - SECOND) == ()
    (made,) = markets.form_due(office, SKETCHES_UNTIL)
    assert (made.id, made.stage) == ("cross", Stage.COUNT)
    assert rounds.next_deadline(office.store) == DEADLINE


def test_it_is_made_earlier_where_all_have_answered(four: Four) -> None:
    office, (aker, bryggen, fjord, havn) = four
    for each in (aker, bryggen):
        sends(office, each)
    submissions.decline(office.store, fjord.caller, "cross", NOW)
    assert markets.form_due(office, NOW) == ()
    submissions.decline(office.store, havn.caller, "cross", NOW)
    assert [each.id for each in markets.form_due(office, NOW)] == ["cross"]
    assert market_of(office, "cross").members == ("aker", "bryggen")


def test_by_a_clock_that_was_set_back_no_market_comes_before_what_it_is_made_of(four: Four) -> None:
    """It is made, dated as the newest answer is; and nobody counts before there was a market."""
    office, (aker, bryggen, fjord, havn) = four
    who, one = sends(office, aker)
    sends(office, bryggen)
    submissions.decline(office.store, fjord.caller, "cross", NOW)
    submissions.decline(office.store, havn.caller, "cross", NOW + HOUR)
    (made,) = markets.form_due(office, NOW)
    assert made.market == NOW + HOUR
    with pytest.raises(NotYet, match="market of round cross was made by a clock that was ahead"):
        submissions.submit(office.store, aker.caller, "cross", b"whatever", NOW)
    assert put(office, who, "cross", one).received == NOW


def test_no_market_comes_before_a_sketch_in_it_and_no_end_before_the_market(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    sends(office, aker)
    who = sketched(office, bryggen)
    put(office, who, "cross", sealed(office, who, "cross"), NOW + HOUR)
    assert markets.form(office, "cross", NOW).market == NOW + HOUR
    assert rounds.abort(office.store, "cross", "why", NOW).ended == NOW + HOUR


def test_where_all_have_answered_and_too_few_take_part_there_is_time_to_change_ones_mind(four: Four) -> None:
    office, found = four
    sends(office, found[0])
    for each in found[1:]:
        submissions.decline(office.store, each.caller, "cross", NOW)
    assert markets.form_due(office, SKETCHES_UNTIL - SECOND) == ()
    sends(office, found[1])
    assert [each.stage for each in markets.form_due(office, NOW)] == [Stage.COUNT]


def test_too_few_sketches_in_time_end_the_round_and_members_are_told_why(four: Four) -> None:
    office, (aker, *_) = four
    sends(office, aker)
    (ended,) = markets.form_due(office, SKETCHES_UNTIL)
    assert ended.state is State.ABORTED
    assert ended.reason == "1 of the 2 sketches that it needs were there at 2026-01-20 12:00 UTC."
    (own,) = submissions.rounds_of(office.store, aker.caller)
    assert (own.reason, own.stage) == (ended.reason, None)
    assert markets.form_due(office, DEADLINE) == ()
    with pytest.raises(StaleStage):
        markets.form(office, "cross", DEADLINE)


def test_the_operator_ends_it_so_too(four: Four) -> None:
    office, _ = four
    assert markets.form(office, "cross", SKETCHES_UNTIL).state is State.ABORTED


def test_a_coordinator_that_was_away_until_the_end_does_not_close_a_round_nobody_could_count_for(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    for each in (aker, bryggen):
        sends(office, each)
    assert rounds.close_due(office.store, DEADLINE) == ()
    with pytest.raises(StaleStage, match="round next"):
        rounds.close(office.store, "cross", DEADLINE)
    (ended,) = markets.form_due(office, DEADLINE)
    assert ended.state is State.ABORTED
    assert ended.reason == "Its time was over before its sketches could be counted."


def test_a_round_with_its_market_is_closed_at_its_deadline(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    for each in (aker, bryggen):
        sends(office, each)
    markets.form(office, "cross", NOW)
    assert rounds.close_due(office.store, DEADLINE) == ("cross",)


def test_who_declines_in_time_is_in_no_market_and_its_sketch_goes_to_nobody(four: Four) -> None:
    office, (aker, bryggen, fjord, _) = four
    for each in (aker, bryggen, fjord):
        sends(office, each)
    submissions.decline(office.store, fjord.caller, "cross", NOW)
    markets.form(office, "cross", NOW)
    assert market_of(office, "cross").members == ("aker", "bryggen")
    with pytest.raises(UnknownSketch):
        taken(office, aker, "fjord")
    with pytest.raises(NotInMarket):
        taken(office, fjord, "aker")
    assert taken(office, fjord, "fjord")


def taken(office: Office, member: Joined, of: str, round_id: str = "cross") -> list[bytes]:
    return list(handing.sketch(office.store, member.caller, round_id, of, NOW))


def test_a_sketch_goes_out_as_it_came(four: Four) -> None:
    office, (aker, bryggen, *_) = four
    _, one = sends(office, aker)
    sends(office, bryggen)
    markets.form(office, "cross", NOW)
    assert taken(office, bryggen, "aker") == [one.header, *one.chunks]


def test_ones_own_is_there_at_any_time_also_when_all_is_over(four: Four) -> None:
    office, (aker, *_) = four
    _, one = sends(office, aker)
    assert taken(office, aker, "aker") == [one.header, *one.chunks]
    rounds.abort(office.store, "cross", "a test", NOW)
    assert taken(office, aker, "aker") == [one.header, *one.chunks]


def test_a_sketch_goes_to_nobody_but_its_market_while_that_counts(four: Four) -> None:
    office, (aker, bryggen, fjord, _) = four
    late = joined(office, "late")
    tables = a_round(office, "tables")
    sends(office, aker)
    sends(office, bryggen)
    refused: list[tuple[type[RefusedCall], Callable[[], object]]] = [
        (NotYet, lambda: taken(office, bryggen, "aker")),
        (UnknownSketch, lambda: taken(office, fjord, "fjord")),
        (NotInRoster, lambda: taken(office, late, "aker")),
        (NotInRoster, lambda: taken(office, late, "late")),
        (UnknownRound, lambda: taken(office, aker, "aker", "nothing")),
        (UnknownSketch, lambda: taken(office, aker, "aker", tables.id)),
        (NotYet, lambda: markets.handed_out(office.store, aker.caller, "cross")),
        (NotInRoster, lambda: markets.handed_out(office.store, late.caller, "cross")),
        (UnknownRound, lambda: markets.handed_out(office.store, aker.caller, "nothing")),
        (WrongStudy, lambda: markets.handed_out(office.store, aker.caller, tables.id)),
    ]
    check(office, refused)
    markets.form(office, "cross", NOW)
    refused = [
        (NotInMarket, lambda: taken(office, fjord, "aker")),
        (UnknownSketch, lambda: taken(office, aker, "fjord")),
        (UnknownSketch, lambda: taken(office, aker, "nobody")),
    ]
    for role in set(Role) - {Role.MEMBER}:
        refused += _of_another_role(office, aker, role)
    check(office, refused)
    assert markets.handed_out(office.store, fjord.caller, "cross")  # who was left out may see so
    rounds.close(office.store, "cross", DEADLINE)
    with pytest.raises(RoundClosed):
        taken(office, bryggen, "aker")
    assert markets.handed_out(office.store, aker.caller, "cross")


def _of_another_role(
    office: Office, member: Joined, role: Role
) -> list[tuple[type[RefusedCall], Callable[[], object]]]:
    """What somebody of a member's name and another role is refused, its own sketch too."""
    other = replace(member, caller=replace(member.caller, role=role))
    return [
        (RoleNotAllowed, lambda: taken(office, other, "aker")),
        (RoleNotAllowed, lambda: taken(office, other, "bryggen")),
        (RoleNotAllowed, lambda: markets.handed_out(office.store, other.caller, "cross")),
    ]


def check(office: Office, refused: list[tuple[type[RefusedCall], Callable[[], object]]]) -> None:
    before = contents(office.store)
    for refusal, call in refused:
        with pytest.raises(refusal) as caught:
            call()
        assert type(caught.value) is refusal
    assert contents(office.store) == before


def test_there_is_no_market_of_a_round_of_tables_or_of_one_that_ended(four: Four) -> None:
    office, (aker, *_) = four
    tables = a_round(office, "tables")
    with pytest.raises(WrongStudy):
        markets.form(office, tables.id, NOW)
    with pytest.raises(UnknownRound):
        markets.form(office, "nothing", NOW)
    rounds.abort(office.store, "cross", "a test", NOW)
    with pytest.raises(StaleStage):
        markets.form(office, "cross", NOW)
    with pytest.raises(RoundClosed):
        markets.handed_out(office.store, aker.caller, "cross")
