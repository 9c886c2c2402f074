"""Counts: taken from the members of a market, against that market, once, and booked as any release."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from coordinator.cross_use import markets
from coordinator.errors import (
    AbsurdValue,
    BadRelease,
    NotBooked,
    NotInMarket,
    NotWitnessed,
    NotYet,
    RefusedCall,
    RoundClosed,
    SubmissionDiffers,
    TooLarge,
    WrongLayout,
    WrongLedger,
    WrongStudy,
    WrongWindow,
)
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.rounds.stages import Stage
from coordinator.rounds.submissions import Receipt, submit
from privacy.bounds.windows import twelve_months_to
from privacy.rounds.count_fit import COUNTED, REFUSED
from privacy.rounds.states import State
from protos.kudos.v1.cross_use_pb2 import PeerCounted
from tests.coordinator.cross_use.house import (
    STUDY,
    a_count,
    a_cross_round,
    book_count,
    market_of,
    members,
    put,
    sealed,
    signed_count,
    sketched,
)
from tests.coordinator.house import DEADLINE, NOW, Joined, a_message, contents, signed

DAY = timedelta(days=1)
Market = tuple[Office, list[Joined]]


@pytest.fixture
def market(office: Office) -> Market:
    """A round with a market of three members, and a fourth that came too late."""
    found = members(office, "aker", "bryggen", "fjord", "late")
    a_cross_round(office, "cross")
    with_market(office, found[:3], "cross")
    return office, found


def with_market(office: Office, sketchers: list[Joined], round_id: str) -> None:
    for each in sketchers:
        who = sketched(office, each)
        put(office, who, round_id, sealed(office, who, round_id))
    markets.form(office, round_id, NOW)


def counts(office: Office, member: Joined, round_id: str = "cross", **changes: Any) -> bytes:
    """A count that the member's ledger books."""
    market = market_of(office, round_id)
    envelope = signed_count(member, a_count(office, member, market, **changes))
    book_count(office, member, envelope, len(market.members) - 1)
    return envelope


def send(office: Office, member: Joined, envelope: bytes) -> Receipt:
    return submit(office.store, member.caller, "cross", envelope, NOW)


def test_a_count_is_taken_as_a_release_and_the_same_again_gets_the_same_receipt(market: Market) -> None:
    office, (aker, *_) = market
    envelope = counts(office, aker)
    receipt = send(office, aker, envelope)
    assert receipt == submit(office.store, aker.caller, "cross", envelope, NOW + DAY)
    (own,) = submissions.rounds_of(office.store, aker.caller)
    assert (own.own, own.release_digest, own.stage) == ("released", receipt.release_digest, Stage.COUNT)
    rounds.close_due(office.store, DEADLINE)
    assert receipt == submit(office.store, aker.caller, "cross", envelope, DEADLINE + DAY)
    (stored,) = submissions.releases(office.store, "cross")
    assert (stored.member, stored.envelope) == ("aker", envelope)


def test_another_count_is_refused_and_the_first_stands(market: Market) -> None:
    office, (aker, *_) = market
    send(office, aker, counts(office, aker))
    other = counts(office, aker, named_pairs=False)
    before = contents(office.store)
    with pytest.raises(SubmissionDiffers):
        send(office, aker, other)
    assert contents(office.store) == before


def wrong(office: Office, aker: Joined, bryggen: Joined) -> Iterator[tuple[type[RefusedCall], bytes]]:
    """Counts that the round must not take."""
    found = market_of(office, "cross")

    def changed(**changes: Any) -> bytes:
        return signed_count(aker, a_count(office, aker, found, **changes))

    good = a_count(office, aker, found)
    status = [PeerCounted(member=peer, status=COUNTED) for peer in found.peers_of("aker")]
    yield BadRelease, b"noise"
    yield BadRelease, signed_count(bryggen, good)
    yield BadRelease, signed(aker, a_message(aker))
    yield BadRelease, changed(peers=[PeerCounted(member=peer, status="SO SO") for peer in found.peers_of("aker")])
    yield (
        BadRelease,
        changed(peers=[PeerCounted(member=peer, status=REFUSED[0], ones=1) for peer in ("bryggen", "fjord")]),
    )
    yield BadRelease, changed(entry=2**53)
    yield WrongLedger, changed(ledger=bryggen.enrolled.ledger)
    yield WrongStudy, changed(study_digest="sha256:" + "0" * 64)
    yield WrongStudy, changed(study="another")
    yield WrongWindow, changed(window_last="2025-11-30")
    yield WrongLayout, changed(sketches_digest=bytes(32))
    yield WrongLayout, changed(peers=status[:1])
    yield WrongLayout, changed(peers=status[::-1])
    yield WrongLayout, changed(peers=[*status, PeerCounted(member="late", status=COUNTED)])
    yield WrongLayout, changed(cells=[*good.cells, 0])
    yield WrongLayout, changed(cells=list(good.cells)[1:])
    yield WrongLayout, changed(histogram=[0])
    yield AbsurdValue, changed(cells=[2**62, *list(good.cells)[1:]])
    yield AbsurdValue, changed(histogram=[-(10**9), *list(good.histogram)[1:]])
    yield TooLarge, bytes(1 << 18)
    yield NotWitnessed, changed(entry=99)
    yield NotBooked, changed(entry=1)


