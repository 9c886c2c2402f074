"""The match id: the same 32 bytes for the same person at every member, and noise to everyone else.

Format, version 1 (test vectors in `vectors.json` beside this file):

    match id = HMAC-SHA-256(key, "kudos/match-id/v1" 00 kind 00 identifier)

where key is the network identity key, 32 bytes; kind is "email" or "phone" in ASCII; identifier is the
normalised address or number (`privacy.identity.normalise`) in UTF-8; 00 is one zero byte, which neither
contains.

Source: HMAC, RFC 2104, with SHA-256, FIPS 180-4. Without the key an id cannot be tried against a list of
addresses; whoever holds the key can do that, which is why the coordinator never gets it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from privacy.errors import KudosError

VERSION: Final = "kudos/match-id/v1"
KEY_BYTES: Final = 32
ID_BYTES: Final = 32

_BLOCK_BYTES: Final = 64
_EMAIL_PREFIX: Final = VERSION.encode("ascii") + b"\0email\0"
_PHONE_PREFIX: Final = VERSION.encode("ascii") + b"\0phone\0"


class IdentityKeyError(KudosError):
    """What was given as the network identity key cannot be one."""

    reason = "IDENTITY_KEY_INVALID"

    def __init__(self, length: int) -> None:
        super().__init__(
            f"A network identity key has {KEY_BYTES} bytes, and this has {length}. "
            f"Restore the key file from its backup, or ask a member that holds the key to sponsor you again."
        )


class _States:
    """SHA-256 with the key, and what every identifier of a kind begins with, already taken in: HMAC from there on.

    RFC 2104, section 4: the states after the padded key are kept, for the same key serves for very many identifiers.
    """

    def __init__(self, secret: bytes) -> None:
        block = secret.ljust(_BLOCK_BYTES, b"\0")
        inner = bytes(byte ^ 0x36 for byte in block)
        self.inner = hashlib.sha256(inner)
        self.email = hashlib.sha256(inner + _EMAIL_PREFIX)
        self.phone = hashlib.sha256(inner + _PHONE_PREFIX)
        self.outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


@dataclass(frozen=True)
class IdentityKey:
    """The network identity key, 32 bytes: shared by the members, never shown, logged or sent in the clear."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise IdentityKeyError(len(self.secret))

    @classmethod
    def generate(cls) -> "IdentityKey":
        """A fresh key from the operating system's generator."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_bytes(cls, secret: bytes) -> "IdentityKey":
        """The key with these 32 bytes. Raises IdentityKeyError for any other length."""
        return cls(bytes(secret))

    @cached_property
    def states(self) -> _States:
        """HMAC begun with this key: for this module and `privacy.identity.chain`."""
        return _States(self.secret)


def match_id(key: IdentityKey, normalised: str) -> bytes:
    """The match id, 32 bytes, of a normalised e-mail address or phone number.

    Which of the two it is follows from the @, which every address has and no number.
    """
    return match_ids_of(key, [normalised])[0]


def match_ids_of(key: IdentityKey, normalised: Iterable[str]) -> list[bytes]:
    """The match ids of many normalised addresses and numbers, in their order."""
    states = key.states
    email, phone, ending = states.email, states.phone, states.outer
    found = []
    for identifier in normalised:
        inner = (email if "@" in identifier else phone).copy()
        inner.update(identifier.encode())
        outer = ending.copy()
        outer.update(inner.digest())
        found.append(outer.digest())
    return found
