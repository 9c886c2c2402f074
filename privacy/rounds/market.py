"""The market of a round of cross-use: the sketches that it has, signed by the coordinator once no more are taken.

The payload of an envelope of type MARKET is the message kudos.v1.Market. It never changes: every member counts against
the same sketches, and the auditor knows which. A member checks each against its sender's own signed header
(`privacy.sketch.sealing`), for the coordinator may name what it likes.
"""

import hashlib
from dataclasses import dataclass

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError

from privacy.errors import KudosError
from privacy.rounds.announcement import Announcement
from privacy.signing.envelope import BadEnvelope, sign, verify
from protos.kudos.v1 import cross_use_pb2 as wire
from protos.kudos.v1.envelope_pb2 import Envelope

MARKET = "application/vnd.kudos.v1.market"
"""The payload type of a market."""

_DIGEST_BYTES = 32


class BadMarket(KudosError):
    """Bytes that are no market of this round by this coordinator."""

    reason = "BAD_MARKET"


@dataclass(frozen=True)
class MarketSeat:
    """A member with its sketch: the digests of the sealed header's envelope and of the sketch's, 32 bytes each."""

    member: str
    header_digest: bytes
    sketch_digest: bytes


@dataclass(frozen=True)
class Market:
    """The sketches of a round, by member. `announcement_digest` is the SHA-256 of the announcement as it was signed."""

    coordinator: str
    round: str
    announcement_digest: bytes
    seats: tuple[MarketSeat, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Whose sketches there are, in order."""
        return tuple(seat.member for seat in self.seats)

    def peers_of(self, member: str) -> tuple[str, ...]:
        """The other members, in order."""
        return tuple(seat.member for seat in self.seats if seat.member != member)

    @property
    def sketches_digest(self) -> bytes:
        """SHA-256 of the RFC 8785 form of [[member, sketch digest], ...]: equal for rounds over the same sketches."""
        said = [[seat.member, seat.sketch_digest.hex()] for seat in self.seats]
        return hashlib.sha256(rfc8785.dumps(said)).digest()


def announcement_digest(announcement: bytes) -> bytes:
    """How a market and a sealed sketch name a round's announcement, which is given as it was signed."""
    return hashlib.sha256(announcement).digest()


def sign_market(market: Market, key: Ed25519PrivateKey) -> bytes:
    """The signed market."""
    return sign(MARKET, _payload(market), key)


def read_market(envelope: bytes, key: Ed25519PublicKey, announced: Announcement, announcement: bytes) -> Market:
    """The market of an announced round that the coordinator's key signed; `announcement` are the round's signed bytes.

    Raises BadMarket for anything else: another signer, round or roster, members out of order, twice, or unasked.
    """
    try:
        payload = verify(MARKET, envelope, key)
        said = wire.Market()
        said.ParseFromString(payload)
    except (BadEnvelope, DecodeError) as error:
        raise BadMarket(f"The market of round {announced.round} is not the coordinator's. Ask its operator.") from error
    market = _market(said)
    wanted = (announced.coordinator, announced.round, announcement_digest(announcement))
    if (market.coordinator, market.round, market.announcement_digest) != wanted or _payload(market) != payload:
        raise BadMarket(f"The market that came for round {announced.round} is of another round. Ask the coordinator.")
    members = list(market.members)
    if members != sorted(set(members)) or any(announced.seat(member) is None for member in members):
        raise BadMarket(
            f"The market of round {announced.round} is out of order, or names who was not asked. Ask the coordinator."
        )
    if any({len(seat.header_digest), len(seat.sketch_digest)} != {_DIGEST_BYTES} for seat in market.seats):
        raise BadMarket(f"The market of round {announced.round} names no sketch for a member. Ask the coordinator.")
    return market


def own_market(envelope: bytes) -> Market:
    """The market in bytes that this very coordinator has signed and kept: nothing of it is verified."""
    return _market(wire.Market.FromString(Envelope.FromString(envelope).payload))


def _market(said: wire.Market) -> Market:
    seats = tuple(MarketSeat(seat.member, seat.header_digest, seat.sketch_digest) for seat in said.seats)
    return Market(said.coordinator, said.round, said.announcement_digest, seats)


def _payload(market: Market) -> bytes:
    message = wire.Market(
        coordinator=market.coordinator,
        round=market.round,
        announcement_digest=market.announcement_digest,
        seats=[
            wire.MarketSeat(member=seat.member, header_digest=seat.header_digest, sketch_digest=seat.sketch_digest)
            for seat in market.seats
        ],
    )
    return message.SerializeToString(deterministic=True)
