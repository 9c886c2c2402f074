"""How large a sketch and its header may be, and that a header is of its sending in every respect."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from privacy.sketch.buckets import MOST_BUCKETS
from privacy.sketch.errors import BadSketch, WrongSeal
from privacy.sketch.header import LARGEST_HEADER, check_sending, read_header
from privacy.sketch.sealing import seal
from privacy.sketch.sketch import OVERHEAD_BYTES, read_sketch, sign_sketch
from tests.privacy.sketch.customers import LEDGER, RECIPIENTS, SENDER, SENDING, TERMS, sketch

PUBLIC = SENDER.public_key()
ENVELOPE = seal(sketch(), SENDING, RECIPIENTS, SENDER).header
HEADER = read_header(ENVELOPE, PUBLIC)
TOO_LARGE = r"at most|more than"


@pytest.mark.parametrize(
    "change",
    [
        {"coordinator": "other.example"},
        {"round": "another"},
        {"sender": "teater"},
        {"announcement_digest": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_header_of_another_sending_is_replayed(change: dict[str, Any]) -> None:
    check_sending(HEADER, SENDING)
    with pytest.raises(WrongSeal, match="Seal the sketch for this round"):
        check_sending(HEADER, replace(SENDING, **change))


def test_a_header_that_is_too_large_is_refused_for_that_before_it_is_looked_into() -> None:
    with pytest.raises(WrongSeal, match=TOO_LARGE):
        read_header(bytes(LARGEST_HEADER + 1), PUBLIC)
    with pytest.raises(WrongSeal) as refused:
        read_header(bytes(LARGEST_HEADER), PUBLIC)
    refused.match("^(?!.*(at most|more than))")


def test_the_largest_sketch_is_read() -> None:
    """32 MiB of bits: it takes about a second."""
    terms = replace(TERMS, buckets=MOST_BUCKETS, identity_epoch=255)
    ledger = LEDGER.ljust(190, "a")
    bits = np.full(terms.bytes_of_bits, 0x5A, dtype=np.uint8)
    envelope = sign_sketch(terms, ledger, 2**53 - 1, bits, SENDER)
    assert MOST_BUCKETS // 8 < len(envelope) < MOST_BUCKETS // 8 + OVERHEAD_BYTES
    read = read_sketch(envelope, PUBLIC)
    assert read.terms == terms
    assert np.array_equal(read.bitmap, bits)


def test_bytes_beyond_the_largest_sketch_are_refused_for_that_before_they_are_looked_into() -> None:
    largest = MOST_BUCKETS // 8 + OVERHEAD_BYTES
    with pytest.raises(BadSketch, match=TOO_LARGE):
        read_sketch(bytes(largest + 1), PUBLIC)
    with pytest.raises(BadSketch) as refused:
        read_sketch(bytes(largest), PUBLIC)
    refused.match("^(?!.*(at most|more than))")
