"""The invented federation with a round of cross-use besides: seven sealed sketches, their market, seven counts.

The customers are invented, and so are their sketches, from a seed: 16 384 buckets, so that it takes a second.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from privacy.audit.records import RoundRecord
from privacy.bounds.windows import Window, twelve_months_to
from privacy.rounds.announcement import Announcement, Seat, announce
from privacy.rounds.count_fit import COUNT, COUNTED
from privacy.rounds.market import Market, MarketSeat, announcement_digest, sign_market
from privacy.signing.envelope import public_key_text, sign
from privacy.sketch.bitmap import filled, ones
from privacy.sketch.counting import count
from privacy.sketch.header import Sending
from privacy.sketch.sealing import seal
from privacy.sketch.sketch import SketchTerms, sign_sketch
from privacy.studies.cross_use import SKETCH, CrossUseStudy
from privacy.studies.cross_use_price import count_price
from privacy.studies.shelf import parse
from protos.kudos.v1.cross_use_pb2 import Count, PeerCounted
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.privacy.audit.booked import count_parts, sketch_parts
from tests.privacy.audit.federation import INDUSTRIES, MEMBERS, Federation, Round, Sketched, copy_of, federation
from tests.privacy.audit.houses import COORDINATOR, DOMAIN, WINDOWS, Node, Sent

NAME = "cross-2025"
WINDOW = WINDOWS["year-2025"]
MONTHS = "cross-2025-11"
OTHER_MONTHS = twelve_months_to(date(2025, 11, 30))
OPENED = datetime(2026, 3, 4, 9, tzinfo=UTC)
SKETCHED = OPENED + timedelta(days=2)
SKETCHES_UNTIL = OPENED + timedelta(days=7)
MARKET_MADE = SKETCHES_UNTIL + timedelta(minutes=1)
COUNTED_AT = OPENED + timedelta(days=9)
DEADLINE = OPENED + timedelta(days=14)
PUBLISHED = DEADLINE + timedelta(hours=3)

TEXT = """
kind = "cross-use"
name = "crossing"
version = 1
title = "Cross-use in few buckets: enough to be dishonest with"
window = "year"
cohorts = ["network", "industry", "county"]
[sketch]
buckets = 16384
flips = 17626
flip_bits = 16
[count]
rho = "0.009"
histogram_epsilon = "0.1"
partition = "frequency_band"
[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25
noise_percent = 50
"""
_STUDY = parse(TEXT, "crossing.toml")
assert isinstance(_STUDY, CrossUseStudy)
STUDY: CrossUseStudy = _STUDY

COMMITMENT, IDENTITY_EPOCH = b"\x33" * 32, 0
PEOPLE, CUSTOMERS = 9000, 3000
"""Everybody, and how many of them each member has."""


@dataclass(frozen=True)
class Drawn:
    """A member's invented sketch, and where its customers are in the others'."""

    bits: NDArray[np.uint8]
    own: NDArray[np.int64]
    group: NDArray[np.int64]


def sealing_key(member: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(f"seals {member}".encode().ljust(32, b".")[:32])


def crossing(declined: tuple[str, ...] = (), silent: tuple[str, ...] = ()) -> Federation:
    """An honest one with its round of cross-use, the caller's own.

    `declined`: who declined after they had sketched; `silent`: who never counted.
    """
    return copy_of(_made(declined, silent))


@cache
def _made(declined: tuple[str, ...], silent: tuple[str, ...]) -> Federation:
    made = federation()
    open_round(made, NAME)
    for index, node in enumerate(made.nodes.values()):
        take_sketch(made, NAME, node, SKETCHED + timedelta(hours=index))
        node.seal()
    for member in declined:
        made.sketches[NAME][member].declined = SKETCHED + timedelta(days=1)
    make_market(made, NAME)
    for index, node in enumerate(made.nodes.values()):
        if node.id not in (*declined, *silent):
            take_count(made, NAME, node, COUNTED_AT + timedelta(hours=index))
            node.seal()
    made.publish(NAME, 1, PUBLISHED)
    return made


def other_months(made: Federation, *, without: tuple[str, ...] = ()) -> None:
    """A round over other months of the same year, counted against the same sketches and not published yet.

    `without` are members that do not take part in it. The others have budgets that allow for it.
    """
    open_round(made, MONTHS, window=OTHER_MONTHS)
    there = [node for node in made.nodes.values() if node.id not in without]
    for node in there:
        header = header_of(made, MONTHS, node, sketch_of(node, sketch_leaf(node)["seq"]))
        made.sketches[MONTHS][node.id] = Sketched(header, made.sketches[NAME][node.id].received)
    make_market(made, MONTHS)
    for index, node in enumerate(there):
        node.of_type("policy")["cap_epsilon_u"] = 1_200_000
        take_count(made, MONTHS, node, COUNTED_AT + timedelta(days=1, hours=index))
        node.seal()


def open_round(made: Federation, name: str, study_text: str = TEXT, window: Window = WINDOW) -> None:
    roster = tuple(_seat(node, industry) for node, industry in zip(made.nodes.values(), INDUSTRIES, strict=True))
    study = parse(study_text, "its study")
    announcement = Announcement(DOMAIN, name, study, study_text, window, OPENED, DEADLINE, roster, SKETCHES_UNTIL)
    record = RoundRecord(round=name, state="published", opened=OPENED, deadline=DEADLINE, ended=DEADLINE, reason=None)
    made.rounds[name] = Round(announcement, announce(announcement, COORDINATOR), record)
    made.sketches[name] = {}


def _seat(node: Node, industry: str) -> Seat:
    return Seat(
        member=node.id,
        name=node.id,
        industry=industry,
        county="46",
        size_class=None,
        signing_key=public_key_text(node.key.public_key()),
        sealing_key=sealing_key(node.id).public_key().public_bytes_raw().hex(),
        identity_commitment=COMMITMENT.hex(),
        identity_epoch=IDENTITY_EPOCH,
    )


@cache
def drawn() -> dict[str, Drawn]:
    """Every member's customers among the same people, and a sketch of them."""
    random = np.random.default_rng(2025)
    place = random.integers(0, STUDY.buckets, PEOPLE)
    found = {}
    for member in MEMBERS:
        people = random.choice(PEOPLE, CUSTOMERS, replace=False)
        flips = np.packbits(random.random(STUDY.buckets) < float(STUDY.flip_probability), bitorder="little")
        own = place[people].astype(np.int64)
        found[member] = Drawn(filled(own, STUDY.buckets) ^ flips, own, people % len(STUDY.groups))
    return found


def terms(**changes: Any) -> SketchTerms:
    fields: dict[str, Any] = {
        "epoch": "2025",
        "window": WINDOW,
        "buckets": STUDY.buckets,
        "flips": STUDY.response.flips,
        "flip_bits": STUDY.response.bits,
        "identity_commitment": COMMITMENT,
        "identity_epoch": IDENTITY_EPOCH,
    }
    return SketchTerms(**(fields | changes))


def header_of(
    made: Federation, name: str, node: Node, sketch: bytes, *, to: tuple[str, ...] = MEMBERS, **changes: Any
) -> bytes:
    """The envelope of the header under which a sketch is sealed for a round."""
    fields = {
        "coordinator": DOMAIN,
        "round": name,
        "sender": node.id,
        "announcement_digest": announcement_digest(made.rounds[name].envelope),
    }
    recipients = {member: sealing_key(member).public_key() for member in to if member != node.id}
    key: Ed25519PrivateKey = changes.pop("key", node.key)
    return seal(sketch, Sending(**(fields | changes)), recipients, key).header


def sketch_of(node: Node, entry: int, key: Ed25519PrivateKey | None = None, **changes: Any) -> bytes:
    """A member's sketch, signed, as that entry of its ledger books it."""
    return sign_sketch(terms(**changes), node.origin, entry, drawn()[node.id].bits, key or node.key)


def take_sketch(made: Federation, name: str, node: Node, time: datetime) -> None:
    """A member books its sketch, has it cosigned, and sends it sealed."""
    sketch = sketch_of(node, len(node.leaves))
    node.book(SKETCH, STUDY.sketch_digest, name, WINDOW, sketch_parts(STUDY), sketch, time)
    made.sketches[name][node.id] = Sketched(header_of(made, name, node, sketch), time + timedelta(seconds=9))


def make_market(
    made: Federation, name: str, time: datetime = MARKET_MADE, key: Ed25519PrivateKey = COORDINATOR, **changes: Any
) -> None:
    """The coordinator signs the market of the sketches that it has, as their members have booked them."""
    seats = tuple(
        MarketSeat(member, sha256(each.header).digest(), booked_sketch(made.nodes[member]))
        for member, each in sorted(made.sketches[name].items())
        if each.declined is None
    )
    fields = {
        "coordinator": DOMAIN,
        "round": name,
        "announcement_digest": announcement_digest(made.rounds[name].envelope),
        "seats": seats,
    }
    made.markets[name] = sign_market(Market(**(fields | changes)), key), time


def sketch_leaf(node: Node) -> dict[str, Any]:
    return next(leaf for leaf in node.spends() if leaf["study"] == SKETCH)


def count_leaf(node: Node) -> dict[str, Any]:
    return next(leaf for leaf in node.spends() if leaf["study"] == STUDY.name)


def count_sent(node: Node) -> Sent:
    return next(each for each in node.sent if each.round == NAME)


def booked_sketch(node: Node) -> bytes:
    return bytes.fromhex(sketch_leaf(node)["release_digest"].removeprefix("sha256:"))


def payload_of(envelope: bytes) -> bytes:
    """What is signed there."""
    message = Envelope()
    message.ParseFromString(envelope)
    return message.payload


def count_of(made: Federation, name: str, node: Node, entry: int, **changes: Any) -> bytes:
    """A member's count against the market of a round, signed, as that entry of its ledger books it."""
    market, window = made.market(name), made.rounds[name].announcement.window
    assert market is not None
    peers = market.peers_of(node.id)
    bitmaps = [drawn()[peer].bits for peer in peers]
    mine = drawn()[node.id]
    exact = count(mine.own, mine.group, len(STUDY.groups), bitmaps)
    priced = count_price(STUDY, len(peers))
    random = np.random.default_rng(MEMBERS.index(node.id))
    noise = np.rint(random.normal(0, float(priced.sums.scale), exact.cells.size)).astype(np.int64)
    bins = np.rint(random.laplace(0, float(priced.histogram.scale), exact.histogram.size)).astype(np.int64)
    fields: dict[str, Any] = {
        "ledger": node.origin,
        "entry": entry,
        "study": STUDY.name,
        "study_version": STUDY.version,
        "study_digest": STUDY.digest,
        "window_first": window.first.isoformat(),
        "window_last": window.last.isoformat(),
        "sketches_digest": market.sketches_digest,
        "named_pairs": True,
        "peers": [
            PeerCounted(member=peer, status=COUNTED, ones=ones(bits)) for peer, bits in zip(peers, bitmaps, strict=True)
        ],
        "cells": (exact.cells.reshape(-1) + noise).tolist(),
        "histogram": (exact.histogram + bins).tolist(),
    }
    payload = Count(**(fields | changes)).SerializeToString(deterministic=True)
    return sign(COUNT, payload, node.key)


def take_count(made: Federation, name: str, node: Node, time: datetime) -> None:
    """A member books its count, has it cosigned, and sends it."""
    market = made.market(name)
    assert market is not None
    envelope = count_of(made, name, node, len(node.leaves))
    parts = count_parts(STUDY, len(market.peers_of(node.id)))
    node.book(STUDY.name, STUDY.digest, name, made.rounds[name].announcement.window, parts, envelope, time)
    node.sent.append(Sent(name, time + timedelta(seconds=9), envelope))
