"""A coordinator whose members sketch and count: real sketches of invented bits, sealed and booked as nodes do it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from coordinator.cross_use.sketches import Incoming, SketchReceipt, incoming
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.rounds.rounds import Round, open_round
from coordinator.rounds.stages import market_envelope
from coordinator.rounds.studies import StudyText
from privacy.identity.chain import KeyChain
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent, SpentLaplace, SpentPart, SpentResponse
from privacy.rounds.announcement import Announcement
from privacy.rounds.announcement import read as read_announcement
from privacy.rounds.count_fit import COUNT, COUNTED
from privacy.rounds.market import Market, announcement_digest, read_market
from privacy.signing.envelope import sign
from privacy.sketch.header import Contents, SealedHeader, Sending, read_header, sign_header
from privacy.sketch.sealing import Sealed, seal
from privacy.sketch.sketch import SketchTerms, sign_sketch
from privacy.studies.cross_use import SKETCH, CrossUseStudy
from privacy.studies.cross_use_price import count_price
from privacy.studies.shelf import parse
from protos.kudos.v1.cross_use_pb2 import Count, PeerCounted
from tests.coordinator.house import DEADLINE, NOW, WINDOW, WINDOW_LAST, Joined, joined
from tests.coordinator.ledger import FakeLedger, cosigned_leaves
from tests.coordinator.rounds.test_roster import commits

SKETCHES_UNTIL = NOW + timedelta(days=10)

TEXT = """
kind = "cross-use"
name = "cross"
version = 1
title = "Who shares audiences, in a sketch of a few chunks"
window = "year"
cohorts = ["network", "industry", "county"]

[sketch]
buckets = 1048576
flips = 17626
flip_bits = 16

[count]
rho = "0.009"
histogram_epsilon = "0.1"
partition = "age_band"

