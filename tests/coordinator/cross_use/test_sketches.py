"""Sealed sketches on their way in: whole or not at all, once, and nothing that a round does not ask for."""

import hashlib
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from coordinator.authority.peer import Role
from coordinator.cross_use import markets
from coordinator.cross_use.sketches import Incoming, SketchReceipt, incoming
from coordinator.errors import (
    BadSketch,
    NotBooked,
    NotInRoster,
    NotWitnessed,
    NotYet,
    OtherTerms,
    RefusedCall,
    RoleNotAllowed,
    RoundClosed,
    SketchDiffers,
    StaleStage,
    StoreUnusable,
    SubmissionDiffers,
    TooLarge,
    UnknownRound,
    WrongLedger,
    WrongRound,
    WrongStudy,
)
from coordinator.members import identity
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.rounds import rounds, submissions
from coordinator.store.tables import sketch_chunks
from privacy.bounds.windows import twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.rounds.states import State
from privacy.signing.envelope import sign
from privacy.sketch.header import LARGEST_HEADER, SEALED_SKETCH
from privacy.sketch.sealing import Sealed
from protos.kudos.v1.cross_use_pb2 import SealedSketch
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.coordinator.cross_use.house import (
    ONES,
    SKETCHES_UNTIL,
    STUDY,
    TEXT,
    Sketcher,
    a_cross_round,
    again_signed,
    members,
    put,
    sealed,
    sketched,
    study_of,
)
from tests.coordinator.house import DEADLINE, NOW, Joined, a_round, contents, joined

DAY = timedelta(days=1)


@pytest.fixture
def three(office: Office) -> tuple[Office, Sketcher, Sketcher, Joined]:
    """A round of cross-use of three members, of whom two have booked their sketch."""
    aker, bryggen, fjord = members(office, "aker", "bryggen", "fjord")
    a_cross_round(office, "cross")
    return office, sketched(office, aker), sketched(office, bryggen), fjord


Three = tuple[Office, Sketcher, Sketcher, Joined]


def test_a_sketch_is_stored_as_it_came_and_the_same_again_gets_the_same_receipt(three: Three) -> None:
    office, aker, _, fjord = three
    one = sealed(office, aker, "cross", [fjord])
    assert len(one.chunks) == 3
    receipt = put(office, aker, "cross", one, NOW, NOW + DAY)
    assert receipt == SketchReceipt(hashlib.sha256(one.header).hexdigest(), NOW + DAY)
    query = select(sketch_chunks.c.chunk).order_by(sketch_chunks.c.number)
    with office.store.reading() as connection:
        assert tuple(connection.execute(query).scalars()) == one.chunks
    before = contents(office.store)
    for now in (NOW + 2 * DAY, SKETCHES_UNTIL + DAY, DEADLINE + DAY):
        assert put(office, aker, "cross", one, now) == receipt
    rounds.abort(office.store, "cross", "a test", NOW + DAY)
    assert put(office, aker, "cross", one, NOW) == receipt
    assert contents(office.store)["sketches"] == before["sketches"]
    (own,) = submissions.rounds_of(office.store, aker.joined.caller, NOW)
    assert (own.own, own.stage, own.sketch_digest) == ("waiting", None, receipt.header_digest)


def test_nothing_is_left_beside_the_store(three: Three) -> None:
    office, aker, _, fjord = three
    before = {file.name for file in office.home.path.iterdir()}
    one = sealed(office, aker, "cross", [fjord])
    with pytest.raises(BadSketch):
        put(office, aker, "cross", Sealed(one.header, one.chunks[:1]))
    put(office, aker, "cross", one)
    assert {file.name for file in office.home.path.iterdir()} == before


def test_another_sketch_in_the_round_is_refused_and_the_first_stands(three: Three) -> None:
    office, aker, _, fjord = three
    put(office, aker, "cross", sealed(office, aker, "cross", [fjord]))
    other = sketched(office, aker.joined, bits=ONES)
    before = contents(office.store)
    for one in (sealed(office, other, "cross", [fjord]), sealed(office, aker, "cross", [fjord])):
        with pytest.raises(SubmissionDiffers):
            put(office, aker, "cross", one)
    assert contents(office.store) == before


def test_there_is_one_sketch_a_year_also_in_a_round_that_was_aborted(three: Three) -> None:
    office, aker, bryggen, _ = three
    put(office, aker, "cross", sealed(office, aker, "cross"))
    rounds.abort(office.store, "cross", "a test", NOW)
    a_cross_round(office, "again")
    other = sketched(office, aker.joined, bits=ONES)
    before = contents(office.store)
    with pytest.raises(SketchDiffers, match="cross"):
        put(office, aker, "again", sealed(office, other, "again"))
    assert contents(office.store) == before
    put(office, aker, "again", sealed(office, aker, "again"))
    put(office, bryggen, "again", sealed(office, bryggen, "again"))


