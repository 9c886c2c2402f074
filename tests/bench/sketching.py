"""A member's work in a round of cross-use, without the wire: the sketch, and the count against its peers.

    python -m tests.bench.sketching sketch CUSTOMERS
    python -m tests.bench.sketching count CUSTOMERS PEERS

`sketch` is buckets of match ids, bitmap, flips, signature and seals for 99 recipients; `count` opens each peer's sealed
sketch, looks its own customers up, and draws the noise. The peers' sketches are made and sealed before, outside of what
is measured, and lie in a file as they come from the wire.
"""

import hashlib
import secrets
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from privacy.bounds.windows import twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.mechanisms.bit_planes import flipped
from privacy.mechanisms.drawing import draw, draw_laplace
from privacy.sketch.bitmap import filled
from privacy.sketch.buckets import bucket_key, buckets_of
from privacy.sketch.counting import count
from privacy.sketch.header import CHUNK_BYTES, Sending, read_header
from privacy.sketch.sealing import Sealed, open_sealed, seal
from privacy.sketch.sketch import SketchTerms, sign_sketch
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price
from privacy.studies.shelf import find
from tests.bench.measure import report

RECIPIENTS = 99
_SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_SEALING = X25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
_CHAIN = KeyChain.generate()
_SENDING = Sending("npu.example", "cross-use", "peer", bytes(32))


def _study() -> CrossUseStudy:
    study = find("cross-use-year")
    assert isinstance(study, CrossUseStudy)
    return study


def _match_ids(customers: int) -> list[bytes]:
    return [hashlib.sha256(number.to_bytes(8)).digest() for number in range(customers)]


def _sketch(study: CrossUseStudy, ids: list[bytes], recipients: int) -> Sealed:
    own = buckets_of(bucket_key(_CHAIN, "2025"), ids, study.buckets)
    bits = flipped(filled(own, study.buckets), study.response)
    terms = SketchTerms(
        epoch="2025",
        window=twelve_months_to(date(2025, 12, 31)),
        buckets=study.buckets,
        flips=study.response.flips,
        flip_bits=study.response.bits,
        identity_commitment=_CHAIN.commitment(),
        identity_epoch=_CHAIN.epoch,
    )
    envelope = sign_sketch(terms, "npu.example/ledger/peer", 7, bits, _SIGNING)
    public = _SEALING.public_key()
    return seal(envelope, _SENDING, {f"m{number:03d}": public for number in range(recipients)}, _SIGNING)


def _count(study: CrossUseStudy, own: NDArray[np.int64], group: NDArray[np.int64], peers: list[Path]) -> None:
    counted = count(own, group, len(study.groups), (_opened(file) for file in peers))
    priced = count_price(study, len(peers))
    draw(counted.cells.ravel(), priced.sums)
    draw_laplace(counted.histogram, priced.histogram)


def _opened(file: Path) -> NDArray[np.uint8]:
    with file.open("rb") as stream:
        header = read_header(stream.read(int.from_bytes(stream.read(4))), _SIGNING.public_key())
        chunks: Iterator[bytes] = iter(partial(stream.read, CHUNK_BYTES + 16), b"")
        return open_sealed(header, chunks, "m000", _SEALING, _SIGNING.public_key()).bitmap


def sealed_bytes() -> int:
    """The bytes of one sealed sketch of the shipped study, header included."""
    made = _sketch(_study(), [], RECIPIENTS)
    return len(made.header) + sum(map(len, made.chunks))


def main() -> None:
    """One of the two, measured."""
    what, customers = sys.argv[1], int(sys.argv[2])
    study, ids = _study(), _match_ids(customers)
    if what == "sketch":
        report(lambda: _sketch(study, ids, RECIPIENTS))
        return
    own = buckets_of(bucket_key(_CHAIN, "2025"), ids, study.buckets)
    group = np.random.default_rng(1).integers(0, len(study.groups), customers)
    with tempfile.TemporaryDirectory() as folder:
        peers = []
        for number in range(int(sys.argv[3])):
            made = _sketch(study, [secrets.token_bytes(32) for _ in range(1000)], 1)
            peers.append(Path(folder) / str(number))
            peers[-1].write_bytes(len(made.header).to_bytes(4) + made.header + b"".join(made.chunks))
        draw(np.zeros(0, dtype=np.int64), count_price(study, len(peers)).sums)  # OpenDP is loaded
        report(lambda: _count(study, own, group, peers))


if __name__ == "__main__":
    main()
