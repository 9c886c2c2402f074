"""The sealed sketch of a node for a round: kept until the round has its market, so that a retry sends the same bytes.

Two sealings of one sketch are never the same bytes, and a coordinator takes one for a round. The chunks are written
before the header, so where there is a header all of it is there. The header stays: it says whom the sketch went to.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from node.home import Home, write_private
from node.network.rounds import folder_of
from privacy.sketch.errors import BadSeal
from privacy.sketch.header import CHUNK_BYTES, TAG_BYTES, SealedHeader, Sending, check_sending, read_header
from privacy.sketch.sealing import ChunkCheck, Sealed

_LENGTH = CHUNK_BYTES + TAG_BYTES


@dataclass(frozen=True)
class Kept:
    """A sealed sketch that lies in a round's folder, and what its header says."""

    sealed: Sealed
    header: SealedHeader

    @property
    def digest(self) -> str:
        """How the coordinator names it."""
        return header_digest(self.sealed.header)


def keep(home: Home, round_name: str, sealed: Sealed) -> None:
    """Keeps a sealed sketch for a round."""
    write_private(_chunks(home, round_name), b"".join(sealed.chunks))
    write_private(_header(home, round_name), sealed.header)


def kept(home: Home, sending: Sending, key: Ed25519PublicKey) -> Kept | None:
    """What is kept for a round, and is whole: signed by this node's `key`, and for this round. None otherwise."""
    header = kept_header(home, sending, key)
    if header is None:
        return None
    try:
        envelope, content = (each(home, sending.round).read_bytes() for each in (_header, _chunks))
        chunks = tuple(content[at : at + _LENGTH] for at in range(0, len(content), _LENGTH))
        check = ChunkCheck(header)
        for chunk in chunks:
            check.feed(chunk)
        check.finish()
    except (OSError, BadSeal):
        return None
    return Kept(Sealed(envelope, chunks), header)


def kept_header(home: Home, sending: Sending, key: Ed25519PublicKey) -> SealedHeader | None:
    """The header that is kept for a round; None where there is none, or none that is this node's for this round."""
    try:
        header = read_header(_header(home, sending.round).read_bytes(), key)
        check_sending(header, sending)
    except (OSError, BadSeal):
        return None
    return header


def drop_chunks(home: Home, round_name: str) -> None:
    """Takes away what need not be sent again."""
    _chunks(home, round_name).unlink(missing_ok=True)


def header_digest(header: bytes) -> str:
    """How the coordinator names a sealed sketch: the SHA-256 of its header's envelope, in hexadecimal."""
    return hashlib.sha256(header).hexdigest()


def _header(home: Home, round_name: str) -> Path:
    return folder_of(home, round_name) / "sealed.header"


def _chunks(home: Home, round_name: str) -> Path:
    return folder_of(home, round_name) / "sealed.chunks"