def test_another_sketch_of_the_year_that_was_first_elsewhere_meanwhile_is_refused(three: Three) -> None:
    office, aker, _, _ = three
    a_cross_round(office, "other", study=study_of(TEXT.replace('"cross"', '"other"')))
    another = sketched(office, aker.joined, bits=ONES)
    one = sealed(office, another, "cross")
    with incoming(office, aker.joined.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        put(office, aker, "other", sealed(office, aker, "other"))
        for chunk in one.chunks:
            entered.feed(chunk)
        with pytest.raises(SketchDiffers):
            entered.finish(NOW)
    assert rounds.get(office.store, "cross").sketches == 0


def headers(office: Office, aker: Sketcher, fjord: Joined) -> Iterator[tuple[str, type[RefusedCall], Sealed]]:
    """Headers that a round must not take, each with its refusal."""
    one = sealed(office, aker, "cross", [fjord])
    payload = Envelope.FromString(one.header).payload
    key, other = aker.joined.keys.signing, fjord.keys.signing
    foreign = SealedSketch.FromString(payload)
    foreign.keys[0].member = "a-stranger"
    twice = SealedSketch.FromString(payload)
    twice.keys.append(twice.keys[0])
    short = SealedSketch.FromString(payload)
    short.chunks = 2
    for what, refusal, header in (
        ("nothing", BadSketch, b""),
        ("noise", BadSketch, b"noise"),
        ("too much", TooLarge, bytes(LARGEST_HEADER + 1)),
        ("signed by another", BadSketch, sign(SEALED_SKETCH, payload, other)),
        ("of another type", BadSketch, sign("application/vnd.kudos.v1.sketch", payload, key)),
        ("with a field that nobody knows", BadSketch, sign(SEALED_SKETCH, payload + b"\xd0\x3e\x01", key)),
        ("with another number of chunks", BadSketch, sign(SEALED_SKETCH, short.SerializeToString(), key)),
        ("for a member twice", BadSketch, sign(SEALED_SKETCH, twice.SerializeToString(), key)),
        ("for a stranger", WrongRound, sign(SEALED_SKETCH, foreign.SerializeToString(), key)),
    ):
        yield what, refusal, Sealed(header, one.chunks)
    yield "of another round", WrongRound, sealed(office, aker, "cross", round="another")
    yield "of another roster", WrongRound, sealed(office, aker, "cross", announcement_digest=bytes(32))
    yield "of another network", WrongRound, sealed(office, aker, "cross", coordinator="other.example")
    yield "in another's name", WrongRound, sealed(office, aker, "cross", sender="fjord")
    yield (
        "of another ledger",
        WrongLedger,
        again_signed(aker, one, lambda said: replace(said, ledger="npu.example/ledger/fjord")),
    )
    yield "of an entry to come", NotWitnessed, again_signed(aker, one, lambda said: replace(said, entry=3))
    yield "of an entry that spends nothing", NotBooked, again_signed(aker, one, lambda said: replace(said, entry=1))
    yield "of another sketch", NotBooked, again_signed(aker, one, lambda said: replace(said, sketch_digest=bytes(32)))


def test_no_header_but_one_of_this_round_and_this_member_is_taken(three: Three) -> None:
    office, aker, _, fjord = three
    before = contents(office.store)
    for what, refusal, one in headers(office, aker, fjord):
        with pytest.raises(refusal) as caught:
            put(office, aker, "cross", one)
        assert type(caught.value) is refusal, what
    assert contents(office.store) == before


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"buckets": STUDY.buckets * 2}, OtherTerms),
        ({"buckets": STUDY.buckets // 2}, OtherTerms),
        ({"flips": STUDY.response.flips + 1}, OtherTerms),
        ({"flips": STUDY.response.flips * 2, "flip_bits": 17}, OtherTerms),
        ({"epoch": "2024", "window": twelve_months_to(date(2024, 12, 31))}, OtherTerms),
        ({"epoch": "2026", "window": twelve_months_to(date(2026, 1, 31))}, OtherTerms),
        ({"identity_commitment": bytes(32)}, OtherTerms),
        ({"identity_epoch": 1}, OtherTerms),
    ],
)
def test_a_sketch_of_other_terms_is_refused_though_it_is_booked(
    office: Office, terms: dict[str, Any], refusal: type[RefusedCall]
) -> None:
    (aker,) = members(office, "aker")
    joined(office, "fjord")
    a_cross_round(office, "cross")
    before = None
    who = sketched(office, aker, **terms)
    before = contents(office.store)
    with pytest.raises(refusal) as caught:
        put(office, who, "cross", sealed(office, who, "cross"))
    assert type(caught.value) is refusal
    assert contents(office.store) == before


