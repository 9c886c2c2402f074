"""Taking part in a round of cross-use: the sketch is made, sealed and sent; once there is a market, the counts are."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from node.home import Home
from node.membership.errors import CoordinatorContradicts, RoundOver
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network import markets, rounds, sealed
from node.network.directory import directory
from node.network.fetching import Fetching, largest_transfer
from node.network.rounds import Round
from node.network.sharing import Reader, as_sealed, check_own_seat, readers, recipients
from node.network.witness import NetworkWitness
from node.release.make import Ready
from node.release.make_count import Sketch, make_count
from node.release.make_sketch import SketchReady, make_sketch
from node.release.stored_cross_use import read_stored, sketch_of
from node.wire.federation import Federation
from privacy.ledger.store import Ledger
from privacy.rounds.market import Market, announcement_digest
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.errors import BadSeal
from privacy.sketch.header import SealedHeader, Sending, check_sending, read_header
from privacy.sketch.sealing import seal
from privacy.sketch.sketch import SketchTerms
from privacy.studies.cross_use import CrossUseStudy

Ask = Callable[[], None]
"""Asked before anything is booked; raises to stop it."""


@dataclass(frozen=True)
class Sketched:
    """A sketch that the coordinator has: its entry, whether it was paid for `already`, and whom it is sealed for."""

    seq: int
    already: bool
    readers: tuple[Reader, ...]


def send_sketch(
    home: Home,
    coordinator: Federation,
    wanted: Round,
    study: CrossUseStudy,
    held: str,
    *,
    ask: Ask,
    say: Callable[[str], None],
    agreed: Callable[[], None],
) -> Sketched:
    """Makes the sketch that a round asks for, or finds it, seals it for its market, and sends it.

    `held` is the digest of the header that the coordinator has of this node for the round; "" for none. What it has
    stands: nothing is sealed anew then. `agreed` is told once the sketch is booked, before it is sent. Raises
    RosterRefused, RoundOver, CoordinatorContradicts, IdentityUnsettled, what `make_sketch` raises, and what the
    coordinator refuses with.
    """
    me, chain, key = coordinator.network.id, home.identity_chain(), load_signing_key(home.signing_key_file)
    announced = wanted.announcement
    if not held and wanted.sketches_over(datetime.now(UTC)):
        raise RoundOver(
            f"Round {wanted.name} took sketches until {wanted.answer_by:%Y-%m-%d %H:%M} UTC, and this node had sent "
            "none. Nothing was spent; the next round will ask you again."
        )
    check_own_seat(announced, me, chain)
    who = readers(announced, me, directory(home, coordinator)[1], chain)
    witness = NetworkWitness(home, coordinator)
    ready = make_sketch(home, study, announced.window, witness=witness, round_name=wanted.name, ask=ask, say=say)
    agreed()
    sending = _sending(home, coordinator, wanted)
    mine = sealed.kept(home, sending, key.public_key())
    if mine is not None and mine.header.contents.sketch_digest != _digest(ready):
        mine = None  # of another sketch, which the ledger does not have: it was never sent
    if held and (mine is None or mine.digest != held):
        header = _held_header(home, coordinator, sending, ready)
        rounds.mark_sketched(home, wanted.name, held)
        return Sketched(ready.seq, ready.already, as_sealed(who, header.keys))
    if mine is None:
        keys = recipients(who) | {me: sealing_key(Files(home).sealing_key).public_key()}
        made = seal(ready.envelope, sending, keys, key)
        sealed.keep(home, wanted.name, made)
        mine = sealed.Kept(made, read_header(made.header, key.public_key()))
    if coordinator.cross_use.put_sketch(wanted.name, mine.sealed.header, mine.sealed.chunks) != mine.digest:
        raise CoordinatorContradicts(
            f"The coordinator confirms another sketch for round {wanted.name} than was sent. Ask it why."
        )
    rounds.mark_sketched(home, wanted.name, mine.digest)
    return Sketched(ready.seq, ready.already, as_sealed(who, mine.header.keys))


def make_count_for(
    home: Home,
    coordinator: Federation,
    wanted: Round,
    study: CrossUseStudy,
    *,
    ask: Ask,
    say: Callable[[str], None],
) -> Ready:
    """The count for a round that has a market, witnessed: the stored one where it is paid for, else a new one.

    Raises BadMarket, RoundOver where the market has no sketch of this node, CoordinatorContradicts where it has another
    than was booked, what `make_count` raises, and what the coordinator refuses with.
    """
    me, announced = coordinator.network.id, wanted.announcement
    market = markets.take_in(home, coordinator, wanted.name, say)
    sealed.drop_chunks(home, wanted.name)
    terms = _own_terms(home, wanted, market, me)

    def sketches() -> Iterator[Sketch]:
        sending = _sending(home, coordinator, wanted)
        shared = frozenset(_own_header(home, coordinator, sending, terms).keys)
        key = sealing_key(Files(home).sealing_key)
        fetching = Fetching(coordinator, sending, key, terms, shared, say)
        for place in market.seats:
            seat = announced.seat(place.member)
            if place.member != me and seat is not None:
                yield fetching.fetch(seat, place)

    witness = NetworkWitness(home, coordinator)
    return make_count(
        home, study, announced.window, market, me, sketches, witness=witness, round_name=wanted.name, ask=ask, say=say
    )


def _sending(home: Home, coordinator: Federation, wanted: Round) -> Sending:
    """The node as the sender of a round's sketch."""
    announced, announcement = rounds.as_announced(home, coordinator.network, wanted.name)
    return Sending(announced.coordinator, announced.round, coordinator.network.id, announcement_digest(announcement))


