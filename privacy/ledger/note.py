"""Signed notes: text, an empty line, and one line for each signature.

    billett.example.no/ledger/nationaltheatret
    5
    6KYV76J+lOggIyFxlV+ZLYa3TFmroOYX0GU7IatbaGs=

    — billett.example.no/ledger/nationaltheatret 32YjxmJgCwXIfrli…

A signature line is an em dash, the signer's name, and the base64 of four bytes of key hash and the signature. A
verifier key is `name+hash+key`: the key hash in hexadecimal and the base64 of a byte for the algorithm and the
public key. Only a key that is known counts; the lines of others are kept, and say nothing.

Sources: https://c2sp.org/signed-note, and golang.org/x/mod/sumdb/note, which reads what is written here. Stricter
than both: base64 has one spelling, a key signs once, and names are visible characters.
"""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from privacy.errors import KudosError
from privacy.ledger import cosignature

LARGEST_NOTE = 1 << 16
"""Bytes: room for the most signatures, each under a name of some 500 bytes."""

MOST_SIGNATURES = 100

_KEY_HASH_SIZE = 4
_PUBLIC_KEY_SIZE = 32
_DASH = "— "
_NO_KEY = (
    "This is not a verifier key such as example.no/witness+3ca700f2+BCms…: a name, its key hash and a key for "
    "Ed25519. Copy it again, whole, from whoever gave it to you."
)


_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(KudosError):
    """Bytes that are not a signed note, or one that a known key did not sign."""

    reason = "BAD_NOTE"


class BadVerifierKey(KudosError):
    """Text that is not a verifier key."""

    reason = "BAD_VERIFIER_KEY"


class Algorithm(IntEnum):
    """How a note is signed. There are others; their signatures are those of unknown keys here."""

    ED25519 = 0x01
    """Ed25519 over the text."""
    COSIGNATURE_V1 = 0x04
    """Ed25519 over a time and the text: `privacy.ledger.cosignature`."""


@dataclass(frozen=True)
class Signature:
    """One line below a note. `key_hash` has 4 bytes; what `value` means is up to the key's algorithm."""

    name: str
    key_hash: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_encoded(self.key_hash + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends with a newline, and its signatures, none of them verified. `bytes` gives the note."""

    text: str
    signatures: tuple[Signature, ...]

    def __bytes__(self) -> bytes:
        return "".join((self.text, "\n", *map(str, self.signatures))).encode()


@dataclass(frozen=True)
class Verifier:
    """A signer's name, algorithm and raw Ed25519 public key; `str` gives the verifier key.

    Raises ValueError for a name that cannot stand in a note and for a key of another length.
    """

    name: str
    algorithm: Algorithm
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name) or len(self.public_key) != _PUBLIC_KEY_SIZE:
            raise ValueError("not a name and a public key")

    @classmethod
    def of(cls, name: str, algorithm: Algorithm, key: Ed25519PrivateKey) -> Self:
        """What verifies the signatures that `key` makes under this name."""
        return cls(name, algorithm, key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verifier whose key is written so. Raises `BadVerifierKey` for anything else."""
        name, key_hash, encoded = (*text.split("+", 2), "", "")[:3]  # base64 has plus signs of its own
        try:
            raw = _decoded(encoded)
            verifier = cls(name, Algorithm(raw[0] if raw else 0), raw[1:])
        except ValueError as error:
            raise BadVerifierKey(_NO_KEY) from error
        if verifier.key_hash.hex() != key_hash:
            raise BadVerifierKey(_NO_KEY)
        return verifier

    @property
    def key_hash(self) -> bytes:
        """4 bytes that tell, together with the name, which key signed."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._encoded_key).digest()[:_KEY_HASH_SIZE]

    @property
    def _encoded_key(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{_encoded(self._encoded_key)}"

    def accepts(self, text: str, value: bytes) -> bool:
        """Whether `value` is a signature of this key for a note with this text."""
        try:
            if self.algorithm is Algorithm.COSIGNATURE_V1:
                time, signature = cosignature.split(value)
                message = cosignature.message(text, time)
            else:
                message, signature = text.encode(), value
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def is_name(text: str) -> bool:
    """Whether a signer may be called so: visible characters, without spaces and plus signs."""
    return text.isprintable() and _NAME.fullmatch(text) is not None


def sign(text: str, name: str, key: Ed25519PrivateKey) -> bytes:
    """A note with one signature, Ed25519 over the text. Raises ValueError for a text or name that no note has."""
    verifier = Verifier.of(name, Algorithm.ED25519, key)
    note = bytes(Note(text, (Signature(name, verifier.key_hash, key.sign(text.encode())),)))
    if _parse(note).text != text:
        raise ValueError("a text that does not end with a newline")
    return note


def parse(note: bytes) -> Note:
    """The text and the signatures of a note, none of them verified. `bytes` of it are these bytes again.

    Raises `BadNote` for what is not UTF-8 or has control characters other than newline, more than `LARGEST_NOTE`
    bytes or `MOST_SIGNATURES`, no signature, two of one key, or base64 in another spelling than the usual.
    """
    try:
        return _parse(note)
    except ValueError as error:
        raise BadNote(f"These bytes are not a signed note: {error}. Get them again from where they came.") from error


def verify(note: Note, verifiers: Collection[Verifier]) -> dict[Verifier, bytes]:
    """The signatures of `verifiers` on a note, of which there is at least one. Those of other keys are ignored.

    Raises `BadNote` where none of them signed it and where the signature of one of them is wrong.
    """
    known = {(each.name, each.key_hash): each for each in verifiers}
    found: dict[Verifier, bytes] = {}
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_hash))
        if verifier is None:
            continue
        if not verifier.accepts(note.text, signature.value):
            raise BadNote(f"The signature of {verifier.name} is not one over this text. Do not use this note.")
        found[verifier] = signature.value
    if not found:
        raise BadNote("No key that is known here signed this note. Do not use it; check whose keys you expect.")
    return found


def _parse(note: bytes) -> Note:
    if len(note) > LARGEST_NOTE:
        raise ValueError("it is too long")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    if _CONTROL.search(whole):
        raise ValueError("it has control characters")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise ValueError("no signatures end it")
    if lines.count("\n") > MOST_SIGNATURES:
        raise ValueError("it has too many signatures")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len({(each.name, each.key_hash) for each in signatures}) != len(signatures):
        raise ValueError("a key signed it twice")
    return Note(text + "\n", signatures)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not is_name(name):
        raise ValueError("a line is not a signature")
    raw = _decoded(encoded)
    if len(raw) <= _KEY_HASH_SIZE:
        raise ValueError("a signature is too short")
    return Signature(name, raw[:_KEY_HASH_SIZE], raw[_KEY_HASH_SIZE:])


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decoded(text: str) -> bytes:
    """RFC 4648, section 4, of which every other spelling of the same bytes is refused."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("its base64 does not read") from None
    if _encoded(raw) != text:
        raise ValueError("its base64 is not in the usual spelling")
    return raw