def test_a_sketch_of_other_months_of_the_year_is_taken(office: Office) -> None:
    """There is one sketch a year, and rounds of several months of it may share it."""
    (aker,) = members(office, "aker")
    joined(office, "fjord")
    a_cross_round(office, "cross")
    who = sketched(office, aker, window=twelve_months_to(date(2025, 10, 31)))
    put(office, who, "cross", sealed(office, who, "cross"))


def test_who_is_seated_without_the_key_of_most_is_told_so(office: Office) -> None:
    members(office, "aker", "bryggen")
    stray, chain = joined(office, "stray"), KeyChain.generate().extended()
    said = make_commitment(chain, "stray", stray.keys.signing, stray.keys.sealing.public_key())
    identity.publish_commitment(office.store, stray.caller, said, NOW)
    a_cross_round(office, "cross")
    who = sketched(office, stray, identity_commitment=chain.commitment(), identity_epoch=chain.epoch)
    with pytest.raises(OtherTerms, match="without the network's identity key"):
        put(office, who, "cross", sealed(office, who, "cross"))


@pytest.mark.parametrize(
    "changes",
    [
        {"study_digest": STUDY.digest},
        {"study": STUDY.name},
        {"window": twelve_months_to(date(2025, 11, 30))},
        {"release_digest": "sha256:" + "0" * 64},
    ],
)
def test_an_entry_that_books_something_else_lets_no_sketch_in(office: Office, changes: dict[str, Any]) -> None:
    (aker,) = members(office, "aker")
    joined(office, "fjord")
    a_cross_round(office, "cross")
    who = sketched(office, aker, changes=changes)
    before = contents(office.store)
    with pytest.raises(NotBooked):
        put(office, who, "cross", sealed(office, who, "cross"))
    assert contents(office.store) == before


def test_a_sketch_waits_until_its_entry_is_cosigned(office: Office) -> None:
    (aker,) = members(office, "aker")
    joined(office, "fjord")
    a_cross_round(office, "cross")
    who = sketched(office, aker, booked=False)
    with pytest.raises(NotWitnessed, match="entry 2"):
        put(office, who, "cross", sealed(office, who, "cross"))


def spoiled(chunks: tuple[bytes, ...]) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    first, second, last = chunks
    flipped = bytes([first[0] ^ 1]) + first[1:]
    yield "none", ()
    yield "one missing", (first, second)
    yield "one too many", (*chunks, last)
    yield "an empty one too many", (*chunks, b"")
    yield "another order", (second, first, last)
    yield "one altered", (flipped, second, last)
    yield "one shorter", (first, second[:-1], last)
    yield "one longer", (first, second, last + b"x")
    yield "one that has taken of the next", (first + second[:1], second[1:], last)


def test_a_sketch_that_is_not_what_its_header_says_is_not_stored(three: Three) -> None:
    office, aker, _, _ = three
    one = sealed(office, aker, "cross")
    before = contents(office.store)
    for what, chunks in spoiled(one.chunks):
        with pytest.raises(BadSketch):
            put(office, aker, "cross", Sealed(one.header, chunks))
        assert contents(office.store) == before, what
    put(office, aker, "cross", one)


