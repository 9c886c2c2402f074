"""A clock that was ahead, and is set back: nothing of a round comes before what was dated of it."""

from datetime import timedelta

import pytest

from coordinator.errors import NotYet, RoundClosed
from coordinator.office import Office
from coordinator.rounds.order import SLACK_S
from coordinator.rounds.rounds import abort, close
from coordinator.rounds.submissions import decline, submit
from privacy.audit.times_check import SLACK
from tests.coordinator.house import NOW, a_message, a_round, contents, joined, signed
from tests.coordinator.ledger import a_ledger, booked, send

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


def test_another_members_clock_and_an_earlier_checkpoint_delay_nobody(office: Office) -> None:
    """Of the member's own ledger the first checkpoint counts that covers the entry: one before it does not."""
    member, other, third = joined(office, "fjordteatret"), joined(office, "havn"), joined(office, "aker")
    a_round(office, "first")
    booked(office, other.caller, other.enrolled.ledger, other.keys.signing, signed(other, a_message(other)), AHEAD)
    assert send(office, member, "first", signed(member, a_message(member))).received == NOW
    ledger = a_ledger(office, third)
    ledger.request(0).send(office, third.caller, NOW)  # two entries, cosigned; the release is the third
    envelope = signed(third, a_message(third))
    ledger.spend(envelope, NOW).request(2).send(office, third.caller, AHEAD)
    with pytest.raises(NotYet):
        submit(office.store, third.caller, "first", envelope, NOW)


def test_auditors_allow_for_more_than_the_coordinator_does() -> None:
    assert timedelta(seconds=2 * SLACK_S) <= SLACK


@pytest.mark.parametrize("what", ["release", "decline"])
def test_a_round_does_not_end_before_an_answer_that_it_has(office: Office, what: str) -> None:
    member, other = joined(office, "fjordteatret"), joined(office, "havn")
    a_round(office, "first")
    send(office, other, "first", signed(other, a_message(other)))
    if what == "release":
        send(office, member, "first", signed(member, a_message(member)), AHEAD)
    else:
        decline(office.store, member.caller, "first", AHEAD)
    assert close(office.store, "first", NOW).ended == AHEAD
    assert abort(office.store, "first", "why", NOW).ended == AHEAD


def test_a_round_that_nobody_answered_does_not_end_before_it_was_opened(office: Office) -> None:
    """A wrong round can be stopped at any time, whatever the clock did."""
    joined(office, "fjordteatret")
    a_round(office, "first")
    assert abort(office.store, "first", "why", NOW - timedelta(hours=1)).ended == NOW


def test_by_a_clock_that_is_right_a_round_ends_now(office: Office) -> None:
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    send(office, member, "first", signed(member, a_message(member)))
    assert close(office.store, "first", AHEAD).ended == AHEAD


def test_a_round_that_is_over_says_so_whatever_its_clock_was(office: Office) -> None:
    member = joined(office, "fjordteatret")
    a_round(office, "first")
    abort(office.store, "first", "why", NOW)
    with pytest.raises(RoundClosed):
        decline(office.store, member.caller, "first", NOW - timedelta(hours=3))
