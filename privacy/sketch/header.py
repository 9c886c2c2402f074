"""The header of a sealed sketch: what is inside, for which round, and for whom; signed by its sender.

An envelope of type SEALED_SKETCH whose payload is the message kudos.v1.SealedSketch. Whoever relays or stores a sealed
sketch can check all of it against the header but what is inside; who opens one (`privacy.sketch.sealing`), that too.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError

from privacy.signing.envelope import BadEnvelope, sign, verify
from privacy.sketch.errors import BadSketch, WrongSeal
from privacy.sketch.sketch import OVERHEAD_BYTES, SketchTerms, check_booking, fields_of, terms_of
from protos.kudos.v1 import cross_use_pb2 as wire

SEALED_SKETCH: Final = "application/vnd.kudos.v1.sealed-sketch"
"""The payload type of a header."""

CHUNK_BYTES: Final = 65_536
"""What a chunk holds, but the last, which may hold less; sealed it has TAG_BYTES more."""

TAG_BYTES: Final = 16
MOST_RECIPIENTS: Final = 5_000
SEALED_KEY_BYTES: Final = 32 + 32 + TAG_BYTES
"""HPKE's enc and the content key, of 32 bytes each, and a tag."""

LARGEST_HEADER: Final = 2_048 + MOST_RECIPIENTS * (SEALED_KEY_BYTES + 61 + 8)
"""Bytes of a header's envelope at the most, 0.75 MB."""

_DIGEST_BYTES: Final = 32
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")  # members and rounds
_DOMAIN: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,120}")


@dataclass(frozen=True)
class Sending:
    """Who seals for which round; `announcement_digest` is the SHA-256 of the announcement as signed."""

    coordinator: str
    round: str
    sender: str
    announcement_digest: bytes


@dataclass(frozen=True)
class Contents:
    """What is known of a sealed sketch before it is sealed, and what seals it is bound to.

    `sketch_digest` is the SHA-256 of the sketch's envelope, which has `size` bytes; ledger, entry and terms are as in
    it. Raises WrongSeal for what cannot be.
    """

    sending: Sending
    ledger: str
    entry: int
    terms: SketchTerms
    sketch_digest: bytes
    size: int

    def __post_init__(self) -> None:
        names = _NAME.fullmatch(self.sending.sender) and _NAME.fullmatch(self.sending.round)
        if not names or not _DOMAIN.fullmatch(self.sending.coordinator):
            raise WrongSeal("A sealed sketch names its sender, its round and the coordinator, and this does not.")
        if {len(self.sending.announcement_digest), len(self.sketch_digest)} != {_DIGEST_BYTES}:
            raise WrongSeal("A sealed sketch names its round's announcement and what is inside by SHA-256.")
        try:
            check_booking(self.ledger, self.entry)
        except BadSketch as error:
            raise WrongSeal(str(error)) from error
        if not 0 < self.size - self.terms.bytes_of_bits <= OVERHEAD_BYTES:
            raise WrongSeal("A sealed sketch has another size than its buckets come to.")

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.size // CHUNK_BYTES)

    def sealed_bytes(self, index: int) -> int:
        """How long the sealed chunk `index` is, counted from 0."""
        return min(CHUNK_BYTES, self.size - index * CHUNK_BYTES) + TAG_BYTES

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the header's payload as it is without `chunks_digest` and `keys`: what the seals are bound to."""
        return hashlib.sha256(_message(self).SerializeToString(deterministic=True)).digest()


@dataclass(frozen=True)
class SealedHeader:
    """The whole header.

    `chunks_digest` is the SHA-256 of all sealed chunks in a row; `keys` has the content key sealed for each member that
    may open it, 80 bytes, in the order of the members. Raises WrongSeal for what cannot be.
    """

    contents: Contents
    chunks_digest: bytes
    keys: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if len(self.chunks_digest) != _DIGEST_BYTES:
            raise WrongSeal("A sealed sketch names its chunks by SHA-256.")
        members = list(self.keys)
        if not 1 <= len(members) <= MOST_RECIPIENTS or members != sorted(members):
            raise WrongSeal(f"A sketch is sealed for 1 to {MOST_RECIPIENTS} members, in their order.")
        if not all(_NAME.fullmatch(member) and len(self.keys[member]) == SEALED_KEY_BYTES for member in members):
            raise WrongSeal(f"A sketch is sealed for members by their names, with {SEALED_KEY_BYTES} bytes for each.")


def sign_header(header: SealedHeader, key: Ed25519PrivateKey) -> bytes:
    """The envelope of a header. The same input gives the same bytes."""
    return sign(SEALED_SKETCH, _payload(header), key)


def read_header(envelope: bytes, sender_key: Ed25519PublicKey) -> SealedHeader:
    """The header that the sender's key signed.

    Raises WrongSeal for anything that `sign_header` would not have made. Whose round it is for is `check_sending`'s to
    say.
    """
    if len(envelope) > LARGEST_HEADER:
        raise WrongSeal(f"A sealed sketch's header has at most {LARGEST_HEADER} bytes, and this has {len(envelope)}.")
    said = wire.SealedSketch()
    try:
        payload = verify(SEALED_SKETCH, envelope, sender_key)
        said.ParseFromString(payload)
        terms = terms_of(said)
    except (BadEnvelope, BadSketch) as error:
        raise WrongSeal(f"This is no header of a sketch that its sender signed. {error}") from error
    except (DecodeError, ValueError) as error:
        raise WrongSeal("What is signed here is no header of a sketch. Tell its sender.") from error
    contents = Contents(
        sending=Sending(said.coordinator, said.round, said.sender, said.announcement_digest),
        ledger=said.ledger,
        entry=said.entry,
        terms=terms,
        sketch_digest=said.sketch_digest,
        size=said.size,
    )
    header = SealedHeader(contents, said.chunks_digest, {each.member: each.sealed for each in said.keys})
    if _payload(header) != payload:  # a member twice, another number of chunks, a field that nobody knows
        raise WrongSeal("This header of a sketch is not written as one. Tell its sender.")
    return header


def check_sending(header: SealedHeader, expected: Sending) -> None:
    """Raises WrongSeal for a header of another sender, round or announcement than is expected: one that is replayed."""
    if header.contents.sending != expected:
        raise WrongSeal(
            f"This sketch was not sealed by {expected.sender} for round {expected.round} as it was announced. "
            "Seal the sketch for this round."
        )


def _payload(header: SealedHeader) -> bytes:
    message = _message(header.contents)
    message.chunks_digest = header.chunks_digest
    message.keys.extend(wire.SealedKey(member=member, sealed=sealed) for member, sealed in header.keys.items())
    return message.SerializeToString(deterministic=True)


def _message(contents: Contents) -> wire.SealedSketch:
    return wire.SealedSketch(
        coordinator=contents.sending.coordinator,
        round=contents.sending.round,
        sender=contents.sending.sender,
        announcement_digest=contents.sending.announcement_digest,
        ledger=contents.ledger,
        entry=contents.entry,
        sketch_digest=contents.sketch_digest,
        size=contents.size,
        chunks=contents.chunks,
        **fields_of(contents.terms),
    )
