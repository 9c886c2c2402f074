"""Ledgers with real keys, and a witness with rules of its own, for the tests of this folder."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.ledger import tree
from privacy.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint, verify_checkpoint
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Entry, KeyAdopted, WitnessAdopted, leaf_hash, serialise
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.recovery import Replica
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ORIGIN, START

LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"the key of the node, 32 bytes   ")
NEW_LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"the next key of the node, 32 b. ")
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(b"the key of the witness, 32 bytes")
WITNESS_NAME = "npu.example/witness"
WITNESS = str(Verifier.of(WITNESS_NAME, Algorithm.COSIGNATURE_V1, WITNESS_KEY))


def hexadecimal(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def witness(seq: int, time: datetime = START, key: Ed25519PrivateKey = WITNESS_KEY) -> WitnessAdopted:
    verifier = Verifier.of(WITNESS_NAME, Algorithm.COSIGNATURE_V1, key)
    return WitnessAdopted(seq=seq, time=time, witness=str(verifier))


def new_key(seq: int, time: datetime = START) -> KeyAdopted:
    return KeyAdopted(seq=seq, time=time, public_key=hexadecimal(NEW_LOG_KEY))


def create_unwitnessed(path: Path, origin: str = ORIGIN) -> Ledger:
    """A ledger whose key is `LOG_KEY`; it has no witness."""
    return Ledger.create(path, origin=origin, public_key=hexadecimal(LOG_KEY), version="0.1.0", now=START)


def create(path: Path, origin: str = ORIGIN) -> Ledger:
    """A ledger whose key is `LOG_KEY` and whose witness is `WITNESS`, by its second entry."""
    ledger = create_unwitnessed(path, origin)
    write(ledger, witness(1))
    return ledger


def write(ledger: Ledger, *things: Entry | bytes) -> None:
    """Entries, and the bytes that the entry before them booked, in one transaction."""
    with ledger.transaction() as transaction:
        for thing in things:
            if isinstance(thing, bytes):
                transaction.store(thing)
            else:
                transaction.append(thing)


def signed(contents: Contents, size: int | None = None, key: Ed25519PrivateKey = LOG_KEY) -> bytes:
    """The checkpoint of a ledger, or of its first `size` entries, as its node signs it."""
    size = len(contents.entries) if size is None else size
    return sign_checkpoint(Checkpoint(contents.opened.origin, size, contents.root(size)), key)


def cosigned(contents: Contents, size: int | None = None, key: Ed25519PrivateKey = LOG_KEY) -> bytes:
    """The same, cosigned."""
    return cosign(signed(contents, size, key), WITNESS_NAME, WITNESS_KEY, contents.last.time)


def keep(ledger: Ledger, *notes: bytes) -> None:
    with ledger.transaction() as transaction:
        for note in notes:
            transaction.keep(note)


def replica(contents: Contents) -> Replica:
    """What a witness has that has cosigned all of a ledger, at once."""
    return Replica([serialise(entry) for entry in contents.entries], [cosigned(contents)])


class Refusal(Exception):
    """The witness was shown a ledger that does not go on from what it has."""


class Witness:
    """Cosigns a ledger that only grows, and whose node signs with `LOG_KEY`. It outlives the node."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.note = b""

    @property
    def size(self) -> int:
        return len(self.leaves)

    def cosign(self, note: bytes, old_size: int, proof: Sequence[bytes], leaves: Sequence[bytes]) -> bytes:
        """Raises `Refusal` for a ledger that is shorter than what it has, or another."""
        log_key = Verifier.of(ORIGIN, Algorithm.ED25519, LOG_KEY)
        shown = verify_checkpoint(note, origin=ORIGIN, log_key=log_key, witnesses=(), quorum=0).checkpoint
        hashes = [leaf_hash(leaf) for leaf in self.leaves]
        known = tree.root(hashes)
        if (shown.size, shown.root) == (self.size, known) and self.note:
            return self.note
        if shown.size <= self.size or old_size != self.size or shown.size != old_size + len(leaves):
            raise Refusal(f"{shown.size} entries, from {old_size}, where {self.size} are known")
        grown = [*hashes, *map(leaf_hash, leaves)]
        consistent = tree.verify_consistency(
            old_size=self.size, old_root=known, new_size=shown.size, new_root=shown.root, proof=proof
        )
        if tree.root(grown) != shown.root or not consistent:
            raise Refusal(f"another ledger than the {self.size} entries that are known")
        self.leaves += leaves
        self.note = cosign(note, WITNESS_NAME, WITNESS_KEY, START)
        return self.note
