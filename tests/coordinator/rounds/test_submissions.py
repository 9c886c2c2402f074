"""Releases: every refusal, once and for all, and what each member is seen to have done."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, event

from coordinator.authority.peer import Role
from coordinator.errors import (
    AbsurdValue,
    BadRelease,
    BadRequest,
    NotBooked,
    NotInRoster,
    NotWitnessed,
    RefusedCall,
    RoleNotAllowed,
    RoundClosed,
    StaleStage,
    SubmissionDiffers,
    TooLarge,
    UnknownRound,
    WrongLayout,
    WrongLedger,
    WrongStudy,
    WrongWindow,
)
from coordinator.members import members
from coordinator.members.callers import Caller
from coordinator.members.enrol import enrol
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.store.engine import Store, open_store
from privacy.bounds.windows import twelve_months_to
from privacy.rounds.fit import LARGEST_BASE
from privacy.rounds.states import LONGEST_REASON, State
from privacy.signing.envelope import RELEASE, sign
from tests.coordinator.house import (
    DEADLINE,
    NOW,
    STUDY,
    Joined,
    Keys,
    a_message,
    a_round,
    caller_for,
    contents,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import FakeLedger, a_ledger, booked, send


def changed(member: Joined, **fields: object) -> bytes:
    """A release with other fields, signed."""
    message = a_message(member)
    for name, value in fields.items():
        setattr(message, name, value)
    return signed(member, message)


def with_cells(member: Joined, cells: list[int]) -> bytes:
    return signed(member, a_message(member, cells))


def test_a_release_is_taken_and_the_same_again_gets_the_same_receipt(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    envelope = signed(museum, a_message(museum))
    receipt = send(office, museum, name, envelope, NOW)
    assert receipt.received == NOW
    before = contents(office.store)
    assert submissions.submit(office.store, museum.caller, name, envelope, NOW + timedelta(days=1)) == receipt
    rounds.close_due(office.store, DEADLINE)
    assert submissions.submit(office.store, museum.caller, name, envelope, DEADLINE + timedelta(days=1)) == receipt
    assert contents(office.store)["submissions"] == before["submissions"]
    (stored,) = submissions.releases(office.store, name)
    assert (stored.member, stored.envelope, stored.release_digest) == ("museum", envelope, receipt.release_digest)
    (own,) = submissions.rounds_of(office.store, museum.caller)
    assert (own.state, own.own, own.release_digest) == (State.CLOSED, "released", receipt.release_digest)
    assert own.announcement == rounds.announcement(office.store, name)


def test_another_release_is_refused_and_the_first_one_stands(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    send(office, museum, name, signed(museum, a_message(museum)), NOW)
    before = contents(office.store)
    for other in (changed(museum, entry=3), b"noise"):
        with pytest.raises(SubmissionDiffers):
            submissions.submit(office.store, museum.caller, name, other, NOW)
    assert contents(office.store) == before


def test_every_refusal_of_a_release_changes_nothing(office: Office) -> None:
    museum, other = joined(office, "museum"), joined(office, "other")
    name = a_round(office).id
    payload = a_message(museum).SerializeToString(deterministic=True)
    largest = LARGEST_BASE * STUDY.bounds.max_revenue_ore * 2
    before = contents(office.store)
    refused: list[tuple[type[RefusedCall], bytes]] = [
        (BadRelease, b""),
        (BadRelease, b"noise"),
        (BadRelease, signed(other, a_message(museum))),
        (BadRelease, sign("application/vnd.kudos.v1.round", payload, museum.keys.signing)),
        (BadRelease, sign(RELEASE, b"noise", museum.keys.signing)),
        (BadRelease, sign(RELEASE, payload + b"\xd0\x3e\x01", museum.keys.signing)),  # a field that nobody knows
        (BadRelease, sign(RELEASE, payload + payload, museum.keys.signing)),  # the same message, spelled otherwise
        (BadRelease, changed(museum, entry=2**53)),
        (WrongLedger, signed(museum, a_message(other))),
        (WrongStudy, changed(museum, study_digest="sha256:" + "0" * 64)),
        (WrongStudy, changed(museum, study="another")),
        (WrongStudy, changed(museum, study_version=2)),
        (WrongLayout, changed(museum, layout_digest="sha256:" + "0" * 64)),
        (WrongLayout, with_cells(museum, [0] * (STUDY.cells - 1))),
        (WrongLayout, with_cells(museum, [0] * (STUDY.cells + 1))),
        (WrongWindow, changed(museum, window_last="2025-11-30")),
        (WrongWindow, changed(museum, window_first="2024-12-31")),
        (AbsurdValue, with_cells(museum, [*[0] * (STUDY.cells - 1), largest])),
        (AbsurdValue, with_cells(museum, [-(2**63), *[0] * (STUDY.cells - 1)])),
        (TooLarge, bytes(8 * STUDY.cells + 5000)),
        (TooLarge, bytes((1 << 20) + 1)),
    ]
    for expected, envelope in refused:
        with pytest.raises(expected):
            submissions.submit(office.store, museum.caller, name, envelope, NOW)
    assert contents(office.store) == before


def test_a_round_takes_only_from_its_roster_while_it_is_live(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    late = joined(office, "late")
    envelope = signed(museum, a_message(museum))
    with pytest.raises(UnknownRound):
        submissions.submit(office.store, museum.caller, "nothing", envelope, NOW)
    with pytest.raises(NotInRoster):
        submissions.submit(office.store, late.caller, name, signed(late, a_message(late)), NOW)
    with pytest.raises(RoundClosed):  # nobody has closed it yet
        submissions.submit(office.store, museum.caller, name, envelope, DEADLINE)
    rounds.abort(office.store, name, "a wrong window", NOW)
    with pytest.raises(RoundClosed):
        submissions.submit(office.store, museum.caller, name, envelope, NOW)
    with pytest.raises(RoundClosed):
        submissions.decline(office.store, museum.caller, name, NOW)


def test_a_round_that_is_closed_while_a_release_is_checked_does_not_take_it(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    other = meanwhile(office, lambda store: rounds.abort(store, name, "meanwhile", NOW))
    with pytest.raises(RoundClosed):
        submissions.submit(office.store, museum.caller, name, signed(museum, a_message(museum)), NOW)
    assert submissions.releases(other, name) == ()


def meanwhile(office: Office, do: Callable[[Store], object]) -> Store:
    """Has another process do something while the next release is checked; what that process sees afterwards."""
    other, connections = open_store(office.home.store_url()), count(1)

    def before_the_second(_connection: Connection) -> None:
        if next(connections) == 2:  # the first reads, the second is to write
            do(other)

    event.listen(office.store.engine, "engine_connect", before_the_second)
    return other


def test_the_same_bytes_that_come_twice_at_once_get_one_receipt(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    envelope = signed(museum, a_message(museum))
    booked(office, museum.caller, museum.enrolled.ledger, museum.keys.signing, envelope)
    other = meanwhile(office, lambda store: submissions.submit(store, museum.caller, name, envelope, NOW))
    receipt = submissions.submit(office.store, museum.caller, name, envelope, NOW + timedelta(seconds=5))
    assert receipt.received == NOW
    (stored,) = submissions.releases(other, name)
    assert (stored.release_digest, stored.received, stored.envelope) == (receipt.release_digest, NOW, envelope)


def test_of_two_releases_that_come_at_once_the_first_stands_and_the_other_is_told_so(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    first, second = signed(museum, a_message(museum)), changed(museum, entry=3)
    for envelope in (first, second):
        booked(office, museum.caller, museum.enrolled.ledger, museum.keys.signing, envelope)
    other = meanwhile(office, lambda store: submissions.submit(store, museum.caller, name, first, NOW))
    with pytest.raises(SubmissionDiffers):
        submissions.submit(office.store, museum.caller, name, second, NOW)
    assert [stored.envelope for stored in submissions.releases(other, name)] == [first]


def test_an_aborted_and_reopened_round_takes_the_same_bytes(office: Office) -> None:
    museum = joined(office, "museum")
    envelope = signed(museum, a_message(museum))
    first = a_round(office).id
    send(office, museum, first, envelope, NOW)
    rounds.abort(office.store, first, "a wrong deadline", NOW)
    second = a_round(office).id
    send(office, museum, second, envelope, NOW)
    assert [own.own for own in submissions.rounds_of(office.store, museum.caller)] == ["released", "released"]


def test_the_key_of_the_roster_signs_also_after_the_member_has_another(office: Office) -> None:
    museum, new = joined(office, "museum"), Keys()
    name = a_round(office).id
    booked(office, museum.caller, museum.enrolled.ledger, museum.keys.signing, signed(museum, a_message(museum)))
    handed = members.invite_again(office, "museum", NOW)
    csr = new.csr()
    enrolled = enrol(office, token_of(handed), csr, new.enrolling(csr), "", NOW)
    caller = caller_for(office, enrolled.certificate)
    moved = Joined("museum", new, enrolled, caller)
    with pytest.raises(BadRelease):
        submissions.submit(office.store, caller, name, signed(moved, a_message(moved)), NOW)
    submissions.submit(office.store, caller, name, signed(museum, a_message(museum)), NOW)


def test_a_member_declines_and_may_still_change_its_mind_but_takes_nothing_back(office: Office) -> None:
    museum, other = joined(office, "museum"), joined(office, "other")
    name = a_round(office).id
    for _ in range(2):
        submissions.decline(office.store, museum.caller, name, NOW)
    statuses = [each.status for each in submissions.answers(office.store, name, NOW)]
    assert statuses == ["declined", "waiting"]
    assert rounds.get(office.store, name).state is State.COLLECTING
    send(office, museum, name, signed(museum, a_message(museum)), NOW)
    assert [each.status for each in submissions.answers(office.store, name, DEADLINE)] == ["released", "late"]
    send(office, other, name, signed(other, a_message(other)), NOW)
    with pytest.raises(StaleStage):
        submissions.decline(office.store, other.caller, name, NOW)


def test_only_members_answer(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    auditor = Caller(**{**vars(museum.caller), "role": Role.AUDITOR})
    for refused in (
        lambda: submissions.submit(office.store, auditor, name, b"", NOW),
        lambda: submissions.decline(office.store, auditor, name, NOW),
        lambda: submissions.rounds_of(office.store, auditor),
    ):
        with pytest.raises(RoleNotAllowed):
            refused()


def test_a_name_that_no_database_keeps_is_told_as_what_it_is(office: Office) -> None:
    """PostgreSQL keeps no text with a zero byte; that is no fault of its disk."""
    museum = joined(office, "museum")
    a_round(office)
    with pytest.raises((UnknownRound, BadRequest)):
        submissions.decline(office.store, museum.caller, "a\0b", NOW)
    with pytest.raises((UnknownRound, BadRequest)):
        submissions.submit(office.store, museum.caller, "a\0b", b"x", NOW)


def test_an_unknown_round_or_seat_cannot_be_declined(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    with pytest.raises(UnknownRound):
        submissions.decline(office.store, museum.caller, "nothing", NOW)
    with pytest.raises(NotInRoster):
        submissions.decline(office.store, joined(office, "late").caller, name, NOW)


def unbooked(office: Office, museum: Joined, ledger: FakeLedger, envelope: bytes) -> None:
    """Asserts that a cosigned ledger which does not book a release keeps it out, and that nothing changes."""
    ledger.request(0).send(office, museum.caller)
    name = a_round(office).id
    before = contents(office.store)
    with pytest.raises(NotBooked):
        submissions.submit(office.store, museum.caller, name, envelope, NOW)
    assert contents(office.store) == before


def test_a_release_whose_entry_nobody_has_cosigned_waits(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    envelope = signed(museum, a_message(museum))
    for _ in range(2):
        before = contents(office.store)
        with pytest.raises(NotWitnessed, match="entry 2"):
            submissions.submit(office.store, museum.caller, name, envelope, NOW)
        assert contents(office.store) == before
        if before["ledger_leaves"]:
            break
        a_ledger(office, museum).request(0).send(office, museum.caller)
    send(office, museum, name, envelope)


def test_an_entry_that_books_other_bytes_or_nothing_lets_no_release_in(office: Office) -> None:
    museum = joined(office, "museum")
    envelope = signed(museum, a_message(museum))
    other = signed(museum, a_message(museum, [7] * STUDY.cells))
    unbooked(office, museum, a_ledger(office, museum).spend(other), envelope)


@pytest.mark.parametrize(
    "changes", [{"study_digest": "sha256:" + "0" * 64}, {"window": twelve_months_to(date(2025, 11, 30))}]
)
def test_an_entry_of_another_study_or_window_lets_no_release_in(office: Office, changes: dict[str, Any]) -> None:
    museum = joined(office, "museum")
    envelope = signed(museum, a_message(museum))
    unbooked(office, museum, a_ledger(office, museum).spend(envelope, **changes), envelope)


def test_an_entry_that_is_no_spend_lets_no_release_in(office: Office) -> None:
    museum = joined(office, "museum")
    unbooked(office, museum, a_ledger(office, museum).grow(1), signed(museum, a_message(museum)))


def test_a_member_is_told_why_its_round_was_aborted_and_of_no_other(office: Office) -> None:
    museum = joined(office, "museum")
    first = a_round(office).id
    assert [(each.state, each.reason) for each in submissions.rounds_of(office.store, museum.caller)] == [("open", "")]
    rounds.abort(office.store, first, "a wrong window", NOW)
    late = joined(office, "late")
    second = a_round(office).id
    assert second != first
    told = {(each.state, each.reason) for each in submissions.rounds_of(office.store, museum.caller)}
    assert told == {("aborted", "a wrong window"), ("open", "")}
    assert [each.reason for each in submissions.rounds_of(office.store, late.caller)] == [""]


def test_a_list_is_cut_before_it_is_too_long_for_one_message_reasons_and_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    museum = joined(office, "museum")
    for _ in range(3):
        rounds.abort(office.store, a_round(office).id, "Ø" * LONGEST_REASON, NOW)
    announced = [len(each.announcement) for each in submissions.rounds_of(office.store, museum.caller)]
    assert len(announced) == 3
    characters, as_sent = 3 * LONGEST_REASON, 6 * LONGEST_REASON
    for room, many in (
        (sum(announced) + as_sent, 3),
        (sum(announced) + as_sent - 1, 2),
        (sum(announced) + characters, 2),
        (0, 1),  # the newest one is told in any case
    ):
        monkeypatch.setattr(submissions, "_LIST_BYTES", room)
        assert len(submissions.rounds_of(office.store, museum.caller)) == many