def test_every_refusal_of_a_count_changes_nothing(market: Market) -> None:
    office, (aker, bryggen, *_) = market
    before = contents(office.store)
    for number, (refusal, envelope) in enumerate(wrong(office, aker, bryggen)):
        with pytest.raises(refusal) as caught:
            send(office, aker, envelope)
        assert type(caught.value) is refusal, number
    assert contents(office.store) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"study_digest": STUDY.sketch_digest},
        {"window": twelve_months_to(date(2025, 11, 30))},
        {"release_digest": "sha256:" + "0" * 64},
    ],
)
def test_a_count_that_its_entry_does_not_book_is_refused(market: Market, changes: dict[str, Any]) -> None:
    office, (aker, *_) = market
    found = market_of(office, "cross")
    envelope = signed_count(aker, a_count(office, aker, found))
    book_count(office, aker, envelope, 2, **changes)
    with pytest.raises(NotBooked):
        send(office, aker, envelope)


def test_before_the_market_nobody_counts(office: Office) -> None:
    aker, bryggen = members(office, "aker", "bryggen")
    a_cross_round(office, "first")
    with_market(office, [aker, bryggen], "first")
    envelope = counts(office, aker, "first")
    rounds.abort(office.store, "first", "a test", NOW)
    a_cross_round(office, "cross")
    with pytest.raises(NotYet):
        send(office, aker, envelope)
    both = submissions.rounds_of(office.store, aker.caller, NOW)
    (own, _) = sorted(both, key=lambda each: each.state is State.ABORTED)
    assert (own.stage, own.own, own.sketch_digest) == (Stage.SKETCH, "waiting", "")


def test_who_has_no_sketch_in_the_market_counts_not(market: Market) -> None:
    office, (*_, late) = market
    found = market_of(office, "cross")
    for envelope in (signed_count(late, a_count(office, late, found)), b"noise"):
        with pytest.raises(NotInMarket, match="goes on without you"):
            send(office, late, envelope)


def test_the_count_of_another_market_is_refused_and_of_the_same_sketches_taken_again(office: Office) -> None:
    found = members(office, "aker", "bryggen", "fjord")
    a_cross_round(office, "two")
    sketchers = [sketched(office, each) for each in found]
    for who in sketchers[:2]:
        put(office, who, "two", sealed(office, who, "two"))
    markets.form(office, "two", NOW)
    of_two = counts(office, found[0], "two")
    rounds.abort(office.store, "two", "a test", NOW)
    for name in ("three", "cross"):
        a_cross_round(office, name)
        for who in sketchers:
            put(office, who, name, sealed(office, who, name))
        markets.form(office, name, NOW)
        with pytest.raises(WrongLayout):
            submit(office.store, found[0].caller, name, of_two, NOW)
        if name == "three":
            of_three = counts(office, found[0], "three")
            submit(office.store, found[0].caller, name, of_three, NOW)
            rounds.abort(office.store, name, "a test", NOW)
    send(office, found[0], of_three)


def test_a_release_of_tables_or_a_count_has_no_place_in_the_other_round(market: Market) -> None:
    office, (aker, *_) = market
    with pytest.raises(BadRelease):
        send(office, aker, signed(aker, a_message(aker)))


def statuses(office: Office, now: Any) -> dict[str, tuple[str, Stage | None]]:
    return {each.member: (each.status, each.late_for) for each in submissions.answers(office.store, "cross", now)}


def test_who_is_late_for_what(market: Market) -> None:
    office, (aker, bryggen, fjord, late) = market
    send(office, aker, counts(office, aker))
    submissions.decline(office.store, bryggen.caller, "cross", NOW)
    assert statuses(office, NOW) == {
        "aker": ("released", None),
        "bryggen": ("declined", None),
        "fjord": ("sketched", None),
        "late": ("late", Stage.SKETCH),
    }
    over = {**statuses(office, NOW), "fjord": ("late", Stage.COUNT)}
    assert statuses(office, DEADLINE) == over
    for refused in (fjord, late):
        with pytest.raises(RoundClosed):
            submit(office.store, refused.caller, "cross", b"", DEADLINE)


def test_while_sketches_are_taken_nobody_is_late(office: Office) -> None:
    aker, bryggen = members(office, "aker", "bryggen")
    a_cross_round(office, "cross")
    who = sketched(office, aker)
    put(office, who, "cross", sealed(office, who, "cross"))
    assert statuses(office, NOW) == {"aker": ("sketched", None), "bryggen": ("waiting", None)}
    assert statuses(office, DEADLINE - DAY)["bryggen"] == ("late", Stage.SKETCH)
    submissions.decline(office.store, bryggen.caller, "cross", NOW)
    assert statuses(office, DEADLINE - DAY)["bryggen"] == ("declined", None)


def test_who_declined_in_the_market_may_still_count(market: Market) -> None:
    office, (aker, *_) = market
    submissions.decline(office.store, aker.caller, "cross", NOW)
    send(office, aker, counts(office, aker))
    assert statuses(office, NOW)["aker"] == ("released", None)