[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25
noise_percent = 50
"""
"""A sketch of it has 128 KiB, which are three chunks."""


def study_of(text: str = TEXT) -> StudyText:
    """A study of cross-use from its text."""
    return StudyText(parse(text, "a test"), text)


def cross_use(study: StudyText) -> CrossUseStudy:
    """The study itself."""
    assert isinstance(study.study, CrossUseStudy)
    return study.study


CROSS = study_of()
STUDY = cross_use(CROSS)
CHAIN = KeyChain.generate()
ONES = np.full(STUDY.buckets // 8, 255, dtype=np.uint8)


@dataclass
class Sketcher:
    """A member with its one sketch of a year, which it may seal for several rounds."""

    joined: Joined
    sketch: bytes
    terms: SketchTerms
    entry: int

    @property
    def id(self) -> str:
        """The member's id."""
        return self.joined.id


def a_cross_round(office: Office, round_id: str | None = None, *, quorum: int = 2, study: StudyText = CROSS) -> Round:
    """A round of cross-use."""
    return open_round(office, study, WINDOW_LAST, DEADLINE, NOW, quorum, round_id, SKETCHES_UNTIL)


def members(office: Office, *names: str, now: datetime = NOW) -> list[Joined]:
    """Members that hold the network's identity key."""
    found = [joined(office, name, now) for name in names]
    for each in found:
        commits(office, each, CHAIN)
    return found


def book(office: Office, member: Joined, make: Callable[[int, datetime], Spent], now: datetime = NOW) -> None:
    """Has one more entry of a member's ledger cosigned."""
    there = cosigned_leaves(office, member.id)
    ledger = FakeLedger(member.enrolled.ledger, member.keys.signing, there[:])
    if not there:
        ledger.begin(office.witness, now - timedelta(seconds=1))
    ledger.append(make(len(ledger.leaves), now))
    ledger.request(len(there)).send(office, member.caller, now)


def next_entry(office: Office, member: Joined) -> int:
    """The number of the entry that `book` would add."""
    return max(2, len(cosigned_leaves(office, member.id)))


def terms_of(study: CrossUseStudy = STUDY, **changes: Any) -> SketchTerms:
    """The terms that the study's rounds ask for, or others."""
    terms = SketchTerms(
        epoch="2025",
        window=WINDOW,
        buckets=study.buckets,
        flips=study.response.flips,
        flip_bits=study.response.bits,
        identity_commitment=CHAIN.commitment(),
        identity_epoch=CHAIN.epoch,
    )
    return replace(terms, **changes)


def sketched(
    office: Office,
    member: Joined,
    *,
    bits: Any = None,
    booked: bool = True,
    changes: Any = None,
    now: datetime = NOW,
    **terms: Any,
) -> Sketcher:
    """A member with a sketch of `bits`, or of none that are set, booked and cosigned unless said otherwise.

    `changes` are to what its ledger books, `terms` to what the sketch is of.
    """
    entry, said = next_entry(office, member), terms_of(**terms)
    bits = np.zeros(said.bytes_of_bits, dtype=np.uint8) if bits is None else bits
    sketch = sign_sketch(said, member.enrolled.ledger, entry, bits, member.keys.signing)
    if booked:
        book(office, member, lambda seq, time: spent_sketch(seq, time, sketch, said, **(changes or {})), now)
    return Sketcher(member, sketch, said, entry)


def spent_sketch(seq: int, time: datetime, sketch: bytes, terms: SketchTerms, **changes: Any) -> Spent:
    """The entry that books a sketch."""
    cost = terms.response.cost()
    part = SpentResponse(
        table="sketch",
        measure="customers",
        cells=terms.buckets,
        flips=terms.flips,
        flip_bits=terms.flip_bits,
        epsilon_u=cost.micro,
    )
    fields: dict[str, Any] = {
        "study": SKETCH,
        "study_digest": STUDY.sketch_digest,
        "round": None,
        "window": terms.window,
        "parts": (part,),
        "epsilon_u": cost.micro,
        "rho_u": 0,
        "release_digest": release_digest(sketch),
    }
    return Spent(seq=seq, time=time, **(fields | changes))


def announced(office: Office, round_id: str) -> tuple[Announcement, bytes]:
    """A round's announcement, read and as it was signed."""
    signed = rounds.announcement(office.store, round_id)
    return read_announcement(signed, office.signing_key.public_key()), signed


def sealed(office: Office, who: Sketcher, round_id: str, recipients: Sequence[Joined] = (), **sending: Any) -> Sealed:
    """A member's sketch, sealed for a round and for itself and the recipients."""
    _, signed = announced(office, round_id)
    said = replace(Sending("npu.example", round_id, who.id, announcement_digest(signed)), **sending)
    keys = {each.id: each.keys.sealing.public_key() for each in (who.joined, *recipients)}
    return seal(who.sketch, said, keys, who.joined.keys.signing)


def again_signed(who: Sketcher, one: Sealed, contents: Callable[[Contents], Contents]) -> Sealed:
    """The same chunks under a header that says something else, and that its sender signed."""
    header = read_header(one.header, who.joined.keys.signing.public_key())
    other = SealedHeader(contents(header.contents), header.chunks_digest, header.keys)
    return Sealed(sign_header(other, who.joined.keys.signing), one.chunks)


def put(
    office: Office, who: Sketcher | Joined, round_id: str, one: Sealed, now: datetime = NOW, end: datetime | None = None
) -> SketchReceipt:
    """Sends a sealed sketch, whose last chunk comes at `end`."""
    caller = (who.joined if isinstance(who, Sketcher) else who).caller
    with incoming(office, caller, round_id, one.header, now) as entered:
        if isinstance(entered, Incoming):
            for chunk in one.chunks:
                entered.feed(chunk)
            return entered.finish(end or now)
        return entered


def market_of(office: Office, round_id: str) -> Market:
    """A round's market, verified as a node does it."""
    with office.store.reading() as connection:
        envelope = market_envelope(connection, round_id)
    assert envelope is not None
    return read_market(envelope, office.signing_key.public_key(), *announced(office, round_id))


def a_count(office: Office, member: Joined, market: Market, **changes: Any) -> Count:
    """A member's count against all peers of a market, unsigned. Its entry is the next that `book` would add."""
    peers = market.peers_of(member.id)
    rows = len(STUDY.groups) + 1
    fields: dict[str, Any] = {
        "ledger": member.enrolled.ledger,
        "entry": next_entry(office, member),
        "study": STUDY.name,
        "study_version": STUDY.version,
        "study_digest": STUDY.digest,
        "window_first": WINDOW.first.isoformat(),
        "window_last": WINDOW.last.isoformat(),
        "sketches_digest": market.sketches_digest,
        "named_pairs": True,
        "peers": [PeerCounted(member=peer, status=COUNTED, ones=300_000) for peer in peers],
        "cells": [20_000, *[-6_000] * len(peers)] * rows,
        "histogram": [20_000 // (len(peers) + 1)] * (len(peers) + 1),
    }
    return Count(**(fields | changes))


def signed_count(member: Joined, count: Count) -> bytes:
    """An envelope around a count."""
    return sign(COUNT, count.SerializeToString(deterministic=True), member.keys.signing)


def book_count(office: Office, member: Joined, envelope: bytes, peers: int, **changes: Any) -> None:
    """Has the entry cosigned that books a count."""
    price = count_price(STUDY, peers)
    sums = SpentPart(
        table="overlap",
        measure="customers",
        cells=(len(STUDY.groups) + 1) * (peers + 1),
        l2_squared=price.l2_squared,
        scale=price.sums.scale,
        rho_u=price.rho.micro,
    )
    histogram = SpentLaplace(
        table="peers",
        measure="customers",
        cells=peers + 1,
        l1=1,
        scale=price.histogram.scale,
        epsilon_u=price.epsilon.micro,
    )
    fields: dict[str, Any] = {
        "study": STUDY.name,
        "study_digest": STUDY.digest,
        "round": None,
        "window": WINDOW,
        "parts": (sums, histogram),
        "epsilon_u": price.epsilon.micro,
        "rho_u": price.rho.micro,
        "release_digest": release_digest(envelope),
    }
    book(office, member, lambda seq, time: Spent(seq=seq, time=time, **(fields | changes)))
