"""Rounds that a wrong clock has opened in the future: nobody answers them before their time."""

from datetime import timedelta

import pytest

from coordinator.errors import NotYet
from coordinator.office import Office
from coordinator.rounds.submissions import decline, submit
from tests.coordinator.house import NOW, a_message, a_round, contents, joined, signed
from tests.coordinator.ledger import booked


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
    decline(office.store, member.caller, "first", NOW - timedelta(seconds=30))
