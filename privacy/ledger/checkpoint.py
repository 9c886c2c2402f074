"""Checkpoints: what a ledger holds, in three lines that its node signs and its witnesses cosign.

    billett.example.no/ledger/nationaltheatret
    5
    6KYV76J+lOggIyFxlV+ZLYa3TFmroOYX0GU7IatbaGs=

The ledger's origin, the number of its leaves, and the root of the tree over them in base64. The node signs under
the origin as its name. Extension lines, which https://c2sp.org/tlog-checkpoint allows, are refused: nothing of
ours writes one, no proof covers one, and a witness would vouch for what it cannot check.
"""

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.errors import KudosError
from privacy.ledger import cosignature
from privacy.ledger.note import Algorithm, Note, Signature, Verifier, is_name, parse, sign, verify
from privacy.ledger.tree import EMPTY_ROOT, HASH_SIZE

LARGEST_SIZE = 2**63 - 1
"""Leaves; what Go's tlog can count."""

_BODY = re.compile(r"([^\n]+)\n([0-9]{1,19})\n([A-Za-z0-9+/]{43}=)\n")
_NOT_ONE = "This note is not a checkpoint"
_AGAIN = "Get the checkpoint again from the ledger's node or its coordinator."


class BadCheckpoint(KudosError):
    """A note that is not the checkpoint it should be, or that too few witnesses cosigned."""

    reason = "BAD_CHECKPOINT"


@dataclass(frozen=True)
class Checkpoint:
    """A ledger by its origin, its size in leaves and the root of its tree, 32 bytes.

    Raises ValueError for an origin that is no signer's name, a size that is negative or beyond `LARGEST_SIZE`, a
    root of another length, and for a size of 0 with another root than that of the empty tree.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_name(self.origin):
            raise ValueError("its origin is not a name")
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_SIZE:
            raise ValueError("no tree has this size and root")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise ValueError("the empty tree has another root")

    @property
    def text(self) -> str:
        """The three lines, each with its newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True)
class Verified:
    """A checkpoint that its ledger signed, and when which witness cosigned it: times in UTC by witnesses' names."""

    checkpoint: Checkpoint
    cosigned: Mapping[str, datetime]


def parse_text(text: str) -> Checkpoint:
    """The checkpoint whose text this is, to the letter. Raises `BadCheckpoint` for anything else.

    That a note has this text says nothing of who signed it: for that, `verify_checkpoint`.
    """
    match = _BODY.fullmatch(text)
    if match is None:
        raise BadCheckpoint(f"{_NOT_ONE}: origin, size and root, in three lines and no more. {_AGAIN}")
    origin, size, encoded = match.groups()
    try:
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(encoded))
    except ValueError as error:
        raise BadCheckpoint(f"{_NOT_ONE}: {error}. {_AGAIN}") from error
    if checkpoint.text != text:  # a size with leading zeros, another base64 of the same root
        raise BadCheckpoint(f"{_NOT_ONE}: its size or its root is not in the usual spelling. {_AGAIN}")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The note with which the ledger's node, by its key, says what its ledger holds."""
    return sign(checkpoint.text, checkpoint.origin, key)


def cosign(note: bytes, name: str, key: Ed25519PrivateKey, time: datetime) -> bytes:
    """The note with one line more, by which the witness `name` says that it saw this checkpoint at `time`.

    It says besides that the checkpoint extends every other that the witness saw of this ledger. Nothing of that is
    checked here: whoever calls has verified the ledger's signature and the consistency, and stored the checkpoint
    durably, before. `time` is in whole seconds. Raises `BadNote` and `BadCheckpoint` for what is no checkpoint or
    has a line of this key already; ValueError for a name that cannot stand in a note and a time that is not in
    whole seconds since 1970.
    """
    read = parse(note)
    checkpoint = parse_text(read.text)
    signed = key.sign(cosignature.message(checkpoint.text, time))
    verifier = Verifier.of(name, Algorithm.COSIGNATURE_V1, key)
    added = Signature(name, verifier.key_hash, cosignature.join(time, signed))
    cosigned = bytes(Note(read.text, (*read.signatures, added)))
    parse(cosigned)  # the line may be one too many
    return cosigned


def verify_checkpoint(
    note: bytes, *, origin: str, log_key: Verifier, witnesses: Collection[Verifier], quorum: int
) -> Verified:
    """The checkpoint of the ledger `origin`, signed by `log_key` and by at least `quorum` of `witnesses`.

    A cosignature of a known witness must be right even beyond the quorum; unknown lines are ignored. Times are
    what the witnesses say. Raises `BadNote` for bytes that are no note or a wrong signature of a known key;
    `BadCheckpoint` for another text than a checkpoint of this ledger, and where the ledger's own signature or the
    quorum is missing; ValueError for keys or a quorum that could not tell: see `_check_trust`.
    """
    _check_trust(origin, log_key, witnesses, quorum)
    read = parse(note)
    signatures = verify(read, (log_key, *witnesses))
    checkpoint = parse_text(read.text)
    if checkpoint.origin != origin:
        raise BadCheckpoint(f"This is a checkpoint of the ledger {checkpoint.origin}, not of {origin}. {_AGAIN}")
    if signatures.pop(log_key, None) is None:
        raise BadCheckpoint(f"The key of the ledger {origin} did not sign this checkpoint. Do not use it. {_AGAIN}")
    if len(signatures) < quorum:
        raise BadCheckpoint(
            f"Of the witnesses of {origin}, {len(signatures)} cosigned this checkpoint where {quorum} must. "
            f"Send it to the witnesses and try again, or use the last checkpoint that they cosigned."
        )
    cosigned = {witness.name: cosignature.split(value)[0] for witness, value in signatures.items()}
    return Verified(checkpoint, cosigned)


def _check_trust(origin: str, log_key: Verifier, witnesses: Collection[Verifier], quorum: int) -> None:
    """Raises ValueError unless every signature that will count is that of another signer.

    A cosignature does not name its witness, so one key under two names, or the ledger's own among the witnesses,
    would count twice what one signer said.
    """
    if (log_key.name, log_key.algorithm) != (origin, Algorithm.ED25519):
        raise ValueError(f"not a key of the ledger {origin}")
    if any(each.algorithm is not Algorithm.COSIGNATURE_V1 for each in witnesses):
        raise ValueError("a witness key that does not cosign")
    signers = (log_key, *witnesses)
    names, keys = {each.name for each in signers}, {each.public_key for each in signers}
    if not len(names) == len(keys) == len(signers):
        raise ValueError("one signer twice")
    if not 0 <= quorum <= len(witnesses):
        raise ValueError("a quorum that these witnesses cannot reach, or a negative one")
