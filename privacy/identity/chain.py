"""The network identity key through its epochs: match ids nest, so that a new key needs no address again.

    id(0)   = the match id of version 1 under K(0) (`privacy.identity.match`)
    id(e+1) = HMAC-SHA-256(K(e+1), id(e))

where K(e) is the key of epoch e, 32 bytes. No member keeps the addresses, so that an id could not be made anew under
another key; but it can be taken one epoch further. A newcomer, who has addresses only, gets the chain of all keys.

    commitment = SHA-256("kudos/identity-commitment/v1" 00 e K(0) … K(e))

where e is the epoch in eight bytes, big-endian. It says nothing about the keys, for they are random and have 256 bits
each. Test vectors: `chain` in `vectors.json` beside this file.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from privacy.errors import KudosError
from privacy.identity.match import IdentityKey

COMMITMENT_BYTES: Final = 32
MAX_EPOCH: Final = 255
"""More rotations than an institution will ever see; it bounds what is read from a file or from the wire."""

_COMMITMENT: Final = b"kudos/identity-commitment/v1\x00"
_KEY = re.compile(rb"[0-9A-Fa-f]{64}")


class BadKeyChain(KudosError):
    """What was given as a chain of identity keys is none."""

    reason = "KEY_CHAIN_INVALID"


@dataclass(frozen=True)
class KeyChain:
    """The keys of the epochs 0 to e, of 32 bytes each: shared by the members, never shown, logged or sent in the clear.

    Raises BadKeyChain for no keys, too many, or the same one twice.
    """

    keys: tuple[IdentityKey, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= MAX_EPOCH + 1:
            raise BadKeyChain(f"A chain of identity keys has 1 to {MAX_EPOCH + 1} keys, and this has {len(self.keys)}.")
        if len({key.secret for key in self.keys}) != len(self.keys):
            raise BadKeyChain("A chain of identity keys has the same key twice. Restore the key file from its backup.")

    @classmethod
    def generate(cls) -> "KeyChain":
        """A chain of one fresh key: epoch 0."""
        return cls((IdentityKey.generate(),))

    @classmethod
    def from_private_bytes(cls, private: bytes) -> "KeyChain":
        """The chain that `private_bytes` writes so; also one key without a line end, as nodes wrote it before.

        Raises BadKeyChain, which shows nothing of what was given.
        """
        lines = private.split()
        if not all(_KEY.fullmatch(line) for line in lines):
            raise BadKeyChain(
                "A chain of identity keys is one line of 64 hexadecimal digits for each epoch, and this is something "
                "else. Restore the key file from its backup, or ask a member that holds the key to sponsor you again."
            )
        return cls(tuple(IdentityKey.from_bytes(bytes.fromhex(line.decode("ascii"))) for line in lines))

    def private_bytes(self) -> bytes:
        """The keys, oldest first, one a line in hexadecimal: what is sealed, and what a key file holds. Secret."""
        return b"".join(key.secret.hex().encode("ascii") + b"\n" for key in self.keys)

    @property
    def epoch(self) -> int:
        """The newest epoch; 0 for a chain of one key."""
        return len(self.keys) - 1

    def extended(self) -> "KeyChain":
        """The chain with a fresh key for the next epoch. Raises BadKeyChain at the end of all epochs."""
        return KeyChain((*self.keys, IdentityKey.generate()))

    def until(self, epoch: int) -> "KeyChain":
        """The chain as it was at an epoch. Raises ValueError for one that it has not."""
        if not 0 <= epoch <= self.epoch:
            raise ValueError(f"a chain of epoch {self.epoch} has no epoch {epoch}")
        return KeyChain(self.keys[: epoch + 1])

    def extends(self, older: "KeyChain") -> bool:
        """Whether this is `older`, or `older` with keys of later epochs."""
        return self.keys[: len(older.keys)] == older.keys

    def commitment(self) -> bytes:
        """The 32 bytes that members publish instead of the chain: equal for equal chains and for no others."""
        digest = hashlib.sha256(_COMMITMENT + self.epoch.to_bytes(8, "big"))
        for key in self.keys:
            digest.update(key.secret)
        return digest.digest()


def advanced(key: IdentityKey, ids: Iterable[bytes]) -> list[bytes]:
    """Ids of one epoch, in their order, taken to the next, whose key this is."""
    inner_state, outer_state = key.states.inner, key.states.outer
    found = []
    for before in ids:
        inner = inner_state.copy()
        inner.update(before)
        outer = outer_state.copy()
        outer.update(inner.digest())
        found.append(outer.digest())
    return found


def chained(chain: KeyChain, ids: Iterable[bytes]) -> list[bytes]:
    """Ids of epoch 0 (`match_ids_of` under the chain's first key), in their order, taken to the newest epoch."""
    found = list(ids)
    for key in chain.keys[1:]:
        found = advanced(key, found)
    return found
