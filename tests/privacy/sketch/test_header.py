"""The header of a sealed sketch: nothing is taken for one that `sign_header` would not have made."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.signing.envelope import sign, verify
from privacy.sketch.errors import WrongSeal
from privacy.sketch.header import (
    CHUNK_BYTES,
    LARGEST_HEADER,
    MOST_RECIPIENTS,
    SEALED_SKETCH,
    SealedHeader,
    check_sending,
    read_header,
    sign_header,
)
from privacy.sketch.sealing import seal
from privacy.sketch.sketch import OVERHEAD_BYTES, SKETCH
from protos.kudos.v1 import cross_use_pb2 as wire
from tests.privacy.sketch.customers import ENTRY, RECIPIENTS, SENDER, SENDING, TERMS, sketch

PUBLIC = SENDER.public_key()
ENVELOPE = seal(sketch(), SENDING, RECIPIENTS, SENDER).header
HEADER = read_header(ENVELOPE, PUBLIC)


def said() -> wire.SealedSketch:
    message = wire.SealedSketch()
    message.ParseFromString(verify(SEALED_SKETCH, ENVELOPE, PUBLIC))
    return message


def signed(payload: bytes, kind: str = SEALED_SKETCH, key: Ed25519PrivateKey = SENDER) -> bytes:
    return sign(kind, payload, key)


def refused(envelope: bytes) -> None:
    with pytest.raises(WrongSeal) as refusal:
        read_header(envelope, PUBLIC)
    assert refusal.value.reason == "WRONG_SEAL"


def test_what_is_signed_is_read_back() -> None:
    assert sign_header(HEADER, SENDER) == ENVELOPE
    assert said().chunks == 1
    assert [each.member for each in said().keys] == ["galleri", "teater"]


def test_another_signer_or_another_kind_of_payload_is_refused() -> None:
    payload = said().SerializeToString(deterministic=True)
    refused(signed(payload, key=Ed25519PrivateKey.generate()))
    refused(signed(payload, SKETCH))
    refused(signed(b"\xff"))
    refused(b"")


@pytest.mark.parametrize(
    "change",
    [
        *({"coordinator": name} for name in ("", "NPU.example", "npu example", "a" * 122)),
        *({"round": name} for name in ("", "a/b", "a" * 62)),
        *({"sender": name} for name in ("", "Museum", "museum\n", "a" * 62)),
        *(
            {name: bytes(size)}
            for name in ("announcement_digest", "sketch_digest", "chunks_digest")
            for size in (0, 33)
        ),
        {"ledger": "museum"},
        {"entry": 2**53},
        {"epoch": "25"},
        {"epoch": "2024"},
        {"window_first": "2016-01-01"},
        {"window_first": "20250101"},
        {"window_last": "2024-12-31"},
        *({"buckets": buckets} for buckets in (0, 1000, 2**20, 2**29)),
        {"flips": 0},
        {"flip_bits": 15},
        {"identity_commitment": b""},
        {"identity_epoch": 256},
        *({"size": size} for size in (0, 128, 128 + OVERHEAD_BYTES + 1, 2**40)),
        *({"chunks": chunks} for chunks in (0, 2, 2**32 - 1)),
    ],
    ids=lambda change: next(f"{name}-{str(value)[:12]!a}" for name, value in change.items()),
)
def test_what_cannot_be_a_header_is_refused_though_it_is_signed(change: dict[str, Any]) -> None:
    message = said()
    for name, value in change.items():
        setattr(message, name, value)
    refused(signed(message.SerializeToString(deterministic=True)))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [("teater", 80), ("galleri", 80)],
        [("galleri", 80), ("galleri", 80)],
        [("galleri", 79)],
        [("galleri", 81)],
        [("", 80)],
        [("Galleri", 80)],
        [(f"m{number:04}", 80) for number in range(MOST_RECIPIENTS + 1)],
    ],
    ids=["nobody", "out of order", "twice", "too short", "too long", "no name", "no member", "too many"],
)
def test_other_recipients_are_refused_though_they_are_signed(keys: list[tuple[str, int]]) -> None:
    message = said()
    message.ClearField("keys")
    message.keys.extend(wire.SealedKey(member=member, sealed=bytes(size)) for member, size in keys)
    refused(signed(message.SerializeToString(deterministic=True)))


def test_the_largest_roster_is_read() -> None:
    members = (f"{'a' * 57}{number:04}" for number in range(MOST_RECIPIENTS))
    header = replace(HEADER, keys=dict.fromkeys(members, bytes(80)))
    envelope = sign_header(header, SENDER)
    assert len(envelope) <= LARGEST_HEADER
    assert read_header(envelope, PUBLIC) == header
    refused(bytes(LARGEST_HEADER + 1))


def test_other_spellings_are_refused_though_they_are_signed() -> None:
    payload = said().SerializeToString(deterministic=True)
    assert read_header(signed(payload), PUBLIC) == HEADER
    refused(signed(payload + b"\xa0\x01\x01"))  # field 20, which nobody knows
    refused(signed(payload + b"\x31" + ENTRY.to_bytes(8, "little")))  # the entry a second time
    unknown = said()
    unknown.keys[0].MergeFromString(b"\x18\x01")  # in a key
    refused(signed(unknown.SerializeToString(deterministic=True)))


@pytest.mark.parametrize(
    ("buckets", "size", "chunks", "last"),
    [
        (2**10, 500, 1, 516),
        (2**19, CHUNK_BYTES + 1, 2, 17),
        (2**19, CHUNK_BYTES + OVERHEAD_BYTES, 2, OVERHEAD_BYTES + 16),
        (2**28, 2**25 + 400, 513, 416),
    ],
)
def test_the_chunks_follow_from_the_size(buckets: int, size: int, chunks: int, last: int) -> None:
    contents = replace(HEADER.contents, size=size, terms=replace(TERMS, buckets=buckets))
    assert contents.chunks == chunks
    assert [contents.sealed_bytes(index) for index in range(chunks)] == [CHUNK_BYTES + 16] * (chunks - 1) + [last]
    header = SealedHeader(contents, HEADER.chunks_digest, HEADER.keys)
    assert read_header(sign_header(header, SENDER), PUBLIC).contents == contents


def test_whose_round_it_is_for_is_checked() -> None:
    check_sending(HEADER, SENDING)
    with pytest.raises(WrongSeal) as refusal:
        check_sending(HEADER, replace(SENDING, round="another"))
    assert refusal.value.reason == "WRONG_SEAL"