def test_the_first_chunk_that_is_too_long_ends_it(three: Three) -> None:
    """So nobody fills the disk: no more is held than the study's sketches have."""
    office, aker, _, _ = three
    one = sealed(office, aker, "cross")
    with incoming(office, aker.joined.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        with pytest.raises(BadSketch):
            entered.feed(bytes(1 << 20))


def test_while_a_slow_member_sends_others_write(three: Three) -> None:
    office, aker, bryggen, _ = three
    one = sealed(office, aker, "cross")
    with incoming(office, aker.joined.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        entered.feed(one.chunks[0])
        put(office, bryggen, "cross", sealed(office, bryggen, "cross"))
        for chunk in one.chunks[1:]:
            entered.feed(chunk)
        entered.finish(NOW)
    assert rounds.get(office.store, "cross").sketches == 2


def test_the_same_sketch_that_comes_twice_at_once_is_stored_once(three: Three) -> None:
    office, aker, _, _ = three
    one = sealed(office, aker, "cross")
    with incoming(office, aker.joined.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        first = put(office, aker, "cross", one, NOW)
        for chunk in one.chunks:
            entered.feed(chunk)
        assert entered.finish(NOW + DAY) == first
    assert len(contents(office.store)["sketch_chunks"]) == 3


def test_a_round_takes_sketches_of_its_roster_while_it_takes_them(three: Three) -> None:
    office, aker, bryggen, _ = three
    one = sealed(office, aker, "cross")
    late = members(office, "late")[0]
    auditor = replace(aker.joined.caller, role=Role.AUDITOR)
    tables = a_round(office, "tables")

    def sent(caller: Caller, name: str, now: Any = NOW) -> None:
        with incoming(office, caller, name, one.header, now):
            pass

    refused: list[tuple[type[RefusedCall], Callable[[], None]]] = [
        (UnknownRound, lambda: sent(aker.joined.caller, "nothing")),
        (NotInRoster, lambda: sent(late.caller, "cross")),
        (WrongStudy, lambda: sent(aker.joined.caller, tables.id)),
        (StaleStage, lambda: sent(aker.joined.caller, "cross", SKETCHES_UNTIL)),
        (RoundClosed, lambda: sent(aker.joined.caller, "cross", DEADLINE)),
        *((RoleNotAllowed, _as(sent, replace(auditor, role=role))) for role in Role if role is not Role.MEMBER),
    ]
    before = contents(office.store)
    for refusal, call in refused:
        with pytest.raises(refusal) as caught:
            call()
        assert type(caught.value) is refusal
    assert contents(office.store) == before
    with incoming(office, aker.joined.caller, "cross", one.header, NOW) as entered:
        assert isinstance(entered, Incoming)
        for chunk in one.chunks:
            entered.feed(chunk)
        with pytest.raises(StaleStage, match="goes on without yours"):
            entered.finish(SKETCHES_UNTIL)
    put(office, bryggen, "cross", sealed(office, bryggen, "cross"))


def _as(sent: Callable[[Caller, str], None], caller: Caller) -> Callable[[], None]:
    return lambda: sent(caller, "cross")


def test_who_declines_and_then_sends_its_sketch_takes_part(three: Three) -> None:
    office, aker, bryggen, _ = three
    one = sealed(office, aker, "cross")
    submissions.decline(office.store, aker.joined.caller, "cross", NOW)
    receipt = put(office, aker, "cross", one)
    assert status(office)["aker"] == "sketched"
    submissions.decline(office.store, aker.joined.caller, "cross", NOW)
    assert status(office)["aker"] == "declined"
    assert put(office, aker, "cross", one) == receipt
    assert status(office)["aker"] == "sketched"
    put(office, bryggen, "cross", sealed(office, bryggen, "cross"))
    markets.form(office, "cross", NOW)
    submissions.decline(office.store, aker.joined.caller, "cross", NOW)
    assert put(office, aker, "cross", one) == receipt
    assert status(office)["aker"] == "declined"


@pytest.mark.parametrize("over", ["its time", "the round", "the market"])
def test_who_declined_and_sends_the_same_again_too_late_stays_out(three: Three, over: str) -> None:
    office, aker, bryggen, fjord = three
    one = sealed(office, aker, "cross")
    put(office, aker, "cross", one)
    submissions.decline(office.store, aker.joined.caller, "cross", NOW)
    if over == "the round":
        rounds.abort(office.store, "cross", "a test", NOW)
    elif over == "the market":
        third = sketched(office, fjord)
        for who in (bryggen, third):
            put(office, who, "cross", sealed(office, who, "cross"))
        markets.form(office, "cross", NOW)
    put(office, aker, "cross", one, SKETCHES_UNTIL if over == "its time" else NOW)
    assert status(office)["aker"] == "declined"


def test_where_there_is_no_room_a_sketch_is_refused_and_nothing_stored(
    three: Three,
) -> None:
    office, aker, _, _ = three
    one = sealed(office, aker, "cross")
    before = contents(office.store)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with pytest.raises(StoreUnusable, match="no room"):
            put(office, aker, "cross", one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert contents(office.store) == before
    put(office, aker, "cross", one)


def status(office: Office) -> dict[str, str]:
    return {each.member: each.status for each in submissions.answers(office.store, "cross", NOW)}


def test_the_round_is_collecting_from_its_first_sketch_on(three: Three) -> None:
    office, aker, _, _ = three
    assert rounds.get(office.store, "cross").state is State.OPEN
    put(office, aker, "cross", sealed(office, aker, "cross"))
    assert rounds.get(office.store, "cross").state is State.COLLECTING


def test_a_sketch_waits_for_the_time_of_its_cosignature(three: Three) -> None:
    """By a clock that was ahead and is set back, before the sketch comes or while it does."""
    office, _, _, fjord = three
    who = sketched(office, fjord, now=NOW + DAY)
    one = sealed(office, who, "cross")
    for begun in (NOW, NOW + DAY):
        with pytest.raises(NotYet, match="cosigned by a clock that was ahead"):
            put(office, who, "cross", one, begun, NOW)
    assert put(office, who, "cross", one, NOW + DAY).received == NOW + DAY
