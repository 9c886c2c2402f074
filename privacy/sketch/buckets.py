"""Which bucket of a sketch a customer falls into: the same at every member in one epoch, and unrelated in the next.

Format, version 1 (test vectors in `vectors.json` beside this file):

    bucket key = HMAC-SHA-256(K, "kudos/bucket-key/v1" 00 e epoch)
    bucket     = the first 8 bytes of HMAC-SHA-256(bucket key, match id), as a number, modulo the number of buckets

where K is the newest key of the network's chain (`privacy.identity.chain`), 32 bytes; e is the number of keys before it
in the chain, which is the epoch of the identity key, in 8 bytes; epoch is that of the sketch, four digits in ASCII; the
match id is that of the chain's newest epoch, 32 bytes; and numbers are big-endian. The number of buckets is a power of
two, so that all are equally likely.

Source: HMAC, RFC 2104, with SHA-256, FIPS 180-4. Without the identity key a bucket
does not say whose it is.
"""

import hmac
import re
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from privacy.bounds.windows import Window
from privacy.identity.chain import KeyChain, advanced
from privacy.identity.match import ID_BYTES, IdentityKey
from privacy.sketch.errors import BadSketch

VERSION: Final = "kudos/bucket-key/v1"
FEWEST_BUCKETS: Final = 2**10
MOST_BUCKETS: Final = 2**28

_EPOCH: Final = re.compile(r"[0-9]{4}")


def bucket_key(chain: KeyChain, epoch: str) -> bytes:
    """The key, 32 bytes and secret, of the buckets of an epoch such as "2025". Raises BadSketch for no such epoch."""
    check_epoch(epoch)
    said = VERSION.encode("ascii") + b"\0" + chain.epoch.to_bytes(8, "big") + epoch.encode("ascii")
    return hmac.digest(chain.keys[-1].secret, said, "sha256")


def buckets_of(key: bytes, match_ids: Iterable[bytes], buckets: int) -> NDArray[np.int64]:
    """The bucket of each match id, in their order: int64 of shape (n,), from 0 to `buckets` - 1.

    Raises BadSketch for a number of buckets that no sketch has, and for ids of another length than 32 bytes.
    """
    check_buckets(buckets)
    # An HMAC of an id under a key, from states kept since the first: what takes ids to a next epoch does just that.
    digests = b"".join(advanced(IdentityKey(key), map(_checked, match_ids)))
    firsts = np.frombuffer(digests, dtype=">u8")[:: ID_BYTES // 8]
    return (firsts & np.uint64(buckets - 1)).astype(np.int64)


def epoch_of(window: Window) -> str:
    """The epoch whose sketch has the customers of a window: the year of its last day, in four digits."""
    return f"{window.last.year:04}"


def check_epoch(epoch: str) -> None:
    """Raises BadSketch for what is no epoch of sketches: a year in four digits."""
    if not _EPOCH.fullmatch(epoch):
        raise BadSketch('The epoch of a sketch is a year in four digits, such as "2025".')


def check_buckets(buckets: int) -> None:
    """Raises BadSketch for a number of buckets that no sketch has."""
    if not FEWEST_BUCKETS <= buckets <= MOST_BUCKETS or buckets & (buckets - 1):
        raise BadSketch(f"The buckets of a sketch are a power of two from {FEWEST_BUCKETS} to {MOST_BUCKETS}.")


def _checked(match_id: bytes) -> bytes:
    if len(match_id) != ID_BYTES:
        raise BadSketch(f"A match id has {ID_BYTES} bytes. Make them with `privacy.identity`.")
    return match_id
