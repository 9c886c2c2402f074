"""The checkpoints of a ledger: whose signatures they bear, and whether they cover the entries that are there."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privacy.audit.ledgers import Checking, Point, keys_named, last_before
from privacy.audit.paths import checkpoint_path
from privacy.audit.reading import Bundle
from privacy.audit.records import Header
from privacy.ledger import cosignature
from privacy.ledger.checkpoint import BadCheckpoint, parse_text
from privacy.ledger.leaves import Opened, WitnessAdopted
from privacy.ledger.note import Algorithm, BadNote, BadVerifierKey, Verifier, parse

_MANY = 2000
"""Checkpoints from which on a second process is worth its start."""


@dataclass(frozen=True)
class _Note:
    """A checkpoint as it stands in the bundle, and whose signatures it needs."""

    size: int
    content: bytes
    origin: str
    log_key: str | None
    witness: str | None


@dataclass(frozen=True)
class _Verified:
    """What a note comes to: a point, or a code and a sentence."""

    size: int
    point: Point | None
    code: str = ""
    sentence: str = ""


def check_points(
    checking: Checking, bundle: Bundle, sizes: Sequence[int], roots: dict[int, bytes], header: Header
) -> tuple[Point, ...]:
    """The sound checkpoints, smallest first; `roots` are those of the trees over the leaves, by their sizes."""
    points: list[Point] = []
    told: set[str] = set()
    for verified in _verified(_notes(checking, bundle, sizes, header), len(sizes)):
        found, point = verified, verified.point
        if point is not None:
            found = _against(point, len(checking.hashes), roots)
        if found.code in told:  # what is wrong with one checkpoint is wrong with all after it: said once
            continue
        if found.code:
            told.add(found.code)
            checking.find(found.code, found.sentence, file=checkpoint_path(checking.member, found.size))
        elif point is not None:
            points.append(point)
    return tuple(points)


def _notes(checking: Checking, bundle: Bundle, sizes: Sequence[int], header: Header) -> Iterable[_Note]:
    first = checking.placed[0].entry if checking.placed else None
    origin = first.origin if isinstance(first, Opened) else ""
    keys = keys_named(checking.placed)
    witnesses = [(each.line, each.entry.witness) for each in checking.placed if isinstance(each.entry, WitnessAdopted)]
    for size in sizes:
        content = bundle.read(checkpoint_path(checking.member, size))
        witness = last_before(witnesses, size + 1) or header.witness
        yield _Note(size, content, origin, last_before(keys, size + 1), witness)


def _verified(notes: Iterable[_Note], number: int) -> Iterable[_Verified]:
    """Each note's signatures. Two public-key operations a note: many are shared out while others are still read."""
    if number < _MANY:
        yield from map(_verify, notes)
        return
    with ProcessPoolExecutor(max_workers=2) as pool:
        yield from pool.map(_verify, notes, chunksize=500)


def _verify(note: _Note) -> _Verified:
    try:
        read = parse(note.content)
        checkpoint = parse_text(read.text)
    except (BadNote, BadCheckpoint) as error:
        return _Verified(note.size, None, "CHECKPOINT_UNREADABLE", str(error))
    if (checkpoint.origin, checkpoint.size) != (note.origin, note.size):
        said = f"A checkpoint is of {checkpoint.origin} at {checkpoint.size}, not of {note.origin} at {note.size}."
        return _Verified(note.size, None, "CHECKPOINT_UNREADABLE", said)
    signed = {(each.name, each.key_hash): each.value for each in read.signatures}
    log = _log(note.origin, note.log_key)
    value = None if log is None else signed.get(log.mark)
    if log is None or value is None:
        return _Verified(
            note.size, None, "CHECKPOINT_UNSIGNED", "The key that the ledger names has not signed a checkpoint."
        )
    if not log.signed(read.text.encode(), value):
        return _Verified(note.size, None, "CHECKPOINT_SIGNATURE", "The ledger's signature on a checkpoint is wrong.")
    if note.witness is None:
        return _Verified(note.size, Point(checkpoint.size, checkpoint.root, None))
    witness = _witness(note.witness)
    if witness is None:
        return _Verified(note.size, None, "NOT_COSIGNED", f"{note.witness} is no key of a witness.")
    value = signed.get(witness.mark)
    if value is None or witness.public_key == log.public_key:  # one signer is not two
        said = f"The witness {witness.mark[0]} has not cosigned a checkpoint."
        return _Verified(note.size, None, "NOT_COSIGNED", said)
    time = witness.cosigned(read.text, value)
    if time is None:
        said = f"The cosignature of {witness.mark[0]} on a checkpoint is wrong."
        return _Verified(note.size, None, "CHECKPOINT_SIGNATURE", said)
    return _Verified(note.size, Point(checkpoint.size, checkpoint.root, time))


@dataclass(frozen=True)
class _Signer:
    """A `Verifier` whose key is loaded once: a long ledger has a note for each of its entries."""

    mark: tuple[str, bytes]
    public_key: bytes
    key: Ed25519PublicKey

    @classmethod
    def of(cls, verifier: Verifier) -> Self:
        key = Ed25519PublicKey.from_public_bytes(verifier.public_key)
        return cls((verifier.name, verifier.key_hash), verifier.public_key, key)

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def cosigned(self, text: str, value: bytes) -> datetime | None:
        """When this witness cosigned; None where it did not."""
        try:
            time, signature = cosignature.split(value)
        except ValueError:
            return None
        return time if self.signed(cosignature.message(text, time), signature) else None


@lru_cache(maxsize=64)
def _log(origin: str, key: str | None) -> _Signer | None:
    try:
        return None if key is None else _Signer.of(Verifier(origin, Algorithm.ED25519, bytes.fromhex(key)))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _witness(text: str) -> _Signer | None:
    try:
        verifier = Verifier.parse(text)
        return _Signer.of(verifier) if verifier.algorithm is Algorithm.COSIGNATURE_V1 else None
    except (BadVerifierKey, ValueError):
        return None


def _against(point: Point, leaves: int, roots: dict[int, bytes]) -> _Verified:
    """A signed checkpoint against the leaves that are there."""
    if point.size > leaves:
        said = f"A checkpoint covers {point.size} entries, and the ledger has {leaves}: some were kept back or dropped."
        return _Verified(point.size, None, "CHECKPOINT_BEYOND", said)
    if roots[point.size] != point.root:
        said = f"The first {point.size} entries are not those of their checkpoint: changed, dropped, added or moved."
        return _Verified(point.size, None, "CHECKPOINT_ROOT", said)
    return _Verified(point.size, point)
