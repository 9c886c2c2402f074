"""Releases: every refusal, once and for all, and what each member is seen to have done."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from coordinator.authority.peer import Role
from coordinator.errors import (
    AbsurdValue,
    BadRelease,
    NotInRoster,
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
from coordinator.rounds.checks import LARGEST_BASE, check_release, range_of
from coordinator.rounds.states import State
from coordinator.store.engine import open_store
from privacy.catalogue.measures import Measure
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.price import price
from protos.kudos.v1.release_pb2 import Release
from tests.coordinator.house import (
    DEADLINE,
    NOW,
    STUDY,
    WINDOW,
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

PRICED = price(STUDY).parts


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
    receipt = submissions.submit(office.store, museum.caller, name, envelope, NOW)
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
    submissions.submit(office.store, museum.caller, name, signed(museum, a_message(museum)), NOW)
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
    other = open_store(office.home.store_url())

    connections = count(1)

    def abort_before_the_second(_connection: Connection) -> None:
        if next(connections) == 2:  # the first reads, the second is to write
            rounds.abort(other, name, "meanwhile", NOW)

    event.listen(office.store.engine, "engine_connect", abort_before_the_second)
    with pytest.raises(RoundClosed):
        submissions.submit(office.store, museum.caller, name, signed(museum, a_message(museum)), NOW)
    assert submissions.releases(other, name) == ()


def test_an_aborted_and_reopened_round_takes_the_same_bytes(office: Office) -> None:
    museum = joined(office, "museum")
    envelope = signed(museum, a_message(museum))
    first = a_round(office).id
    submissions.submit(office.store, museum.caller, first, envelope, NOW)
    rounds.abort(office.store, first, "a wrong deadline", NOW)
    second = a_round(office).id
    submissions.submit(office.store, museum.caller, second, envelope, NOW)
    assert [own.own for own in submissions.rounds_of(office.store, museum.caller)] == ["released", "released"]


def test_the_key_of_the_roster_signs_also_after_the_member_has_another(office: Office) -> None:
    museum, new = joined(office, "museum"), Keys()
    name = a_round(office).id
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
    submissions.submit(office.store, museum.caller, name, signed(museum, a_message(museum)), NOW)
    assert [each.status for each in submissions.answers(office.store, name, DEADLINE)] == ["released", "late"]
    submissions.submit(office.store, other.caller, name, signed(other, a_message(other)), NOW)
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


def test_an_unknown_round_or_seat_cannot_be_declined(office: Office) -> None:
    museum = joined(office, "museum")
    name = a_round(office).id
    with pytest.raises(UnknownRound):
        submissions.decline(office.store, museum.caller, "nothing", NOW)
    with pytest.raises(NotInRoster):
        submissions.decline(office.store, joined(office, "late").caller, name, NOW)


MUSEUM_KEYS = Keys()


@settings(max_examples=30)
@given(st.data())
def test_figures_within_the_stated_ranges_are_taken_and_one_beyond_is_not(data: st.DataObject) -> None:
    cells = [
        data.draw(st.sampled_from([allowed[0], 0, allowed[-1]]))
        for priced in PRICED
        for allowed in [range_of(priced, STUDY)]
        for _ in range(priced.part.table.cells)
    ]
    ranges = [range_of(priced, STUDY) for priced in PRICED for _ in range(priced.part.table.cells)]
    release = Release(
        ledger="l",
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=WINDOW.first.isoformat(),
        window_last=WINDOW.last.isoformat(),
        cells=cells,
    )
    key = MUSEUM_KEYS.signing
    good = sign(RELEASE, release.SerializeToString(deterministic=True), key)
    assert list(check_release(good, key.public_key(), STUDY, WINDOW, "l").cells) == cells
    at = data.draw(st.integers(0, len(cells) - 1))
    release.cells[at] = data.draw(st.sampled_from([ranges[at][0] - 1, ranges[at][-1] + 1]))
    bad = sign(RELEASE, release.SerializeToString(deterministic=True), key)
    with pytest.raises(AbsurdValue):
        check_release(bad, key.public_key(), STUDY, WINDOW, "l")


def test_the_ranges_hold_any_honest_institution_and_its_noise() -> None:
    for priced in PRICED:
        allowed = range_of(priced, STUDY)
        assert -allowed[0] >= 30 * priced.mechanism.scale
        assert allowed[-1] >= LARGEST_BASE + 30 * priced.mechanism.scale
        assert allowed[-1] * 10_000 < 2**63
        if priced.part.measure is Measure.REVENUE:
            assert allowed[-1] >= LARGEST_BASE * STUDY.bounds.max_revenue_ore


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
