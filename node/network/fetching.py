"""Peers' sketches, fetched one after the other: in memory while they are counted against, and nowhere else."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from node.membership.errors import RefusedByCoordinator
from node.release.book_count import Peer
from node.release.make_count import Sketch
from node.wire.federation import Federation
from privacy.rounds.announcement import Seat
from privacy.rounds.count_fit import COUNTED
from privacy.rounds.fit import LARGEST_BASE
from privacy.rounds.market import MarketSeat
from privacy.signing.envelope import parse_public_key
from privacy.sketch.bitmap import ones, plausible
from privacy.sketch.errors import BadSeal, WrongSeal
from privacy.sketch.header import (
    CHUNK_BYTES,
    LARGEST_HEADER,
    TAG_BYTES,
    SealedHeader,
    Sending,
    check_sending,
    read_header,
)
from privacy.sketch.sealing import open_sealed
from privacy.sketch.sketch import OVERHEAD_BYTES, SketchTerms

NOT_FOUND = "NOT_FOUND"
"""The status with which a coordinator says that it has no such sketch."""


@dataclass(frozen=True)
class Fetching:
    """What a node fetches its peers' sketches with.

    `own` is itself as a sender, `key` what was sealed for it opens with, `terms` are those of its own sketch, and
    `shared` has the members that it has sealed its own for: those that proved to hold the identity key.
    """

    coordinator: Federation
    own: Sending
    key: X25519PrivateKey = field(repr=False)
    terms: SketchTerms
    shared: frozenset[str]
    say: Callable[[str], None]

    def fetch(self, seat: Seat, place: MarketSeat) -> Sketch:
        """The sketch of a peer, or why it is not counted: its status says something of that sketch and sender alone.

        Raises what the coordinator refuses with, but for a sketch that it does not have, and NoConnection.
        """
        if seat.member not in self.shared:
            return self._left_out(seat, "OTHER_TERMS")
        try:
            envelope, chunks = self.coordinator.cross_use.sketch(
                self.own.round, seat.member, largest_transfer(self.terms.buckets)
            )
            return self._opened(seat, place, envelope, chunks)
        except BadSeal as error:
            return self._left_out(seat, error.reason)
        except RefusedByCoordinator as error:
            if error.code != NOT_FOUND:
                raise
            return self._left_out(seat, "NOT_THERE")

    def _opened(self, seat: Seat, place: MarketSeat, envelope: bytes, chunks: Iterator[bytes]) -> Sketch:
        sender = parse_public_key(seat.signing_key)
        header = read_header(envelope, sender)
        check_sending(header, replace(self.own, sender=seat.member))
        _check_place(header, envelope, place)
        if not _comparable(header.contents.terms, self.terms):
            return self._left_out(seat, "OTHER_TERMS")
        read = open_sealed(header, chunks, self.own.sender, self.key, sender)
        found = ones(read.bitmap)
        if not plausible(found, read.terms.buckets, read.terms.response, LARGEST_BASE):
            return self._left_out(seat, "IMPLAUSIBLE")
        return Sketch(Peer(seat.member, COUNTED, found), read.bitmap)

    def _left_out(self, seat: Seat, status: str) -> Sketch:
        self.say(f"The sketch of {seat.name} ({seat.member}) is not counted against: {status}.")
        return Sketch(Peer(seat.member, status, 0), None)


def _check_place(header: SealedHeader, envelope: bytes, place: MarketSeat) -> None:
    """Raises WrongSeal for another sketch than the market names."""
    if (hashlib.sha256(envelope).digest(), header.contents.sketch_digest) != (place.header_digest, place.sketch_digest):
        raise WrongSeal(f"This sketch of {place.member} is not the one that the market names.")


def _comparable(theirs: SketchTerms, own: SketchTerms) -> bool:
    """Whether two sketches can be counted against each other: they may be of other months of the year."""
    return theirs.epoch == own.epoch and replace(theirs, window=own.window) == own


def largest_transfer(buckets: int) -> int:
    """Bytes of a sealed sketch of so many buckets, with its header, at the most."""
    size = buckets // 8 + OVERHEAD_BYTES
    return LARGEST_HEADER + size + TAG_BYTES * (-(-size // CHUNK_BYTES))
