"""Rounds are opened once, over a frozen and signed roster, and closed by their deadline or their quorum."""

from datetime import date, timedelta

import pytest

from coordinator.errors import RoundExists, StaleStage, TooFewMembers, UnknownRound, UsageError
from coordinator.members import identity, members
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.rounds.states import step
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.rounds.announcement import read
from privacy.rounds.states import State
from tests.coordinator.house import (
    BENCHMARK,
    DEADLINE,
    NOW,
    WINDOW,
    WINDOW_LAST,
    a_message,
    a_round,
    contents,
    institution,
    joined,
    signed,
)
from tests.coordinator.ledger import send


def test_the_announcement_says_what_was_opened_and_whom_it_asks(office: Office) -> None:
    museum = joined(office, "museum")
    fjord = joined(office, "fjordteatret")
    gone = joined(office, "gone")
    members.leave(office.store, gone.id, NOW)
    members.invite(office, institution("invited"), NOW)
    chain = KeyChain.generate()
    commitment = make_commitment(chain, fjord.id, fjord.keys.signing, fjord.keys.sealing.public_key())
    identity.publish_commitment(office.store, fjord.caller, commitment, NOW)
    opened = a_round(office)
    assert (opened.id, opened.state, opened.asked, opened.releases) == ("benchmark-2025-12", State.OPEN, 2, 0)
    said = read(rounds.announcement(office.store, opened.id), office.signing_key.public_key())
    assert (said.coordinator, said.round, said.study, said.window) == (
        "npu.example",
        opened.id,
        BENCHMARK.study,
        WINDOW,
    )
    assert (said.opened, said.deadline) == (NOW, DEADLINE)
    assert [seat.member for seat in said.roster] == ["fjordteatret", "museum"]
    assert said.roster[1].signing_key == museum.keys.signing.public_key().public_bytes_raw().hex()
    assert said.roster[1].identity_commitment is None
    assert (said.roster[0].identity_commitment, said.roster[0].identity_epoch) == (chain.commitment().hex(), 0)


def test_the_roster_is_frozen(office: Office) -> None:
    joined(office, "museum")
    opened = a_round(office)
    before = rounds.announcement(office.store, opened.id)
    late = joined(office, "late")
    members.leave(office.store, "museum", NOW)
    assert rounds.announcement(office.store, opened.id) == before
    assert [each.member for each in submissions.answers(office.store, opened.id, NOW)] == ["museum"]
    assert submissions.rounds_of(office.store, late.caller) == ()


def test_opening_the_same_again_changes_nothing(office: Office) -> None:
    joined(office, "museum")
    opened = a_round(office)
    before = contents(office.store)
    assert a_round(office) == opened
    assert a_round(office, opened.id) == opened
    assert contents(office.store) == before


def test_another_round_in_the_way_is_refused(office: Office) -> None:
    joined(office, "museum")
    opened = a_round(office)
    before = contents(office.store)
    with pytest.raises(RoundExists):
        a_round(office, "another-name")
    with pytest.raises(RoundExists):
        rounds.open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE + timedelta(days=1), NOW, quorum=1)
    with pytest.raises(RoundExists):
        rounds.open_round(office, BENCHMARK, date(2025, 11, 30), DEADLINE, NOW, quorum=1, round_id=opened.id)
    assert contents(office.store) == before
    earlier = rounds.open_round(office, BENCHMARK, date(2025, 11, 30), DEADLINE, NOW, quorum=1)
    assert earlier.id == "benchmark-2025-11"
    rounds.abort(office.store, opened.id, "a wrong deadline", NOW)
    assert a_round(office).id == "benchmark-2025-12-2"


def test_a_round_that_would_cost_members_for_nothing_is_not_opened(office: Office) -> None:
    for member in "abcd":
        joined(office, member)
    with pytest.raises(TooFewMembers):
        rounds.open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE, NOW)
    assert rounds.listed(office.store) == ()
    joined(office, "e")
    assert rounds.open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE, NOW).quorum == 5


@pytest.mark.parametrize(
    ("last", "deadline", "quorum", "name"),
    [
        (date(2025, 12, 30), DEADLINE, 1, None),
        (date(2026, 1, 31), DEADLINE, 1, None),
        (WINDOW_LAST, NOW, 1, None),
        (WINDOW_LAST, DEADLINE, 0, None),
        (WINDOW_LAST, DEADLINE, 1, "Not/A/Name"),
    ],
)
def test_what_cannot_be_opened(office: Office, last: date, deadline: object, quorum: int, name: str | None) -> None:
    joined(office, "museum")
    assert isinstance(deadline, type(NOW))
    with pytest.raises(UsageError):
        rounds.open_round(office, BENCHMARK, last, deadline, NOW, quorum, name)
    assert rounds.listed(office.store) == ()


def test_before_the_deadline_it_takes_a_quorum_to_close(office: Office) -> None:
    museum = joined(office, "museum")
    opened = a_round(office)
    with pytest.raises(TooFewMembers):
        rounds.close(office.store, opened.id, NOW)
    send(office, museum, opened.id, signed(museum, a_message(museum)), NOW)
    closed = rounds.close(office.store, opened.id, NOW)
    assert (closed.state, closed.ended, closed.releases) == (State.CLOSED, NOW, 1)
    assert rounds.close(office.store, opened.id, DEADLINE) == closed


def test_after_the_deadline_an_operator_closes_it_without_a_quorum(office: Office) -> None:
    joined(office, "museum")
    assert rounds.close(office.store, a_round(office).id, DEADLINE).state is State.CLOSED


def test_the_deadline_closes_whatever_there_is(office: Office) -> None:
    joined(office, "museum")
    opened = a_round(office)
    assert rounds.close_due(office.store, DEADLINE - timedelta(seconds=1)) == ()
    assert rounds.close_due(office.store, DEADLINE) == (opened.id,)
    assert rounds.get(office.store, opened.id).state is State.CLOSED
    assert rounds.close_due(office.store, DEADLINE) == ()


def test_an_aborted_round_says_why_and_a_published_one_stays(office: Office) -> None:
    joined(office, "museum")
    opened = a_round(office)
    for bad in ("", " ", "x" * 501, "a\nb"):
        with pytest.raises(UsageError):
            rounds.abort(office.store, opened.id, bad, NOW)
    aborted = rounds.abort(office.store, opened.id, "a wrong window", NOW)
    assert (aborted.state, aborted.reason) == (State.ABORTED, "a wrong window")
    assert rounds.abort(office.store, opened.id, "again", NOW) == aborted
    with pytest.raises(StaleStage):
        rounds.close(office.store, opened.id, NOW)
    second = a_round(office)
    rounds.close_due(office.store, DEADLINE)
    with office.store.transaction() as connection:
        step(connection, second.id, State.PUBLISHED, DEADLINE)
    with pytest.raises(StaleStage):
        rounds.abort(office.store, second.id, "too late", DEADLINE)


def test_a_round_that_nobody_knows(office: Office) -> None:
    for call in (
        lambda: rounds.get(office.store, "x"),
        lambda: rounds.announcement(office.store, "x"),
        lambda: rounds.close(office.store, "x", NOW),
        lambda: rounds.abort(office.store, "x", "why", NOW),
        lambda: submissions.answers(office.store, "x", NOW),
        lambda: submissions.releases(office.store, "x"),
    ):
        with pytest.raises(UnknownRound):
            call()
