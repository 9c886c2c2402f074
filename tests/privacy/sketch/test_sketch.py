"""A sketch as it is signed: read back as it was, and nothing else is taken for one."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.bounds.windows import Window, twelve_months_to
from privacy.mechanisms.response import RandomizedResponse
from privacy.signing.envelope import RELEASE, sign, verify
from privacy.sketch.errors import BadSketch
from privacy.sketch.sketch import OVERHEAD_BYTES, SKETCH, SketchTerms, read_sketch, sign_sketch
from protos.kudos.v1 import cross_use_pb2 as wire
from tests.privacy.sketch.customers import ENTRY, LEDGER, SENDER, TERMS, bits, sketch

ENVELOPE = sketch()
PUBLIC = SENDER.public_key()


def said() -> wire.Sketch:
    message = wire.Sketch()
    message.ParseFromString(verify(SKETCH, ENVELOPE, PUBLIC))
    return message


def signed(payload: bytes, kind: str = SKETCH) -> bytes:
    return sign(kind, payload, SENDER)


def refused(envelope: bytes) -> None:
    with pytest.raises(BadSketch) as refusal:
        read_sketch(envelope, PUBLIC)
    assert refusal.value.reason == "BAD_SKETCH"


dates = st.dates(date(2, 1, 1), date(9999, 12, 30))


@given(
    dates,
    st.integers(10, 14),
    st.integers(1, 2**31 - 1),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 255),
    st.integers(0, 2**53 - 1),
    st.randoms(use_true_random=False),
)
def test_what_is_signed_is_read_back(
    last: date, power: int, flips: int, commitment: bytes, epoch: int, entry: int, random: Any
) -> None:
    terms = SketchTerms(f"{last.year:04}", twelve_months_to(last), 2**power, flips, 32, commitment, epoch)
    bitmap = np.frombuffer(random.randbytes(2**power // 8), dtype=np.uint8)
    read = read_sketch(sign_sketch(terms, LEDGER, entry, bitmap, SENDER), PUBLIC)
    assert (read.terms, read.ledger, read.entry) == (terms, LEDGER, entry)
    assert (read.bitmap == bitmap).all()
    assert not read.bitmap.flags.writeable
    assert read.terms.response == RandomizedResponse(flips, 32)


def test_the_same_is_the_same_bytes_and_of_known_size() -> None:
    assert sketch() == ENVELOPE
    assert 0 < len(ENVELOPE) - TERMS.buckets // 8 < OVERHEAD_BYTES
    longest = "a" * 100 + "/ledger/" + "b" * 92
    largest = replace(TERMS, buckets=2**16, flips=2**31 - 1, flip_bits=32, identity_epoch=255)
    envelope = sign_sketch(largest, longest, 2**53 - 1, bits(2**16), SENDER)
    assert len(envelope) - 2**13 < OVERHEAD_BYTES


def test_every_flipped_bit_is_refused() -> None:
    for place in range(8 * len(ENVELOPE)):
        flipped = bytearray(ENVELOPE)
        flipped[place // 8] ^= 1 << place % 8
        refused(bytes(flipped))


def test_another_signer_or_another_kind_of_payload_is_refused() -> None:
    refused(sign_sketch(TERMS, LEDGER, ENTRY, bits(), Ed25519PrivateKey.generate()))
    refused(signed(said().SerializeToString(deterministic=True), RELEASE))
    refused(b"")
    refused(signed(b"\xff"))


@pytest.mark.parametrize(
    "change",
    [
        {"ledger": "museum"},
        {"ledger": "npu.example/ledger/museum\n"},
        {"ledger": "a" * 193 + "/ledger/m"},
        {"entry": 2**53},
        *({"epoch": epoch} for epoch in ("", "25", "2024", "2026", "2025 ", "٢٠٢٥", "20255")),
        *({"window_first": day} for day in ("", "20250101", "2025-1-1", "2025-W01-3", "2026-01-01", "2025-02-30")),
        *({"window_first": day} for day in ("2016-01-01", "2024-12-31", "2025-01-02", "2025-12-31")),
        *({"window_last": day} for day in ("2025-12-30", "2024-12-31", "9999-12-31")),
        *({"buckets": buckets} for buckets in (0, 512, 1000, 2**11, 2**29, 2**40)),
        *({"flips": flips} for flips in (0, 2**15, 2**32 - 1)),
        *({"flip_bits": flip_bits} for flip_bits in (0, 1, 15, 33)),
        {"identity_commitment": bytes(31)},
        {"identity_commitment": bytes(33)},
        {"identity_epoch": 256},
        *({"bits": bytes(size)} for size in (0, 127, 129)),
    ],
    ids=lambda change: next(f"{name}-{str(value)[:12]!a}" for name, value in change.items()),
)
def test_what_cannot_be_a_sketch_is_refused_though_it_is_signed(change: dict[str, Any]) -> None:
    message = said()
    for name, value in change.items():
        setattr(message, name, value)
    refused(signed(message.SerializeToString(deterministic=True)))


def test_other_spellings_are_refused_though_they_are_signed() -> None:
    payload = said().SerializeToString(deterministic=True)
    assert read_sketch(signed(payload), PUBLIC).terms == TERMS
    refused(signed(payload + b"\x60\x01"))  # field 12, which nobody knows
    refused(signed(payload + b"\x1a\x042025"))  # the epoch a second time
    refused(signed(payload + b"\x45" + TERMS.flip_bits.to_bytes(4, "little")))
    refused(signed(payload[:-1]))


def test_bytes_without_end_are_not_read() -> None:
    refused(bytes(2**25 + OVERHEAD_BYTES + 1))


@pytest.mark.parametrize(
    ("ledger", "entry", "bitmap"),
    [
        ("museum", ENTRY, bits()),
        (LEDGER, -1, bits()),
        (LEDGER, 2**53, bits()),
        (LEDGER, ENTRY, bits(2**11)),
        (LEDGER, ENTRY, bits().astype(np.int64)),
        (LEDGER, ENTRY, bits().reshape(2, -1)),
    ],
    ids=["no ledger", "below 0", "too large", "too many bits", "another type", "two dimensions"],
)
def test_nothing_is_signed_that_would_not_be_read(ledger: str, entry: int, bitmap: Any) -> None:
    with pytest.raises(BadSketch):
        sign_sketch(TERMS, ledger, entry, bitmap, SENDER)


@pytest.mark.parametrize(
    ("epoch", "window"),
    [
        ("2025", Window(date(2016, 1, 1), date(2025, 12, 31))),
        ("2025", Window(date(2025, 7, 1), date(2025, 12, 31))),
        ("2025", Window(date(2025, 12, 31), date(2025, 1, 1))),
        ("2024", twelve_months_to(date(2025, 6, 30))),
        ("2026", twelve_months_to(date(2025, 12, 31))),
        ("0001", Window(date(1, 1, 1), date(1, 6, 30))),
        ("9999", Window(date(9999, 1, 1), date(9999, 12, 31))),
    ],
    ids=["ten years", "half a year", "backwards", "the year it begins in", "the next", "first days", "last day"],
)
def test_a_sketch_is_of_twelve_months_that_end_in_its_year(epoch: str, window: Window) -> None:
    with pytest.raises(BadSketch):
        replace(TERMS, epoch=epoch, window=window)


def test_the_bits_are_not_shown() -> None:
    assert "bitmap" not in repr(read_sketch(ENVELOPE, PUBLIC))
