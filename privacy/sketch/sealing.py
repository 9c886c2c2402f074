"""A sketch on its way to the members of its market, through a coordinator that must not read it.

    content key   32 random bytes, new for every sealing
    bound         SHA-256 of the header's payload as it is without `chunks_digest` and `keys` (`privacy.sketch.header`)
    chunk i       ChaCha20-Poly1305 (RFC 8439) of the next 65 536 bytes of the sketch's envelope, or what is left of it;
                  nonce = i in 12 bytes, additional data = bound, i in 4 bytes, the number of chunks in 4 bytes
    sealed key    HPKE (RFC 9180), mode base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, of the content
                  key; info = "kudos/sketch-key/v1" 00 bound member, aad empty

with i counted from 0 and numbers big-endian, by the Python package cryptography. The order of chunks is in their nonces
and additional data, and where they end in the latter. Nothing opens under other terms, in another round, or under a
different announcement, which has the roster with its keys. And a member cannot pass on in its own name what was sealed
for it: the sketch inside is signed by who signed the header.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.sketch.errors import BadSeal, BadSketch, NotSealedForMe, SketchAltered
from privacy.sketch.header import CHUNK_BYTES, Contents, SealedHeader, Sending, sign_header
from privacy.sketch.sketch import SketchRead, read_sketch

_KEY_BYTES: Final = 32
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO: Final = b"kudos/sketch-key/v1\x00"


@dataclass(frozen=True)
class Sealed:
    """A sealed sketch: its header's envelope, and its chunks in their order."""

    header: bytes
    chunks: tuple[bytes, ...]


def seal(sketch: bytes, sending: Sending, recipients: Mapping[str, X25519PublicKey], key: Ed25519PrivateKey) -> Sealed:
    """The envelope of a sketch, sealed for the recipients by their names, and signed by `key`, which signed it too.

    The sender may be among them, so that it can fetch back what it lost. Two sealings of the same are never the same
    bytes. Raises BadSketch for what is no sketch that `key` signed, and BadSeal for what cannot be named or sealed for.
    """
    read = read_sketch(sketch, key.public_key())
    digest = hashlib.sha256(sketch).digest()
    contents = Contents(sending, read.ledger, read.entry, read.terms, digest, len(sketch))
    content_key = secrets.token_bytes(_KEY_BYTES)
    chunks = tuple(_sealed_chunks(sketch, contents, content_key))
    keys = {member: _sealed_key(content_key, contents, member, recipients[member]) for member in sorted(recipients)}
    header = SealedHeader(contents, hashlib.sha256(b"".join(chunks)).digest(), keys)
    return Sealed(sign_header(header, key), chunks)


class ChunkCheck:
    """Whether chunks that come one after the other are those of a header, for who does not open them."""

    def __init__(self, header: SealedHeader) -> None:
        self._header = header
        self._contents = header.contents
        self._fed = 0
        self._digest = hashlib.sha256()

    def feed(self, chunk: bytes) -> None:
        """The next chunk. Raises SketchAltered for one too many, or one of another length than it must have."""
        if self._fed >= self._contents.chunks or len(chunk) != self._contents.sealed_bytes(self._fed):
            raise _altered(self._contents)
        self._digest.update(chunk)
        self._fed += 1

    def finish(self) -> None:
        """No more chunks. Raises SketchAltered where some are missing, or are not those that the header names."""
        if self._fed != self._contents.chunks or self._digest.digest() != self._header.chunks_digest:
            raise _altered(self._contents)


def open_sealed(
    header: SealedHeader,
    chunks: Iterable[bytes],
    me: str,
    my_key: X25519PrivateKey,
    sender_key: Ed25519PublicKey,
) -> SketchRead:
    """The sketch that is sealed for `me`, with all that its header says of it checked.

    `header` is read with `read_header` under the same `sender_key`, and its round checked with `check_sending`. Raises
    NotSealedForMe, or SketchAltered where chunks or what is inside are not what the header says.
    """
    contents = header.contents
    content_key = _opened_key(header, me, my_key)
    sketch = b"".join(_opened_chunks(header, chunks, content_key))
    if hashlib.sha256(sketch).digest() != contents.sketch_digest:
        raise _altered(contents)
    try:
        read = read_sketch(sketch, sender_key)
    except BadSketch as error:
        raise _altered(contents) from error
    if (read.terms, read.ledger, read.entry) != (contents.terms, contents.ledger, contents.entry):
        raise _altered(contents)
    return read


def _sealed_chunks(sketch: bytes, contents: Contents, content_key: bytes) -> Iterator[bytes]:
    aead = ChaCha20Poly1305(content_key)
    for index in range(contents.chunks):
        plain = sketch[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        yield aead.encrypt(_nonce(index), plain, _bound(contents, index))


def _opened_chunks(header: SealedHeader, chunks: Iterable[bytes], content_key: bytes) -> Iterator[bytes]:
    aead, check = ChaCha20Poly1305(content_key), ChunkCheck(header)
    for index, chunk in enumerate(chunks):
        check.feed(chunk)
        try:
            plain = aead.decrypt(_nonce(index), chunk, _bound(header.contents, index))
        except InvalidTag as error:
            raise _altered(header.contents) from error
        yield plain
    check.finish()


def _sealed_key(content_key: bytes, contents: Contents, member: str, key: X25519PublicKey) -> bytes:
    try:
        return _SUITE.encrypt(content_key, key, info=_info(contents, member))
    except ValueError as error:
        raise BadSeal(
            f"Nothing can be sealed for the sealing key of {member}: it is not a sound X25519 key. Tell the "
            f"coordinator's operator; {member} must join again with new keys."
        ) from error


def _opened_key(header: SealedHeader, me: str, my_key: X25519PrivateKey) -> bytes:
    if me in header.keys:
        try:
            return _SUITE.decrypt(header.keys[me], my_key, info=_info(header.contents, me))
        except (InvalidTag, ValueError):
            pass  # sealed for another key, or for none
    sender = header.contents.sending.sender
    raise NotSealedForMe(
        f"The sketch of {sender} is not sealed for {me} with the sealing key that this node has. "
        f"If your keys are as in the round's roster, tell {sender}."
    )


def _info(contents: Contents, member: str) -> bytes:
    return _INFO + contents.digest + member.encode()


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _bound(contents: Contents, index: int) -> bytes:
    return contents.digest + index.to_bytes(4, "big") + contents.chunks.to_bytes(4, "big")


def _altered(contents: Contents) -> SketchAltered:
    sender = contents.sending.sender
    return SketchAltered(
        f"What came as the sketch of {sender} is not what its header says. Fetch it again; if it stays so, tell the "
        f"operators of the coordinator and of {sender}."
    )
