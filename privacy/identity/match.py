"""The match id: the same 32 bytes for the same person at every member, and noise to everyone else.

Format, version 1 (test vectors in `vectors.json` beside this file):

    match id = HMAC-SHA-256(key, "kudos/match-id/v1" 00 kind 00 identifier)

where key is the network identity key, 32 bytes; kind is "email" or "phone" in ASCII; identifier is the
normalised address or number (`privacy.identity.normalise`) in UTF-8; 00 is one zero byte, which neither
contains.

Source: HMAC, RFC 2104, with SHA-256, FIPS 180-4. Without the key an id cannot be tried against a list of
addresses; whoever holds the key can do that, which is why the coordinator never gets it.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from privacy.errors import KudosError
from privacy.identity.normalise import normalise_email, normalise_phone

VERSION: Final = "kudos/match-id/v1"
KEY_BYTES: Final = 32
ID_BYTES: Final = 32

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


def match_id(key: IdentityKey, normalised: str) -> bytes:
    """The match id, 32 bytes, of a normalised e-mail address or phone number.

    Which of the two it is follows from the @, which every address has and no number.
    """
    prefix = _EMAIL_PREFIX if "@" in normalised else _PHONE_PREFIX
    return hmac.digest(key.secret, prefix + normalised.encode("utf-8"), "sha256")


def match_ids(key: IdentityKey, emails: Sequence[str | None], phones: Sequence[str | None]) -> list[bytes | None]:
    """One match id per customer: of the e-mail address if it is one, else of the phone number, else None.

    The two columns have one entry per customer, as the export has them or normalised already, None where
    there is none. Placeholder addresses are for the caller to take out first. Raises ValueError if the
    lengths differ.
    """
    return [
        None if identifier is None else match_id(key, identifier)
        for identifier in (_identifier(email, phone) for email, phone in zip(emails, phones, strict=True))
    ]


def _identifier(email: str | None, phone: str | None) -> str | None:
    if email and (address := normalise_email(email)):
        return address
    return normalise_phone(phone) if phone else None
