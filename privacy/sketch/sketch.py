"""A sketch as it is signed and booked: an envelope of type SKETCH whose payload is the message kudos.v1.Sketch.

The digest that the ledger books is the SHA-256 of the envelope. It leaves a node sealed only
(`privacy.sketch.sealing`).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from privacy.bounds.windows import Window, twelve_months_to
from privacy.identity.chain import COMMITMENT_BYTES, MAX_EPOCH
from privacy.ledger.fields import LARGEST_NUMBER, Origin
from privacy.mechanisms.calibration import BadMechanism
from privacy.mechanisms.response import RandomizedResponse
from privacy.signing.envelope import BadEnvelope, sign, verify
from privacy.sketch.buckets import MOST_BUCKETS, check_buckets, check_epoch, epoch_of
from privacy.sketch.errors import BadSketch
from protos.kudos.v1 import cross_use_pb2 as wire

SKETCH: Final = "application/vnd.kudos.v1.sketch"
"""The payload type of a sketch."""

OVERHEAD_BYTES: Final = 1024
"""What the envelope of a sketch has at most beside its bits; one of ours has some 400."""

_LARGEST_BYTES: Final = MOST_BUCKETS // 8 + OVERHEAD_BYTES
_ORIGIN: TypeAdapter[str] = TypeAdapter(Origin)


@dataclass(frozen=True)
class SketchTerms:
    """What a sketch is of, and how it was made.

    `epoch` is the year that it stands for, and `window` the twelve months, ending in that year, whose customers are in
    it. Every bit was flipped with probability flips / 2^flip_bits, and the buckets made with the identity key that has
    this commitment (32 bytes) and epoch. Raises BadSketch where one of them cannot be.
    """

    epoch: str
    window: Window
    buckets: int
    flips: int
    flip_bits: int
    identity_commitment: bytes
    identity_epoch: int

    def __post_init__(self) -> None:
        check_epoch(self.epoch)
        check_buckets(self.buckets)
        try:
            RandomizedResponse(self.flips, self.flip_bits)
        except BadMechanism as error:
            raise BadSketch(f"The flips of a sketch cannot be so. {error}") from error
        if not _is_a_year(self.window):
            raise BadSketch("The window of a sketch is twelve months, to its last day. Tell its sender.")
        if self.epoch != epoch_of(self.window):
            raise BadSketch("A sketch stands for the year in which its window ends, and this for another.")
        if len(self.identity_commitment) != COMMITMENT_BYTES or not 0 <= self.identity_epoch <= MAX_EPOCH:
            raise BadSketch("A sketch names the identity key by its epoch and the 32 bytes of its commitment.")

    @property
    def response(self) -> RandomizedResponse:
        """The mechanism that flipped the bits."""
        return RandomizedResponse(self.flips, self.flip_bits)

    @property
    def bytes_of_bits(self) -> int:
        """How long the bitmap is."""
        return self.buckets // 8


@dataclass(frozen=True, eq=False)
class SketchRead:
    """A sketch whose signature holds. `bitmap` is uint8 (buckets / 8,), and cannot be written to."""

    terms: SketchTerms
    ledger: str
    entry: int
    bitmap: NDArray[np.uint8] = field(repr=False)


def sign_sketch(terms: SketchTerms, ledger: str, entry: int, bits: NDArray[np.uint8], key: Ed25519PrivateKey) -> bytes:
    """The envelope of a sketch that entry `entry` of `ledger` books. The same input gives the same bytes.

    `bits` are those that went through `privacy.mechanisms.bit_planes.flipped`, uint8 (buckets / 8,). Raises BadSketch
    for other numbers of them, or for what a ledger would not be or have.
    """
    if bits.dtype != np.uint8 or bits.shape != (terms.bytes_of_bits,):
        raise BadSketch(f"A sketch of {terms.buckets} buckets has {terms.bytes_of_bits} bytes of bits.")
    check_booking(ledger, entry)
    return sign(SKETCH, _serialised(terms, ledger, entry, bits.tobytes()), key)


def read_sketch(envelope: bytes, key: Ed25519PublicKey) -> SketchRead:
    """The sketch that `key` signed. Raises BadSketch for anything that `sign_sketch` would not have made."""
    if len(envelope) > _LARGEST_BYTES:
        raise BadSketch("These bytes are more than a sketch has.")
    said = wire.Sketch()
    try:
        payload = verify(SKETCH, envelope, key)
        said.ParseFromString(payload)
        terms = terms_of(said)
    except BadEnvelope as error:
        raise BadSketch(f"This is no sketch that its sender signed. {error}") from error
    except (DecodeError, ValueError) as error:
        raise BadSketch("What is signed here is no sketch. Tell its sender.") from error
    check_booking(said.ledger, said.entry)
    if len(said.bits) != terms.bytes_of_bits:
        raise BadSketch("This sketch has not as many bits as it says. Tell its sender.")
    if _serialised(terms, said.ledger, said.entry, said.bits) != payload:
        raise BadSketch("This sketch is not written as one. Tell its sender.")
    return SketchRead(terms, said.ledger, said.entry, np.frombuffer(said.bits, dtype=np.uint8))


def fields_of(terms: SketchTerms) -> dict[str, Any]:
    """The terms as the fields that a sketch, and the header of a sealed one, say them in."""
    return {
        "epoch": terms.epoch,
        "window_first": terms.window.first.isoformat(),
        "window_last": terms.window.last.isoformat(),
        "buckets": terms.buckets,
        "flips": terms.flips,
        "flip_bits": terms.flip_bits,
        "identity_commitment": terms.identity_commitment,
        "identity_epoch": terms.identity_epoch,
    }


def terms_of(said: wire.Sketch | wire.SealedSketch) -> SketchTerms:
    """The terms that a sketch, or the header of a sealed one, says. Raises BadSketch, or ValueError for no date."""
    return SketchTerms(
        epoch=said.epoch,
        window=Window(date.fromisoformat(said.window_first), date.fromisoformat(said.window_last)),
        buckets=said.buckets,
        flips=said.flips,
        flip_bits=said.flip_bits,
        identity_commitment=said.identity_commitment,
        identity_epoch=said.identity_epoch,
    )


def check_booking(ledger: str, entry: int) -> None:
    """Raises BadSketch for what is no name of a ledger, or no entry that it could have."""
    try:
        _ORIGIN.validate_python(ledger, strict=True)
    except ValidationError as error:
        raise BadSketch("A sketch names the ledger that booked it, and this names none.") from error
    if not 0 <= entry <= LARGEST_NUMBER:
        raise BadSketch("A sketch names the entry that booked it, and no ledger has this one.")


def _is_a_year(window: Window) -> bool:
    try:
        return window == twelve_months_to(window.last)
    except (ValueError, OverflowError):  # the first and the last days that there are
        return False


def _serialised(terms: SketchTerms, ledger: str, entry: int, bits: bytes) -> bytes:
    message = wire.Sketch(ledger=ledger, entry=entry, bits=bits, **fields_of(terms))
    return message.SerializeToString(deterministic=True)
