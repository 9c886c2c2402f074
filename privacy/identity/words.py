"""The eight words that two operators read to each other, so that nobody stands between them.

The coordinator certifies the members' keys and carries everything between them. It could show a sponsor a newcomer's
key of its own making and so be given the identity key. What it cannot do is change what two people say on the
telephone: each node shows eight words made of the commitment to the identity key and of all four keys of the pair, and
they are the same only where both sides see the same.

    password = commitment ‖ fingerprint of the sponsor ‖ fingerprint of the newcomer
    bits     = scrypt(password, salt "kudos/eight-words/v1", N = 2¹⁵, r = 8, p = 1), the first 80 bits
    words    = `words.txt` at each ten bits, from the most significant on

    fingerprint = SHA-256("kudos/party-keys/v1" 00 ‖ Ed25519 signing key ‖ X25519 sealing key), the raw keys

The pair that starts the network does the same: the member that made the key is the sponsor.

How much work a lie takes. To match one given side, a coordinator must try 2⁸⁰ keys. But one that stands in the
middle makes keys for both sides, a newcomer's to show to the sponsor and a sponsor's (with a commitment) to show to
the newcomer, until any of the one kind meets any of the other: by the birthday bound about 2⁴¹ evaluations, not 2⁸⁰.
That is what scrypt is for. Each evaluation takes 32 MiB and about a tenth of a second of a core: together some 7 000
core-years, or in the order of twenty years of one fast graphics card of 2024, spent for one pair between the moment
when the coordinator learns the newcomer's keys and the telephone call. With plain SHA-256 it would be minutes. So
whoever can rent hundreds of cards for weeks is kept out by an early call only: compare within days of joining, and
join anew with new keys where that was missed.

The words must be compared before the sponsor seals the key: a key sealed for a liar is given away.

Source: scrypt, RFC 7914, by the Python package cryptography.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from privacy.identity.chain import COMMITMENT_BYTES

WORDS: Final = 8
_BITS_A_WORD: Final = 10
_SALT: Final = b"kudos/eight-words/v1"
_FINGERPRINT: Final = b"kudos/party-keys/v1\x00"
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class PartyKeys:
    """A member's public keys: Ed25519 for signing and X25519 for sealing, raw, 32 bytes each. Raises ValueError."""

    signing: bytes
    sealing: bytes

    def __post_init__(self) -> None:
        if len(self.signing) != _KEY_BYTES or len(self.sealing) != _KEY_BYTES:
            raise ValueError(f"a raw public key has {_KEY_BYTES} bytes")

    def fingerprint(self) -> bytes:
        """32 bytes that stand for both keys."""
        return hashlib.sha256(_FINGERPRINT + self.signing + self.sealing).digest()


def eight_words(commitment: bytes, sponsor: PartyKeys, newcomer: PartyKeys) -> tuple[str, ...]:
    """The words of a pair and the chain that goes from the one to the other; equal on both sides.

    `commitment` is the 32 bytes of `KeyChain.commitment`. Takes about a tenth of a second and 32 MiB, on purpose.
    Raises ValueError for a commitment of another length.
    """
    if len(commitment) != COMMITMENT_BYTES:
        raise ValueError(f"a commitment has {COMMITMENT_BYTES} bytes")
    password = commitment + sponsor.fingerprint() + newcomer.fingerprint()
    stretched = Scrypt(salt=_SALT, length=WORDS * _BITS_A_WORD // 8, n=2**15, r=8, p=1).derive(password)
    bits = int.from_bytes(stretched, "big")
    places = [bits >> shift & (2**_BITS_A_WORD - 1) for shift in range((WORDS - 1) * _BITS_A_WORD, -1, -_BITS_A_WORD)]
    return tuple(word_list()[place] for place in places)


@cache
def word_list() -> tuple[str, ...]:
    """The 1024 words, Norwegian bokmål, in their order: that is part of the format and never changes."""
    return tuple(files("privacy.identity").joinpath("words.txt").read_text("utf-8").split())