def _held_header(home: Home, coordinator: Federation, sending: Sending, ready: SketchReady) -> SealedHeader:
    """What the coordinator has for a round. Raises CoordinatorContradicts unless it is this node's, of this sketch."""
    header = _own_header(home, coordinator, sending, ready.read.terms, fresh=True)
    if header.contents.sketch_digest != _digest(ready):
        raise _not_mine(sending.round)
    return header


def _own_header(
    home: Home, coordinator: Federation, sending: Sending, terms: SketchTerms, *, fresh: bool = False
) -> SealedHeader:
    """The header of this node's sealed sketch for a round; from the coordinator where it is not kept, or `fresh`."""
    key = load_signing_key(home.signing_key_file).public_key()
    header = None if fresh else sealed.kept_header(home, sending, key)
    if header is not None:
        return header
    envelope, _ = coordinator.cross_use.sketch(sending.round, sending.sender, largest_transfer(terms.buckets))
    try:
        header = read_header(envelope, key)
        check_sending(header, sending)
    except BadSeal as error:
        raise _not_mine(sending.round) from error
    return header


def _not_mine(round_name: str) -> CoordinatorContradicts:
    return CoordinatorContradicts(
        f"The coordinator says that it has this node's sketch for round {round_name}, and it is not this node's. "
        "Nothing was sent. Ask its operator."
    )


def _own_terms(home: Home, wanted: Round, market: Market, me: str) -> SketchTerms:
    """The terms of this node's own sketch, once the market is seen to have it."""
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    found = sketch_of(contents, epoch_of(wanted.announcement.window))
    place = next((each for each in market.seats if each.member == me), None)
    if found is None or place is None:
        raise RoundOver(
            f"The market of round {wanted.name} has no sketch of this node in it, so there is nothing to count. "
            "Nothing was spent on it; the next round will ask you again."
        )
    if f"sha256:{place.sketch_digest.hex()}" != found.entry.release_digest:
        raise CoordinatorContradicts(
            f"The market of round {wanted.name} names another sketch as this node's than its ledger booked. Nothing "
            "was counted or spent. Ask the coordinator's operator, and tell the auditor."
        )
    return read_stored(contents, found).terms


def _digest(ready: SketchReady) -> bytes:
    return hashlib.sha256(ready.envelope).digest()
