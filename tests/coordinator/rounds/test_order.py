"""A clock that was ahead, and is set back: nothing of a round comes before what was dated of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from coordinator.errors import ClockApart, NotYet
from coordinator.office import Office
from coordinator.rounds.rounds import abort, close, get
from coordinator.rounds.submissions import decline, submit
from privacy.rounds.states import State
from tests.coordinator.house import NOW, a_message, a_round, contents, joined, signed
from tests.coordinator.ledger import booked, send

AHEAD = NOW + timedelta(hours=3)
SECONDS = timedelta(seconds=30)


def test_a_round_takes_nothing_before_it_was_opened(office: Office) -> None:
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    early, envelope = NOW - timedelta(hours=3), signed(member, a_message(member))
    booked(office, member.caller, member.enrolled.ledger, member.keys.signing, envelope)
    before = contents(office.store)
    with pytest.raises(NotYet, match="ahead"):
        submit(office.store, member.caller, "first", envelope, early)
    with pytest.raises(NotYet):
        decline(office.store, member.caller, "first", early)
    assert contents(office.store) == before
    assert submit(office.store, member.caller, "first", envelope, NOW).release_digest


def test_a_clock_that_was_set_back_by_seconds_hinders_nobody(office: Office) -> None:
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    decline(office.store, member.caller, "first", NOW - SECONDS)


def test_a_release_is_not_taken_before_its_entry_was_cosigned(office: Office) -> None:
    """An auditor holds the two times against each other, for figures must not be sent before they are paid for."""
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    envelope = signed(member, a_message(member))
    booked(office, member.caller, member.enrolled.ledger, member.keys.signing, envelope, AHEAD)
    before = contents(office.store)
    with pytest.raises(NotYet, match="Entry 2 of your ledger was cosigned by a clock that was ahead"):
        submit(office.store, member.caller, "first", envelope, NOW)
    assert contents(office.store) == before
    assert submit(office.store, member.caller, "first", envelope, AHEAD - SECONDS).received == AHEAD - SECONDS


def test_entries_that_are_cosigned_later_delay_no_release(office: Office) -> None:
    """The first checkpoint that covers an entry is the one that counts, whatever the clock did afterwards."""
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    envelope = signed(member, a_message(member))
    booked(office, member.caller, member.enrolled.ledger, member.keys.signing, envelope)
    later = signed(member, a_message(member, [1] * len(a_message(member).cells)))
    booked(office, member.caller, member.enrolled.ledger, member.keys.signing, later, AHEAD)
    assert submit(office.store, member.caller, "first", envelope, NOW).release_digest


def ends_by(office: Office, end: Callable[[datetime], object], there: State) -> None:
    """An end is refused by a clock that is behind the round's newest, with nothing changed."""
    before = contents(office.store)
    with pytest.raises(ClockApart, match=r"the newest of round first came at .* when that time has come"):
        end(AHEAD - timedelta(minutes=2))
    assert contents(office.store) == before
    assert get(office.store, "first").state is there


@pytest.mark.parametrize("what", ["release", "decline"])
def test_a_round_does_not_end_before_an_answer_that_it_has(office: Office, what: str) -> None:
    member, other = joined(office, "fjordteatret"), joined(office, "havn")
    a_round(office, "first")
    send(office, other, "first", signed(other, a_message(other)))
    if what == "release":
        send(office, member, "first", signed(member, a_message(member)), AHEAD)
    else:
        decline(office.store, member.caller, "first", AHEAD)
    ends_by(office, lambda now: close(office.store, "first", now), State.COLLECTING)
    ends_by(office, lambda now: abort(office.store, "first", "why", now), State.COLLECTING)
    assert close(office.store, "first", AHEAD - SECONDS).ended == AHEAD - SECONDS


def test_a_round_does_not_end_before_it_was_opened(office: Office) -> None:
    joined(office, "fjordteatret")
    a_round(office, "first")
    with pytest.raises(ClockApart):
        abort(office.store, "first", "why", NOW - timedelta(hours=1))
    assert abort(office.store, "first", "why", NOW).state is State.ABORTED
