"""Sealed sketches: for their recipients alone, whole, in their round, and as RFC 8439 and RFC 9180 seal."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.bounds.windows import twelve_months_to, year_before
from privacy.signing.envelope import verify
from privacy.sketch.errors import BadSeal, BadSketch, NotSealedForMe, SketchAltered, WrongSeal
from privacy.sketch.header import SEALED_SKETCH, SealedHeader, Sending, check_sending, read_header, sign_header
from privacy.sketch.sealing import ChunkCheck, Sealed, open_sealed, seal
from privacy.sketch.sketch import SketchRead, sign_sketch
from protos.kudos.v1 import cross_use_pb2 as wire
from tests.privacy.sketch.customers import (
    ENTRY,
    GALLERI,
    LEDGER,
    RECIPIENTS,
    SENDER,
    SENDING,
    TEATER,
    TERMS,
    bits,
    sketch,
)

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PUBLIC = SENDER.public_key()
SKETCH = sketch()
SEALED = seal(SKETCH, SENDING, RECIPIENTS, SENDER)
HEADER = read_header(SEALED.header, PUBLIC)
LARGE = seal(sketch(buckets=2**20), SENDING, RECIPIENTS, SENDER)  # 128 KiB and a little: three chunks


def opened(sealed: Sealed, me: str = "teater", key: X25519PrivateKey = TEATER) -> SketchRead:
    return open_sealed(read_header(sealed.header, PUBLIC), sealed.chunks, me, key, PUBLIC)


def by_the_format(sealed: Sealed, member: str, key: X25519PrivateKey) -> bytes:
    """The sketch's envelope, opened as the format's description says."""
    message = wire.SealedSketch()
    message.ParseFromString(verify(SEALED_SKETCH, sealed.header, PUBLIC))
    seals = {each.member: each.sealed for each in message.keys}
    message.ClearField("chunks_digest")
    message.ClearField("keys")
    bound = hashlib.sha256(message.SerializeToString(deterministic=True)).digest()
    info = b"kudos/sketch-key/v1\x00" + bound + member.encode()
    aead = ChaCha20Poly1305(SUITE.decrypt(seals[member], key, info=info))
    return b"".join(
        aead.decrypt(
            bytes(8) + i.to_bytes(4, "big"), chunk, bound + i.to_bytes(4, "big") + message.chunks.to_bytes(4, "big")
        )
        for i, chunk in enumerate(sealed.chunks)
    )


@pytest.mark.parametrize(("sealed", "chunks"), [(SEALED, 1), (LARGE, 3)])
@pytest.mark.parametrize(("me", "key"), [("teater", TEATER), ("galleri", GALLERI)])
def test_what_is_sealed_is_opened_by_each_recipient(
    sealed: Sealed, chunks: int, me: str, key: X25519PrivateKey
) -> None:
    read = opened(sealed, me, key)
    assert len(sealed.chunks) == chunks
    assert (read.ledger, read.entry, read.terms.epoch) == (LEDGER, ENTRY, "2025")
    assert (read.bitmap == bits(read.terms.buckets)).all()


def test_the_header_says_what_is_inside_and_for_which_round() -> None:
    contents = HEADER.contents
    assert (contents.sending, contents.ledger, contents.entry, contents.terms) == (SENDING, LEDGER, ENTRY, TERMS)
    assert contents.sketch_digest == hashlib.sha256(SKETCH).digest()
    assert (contents.size, contents.chunks) == (len(SKETCH), 1)
    assert list(HEADER.keys) == ["galleri", "teater"]
    assert HEADER.chunks_digest == hashlib.sha256(SEALED.chunks[0]).digest()
    check_sending(HEADER, SENDING)


@pytest.mark.parametrize("sealed", [SEALED, LARGE], ids=["one chunk", "three"])
def test_it_is_sealed_as_the_format_says(sealed: Sealed) -> None:
    plain = by_the_format(sealed, "galleri", GALLERI)
    assert hashlib.sha256(plain).digest() == read_header(sealed.header, PUBLIC).contents.sketch_digest
    assert [len(chunk) for chunk in LARGE.chunks][:2] == [65_552, 65_552]


def test_two_sealings_share_no_bytes_and_no_key() -> None:
    again = seal(SKETCH, SENDING, RECIPIENTS, SENDER)
    assert again.chunks != SEALED.chunks
    headers = [read_header(each.header, PUBLIC) for each in (SEALED, again)]
    swapped = replace(headers[0], keys=headers[1].keys)
    with pytest.raises(SketchAltered):
        open_sealed(swapped, SEALED.chunks, "teater", TEATER, PUBLIC)


def bit_flips(whole: bytes) -> list[bytes]:
    number = int.from_bytes(whole, "big")
    return [(number ^ 1 << place).to_bytes(len(whole), "big") for place in range(8 * len(whole))]


def test_every_flipped_bit_of_the_header_is_refused() -> None:
    for flipped in bit_flips(SEALED.header):
        with pytest.raises(WrongSeal) as refusal:
            read_header(flipped, PUBLIC)
        assert refusal.value.reason == "WRONG_SEAL"


def test_every_flipped_bit_of_a_chunk_is_refused() -> None:
    """Also where the sender itself signs its digest: the seal holds by itself."""
    for flipped in bit_flips(SEALED.chunks[0]):
        with pytest.raises(SketchAltered):
            check_all(HEADER, (flipped,))
        signed = replace(HEADER, chunks_digest=hashlib.sha256(flipped).digest())
        for header in (HEADER, signed):
            with pytest.raises(SketchAltered) as refusal:
                open_sealed(header, [flipped], "teater", TEATER, PUBLIC)
            assert refusal.value.reason == "SKETCH_ALTERED"


def test_every_flipped_bit_of_a_sealed_key_is_refused_though_it_is_signed() -> None:
    for flipped in bit_flips(HEADER.keys["teater"]):
        signed = sign_header(replace(HEADER, keys={**HEADER.keys, "teater": flipped}), SENDER)
        with pytest.raises(NotSealedForMe) as refusal:
            opened(Sealed(signed, SEALED.chunks))
        assert refusal.value.reason == "NOT_SEALED_FOR_ME"


def check_all(header: SealedHeader, chunks: tuple[bytes, ...]) -> None:
    check = ChunkCheck(header)
    for chunk in chunks:
        check.feed(chunk)
    check.finish()


def test_chunks_in_another_order_or_number_are_refused() -> None:
    first, second, third = LARGE.chunks
    header = read_header(LARGE.header, PUBLIC)
    tampered: list[tuple[bytes, ...]] = [
        (),
        (first,),
        (first, second),
        (second, first, third),
        (first, first, third),
        (first, second, third, third),
        (first, second, third, b""),
        (first, second, third[:-1]),
        (first, second, third + b"\0"),
        (first, second[:-1], second[-1:] + third),
        (first + second, third),
    ]
    for chunks in tampered:
        with pytest.raises(SketchAltered):
            open_sealed(header, chunks, "teater", TEATER, PUBLIC)
        with pytest.raises(SketchAltered):
            check_all(header, chunks)
        # And where the sender signs them so, their own seals keep their order.
        signed = replace(header, chunks_digest=hashlib.sha256(b"".join(chunks)).digest())
        if chunks != (first, second[:-1], second[-1:] + third) and chunks != (first + second, third):
            with pytest.raises(SketchAltered):
                open_sealed(signed, chunks, "teater", TEATER, PUBLIC)


def test_whoever_stores_them_can_check_the_chunks_unopened() -> None:
    check_all(read_header(LARGE.header, PUBLIC), LARGE.chunks)


def test_nobody_else_opens_it() -> None:
    for me, key in (("teater", GALLERI), ("galleri", TEATER), ("dans", TEATER), ("", TEATER), ("teåter", TEATER)):
        with pytest.raises(NotSealedForMe):
            opened(SEALED, me, key)
    with pytest.raises(NotSealedForMe):
        opened(SEALED, "teater", X25519PrivateKey.generate())


@pytest.mark.parametrize(
    "change",
    [
        {"coordinator": "other.example"},
        {"round": "2026-cross-use"},
        {"sender": "galleri"},
        {"announcement_digest": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_replay_elsewhere_is_refused(change: dict[str, Any]) -> None:
    """In another round, under another roster, by another name: as it is, and where the sender itself signs it so."""
    elsewhere = replace(SENDING, **change)
    with pytest.raises(WrongSeal):
        check_sending(HEADER, elsewhere)
    moved = replace(HEADER, contents=replace(HEADER.contents, sending=elsewhere))
    check_sending(moved, elsewhere)
    with pytest.raises(NotSealedForMe):
        opened(Sealed(sign_header(moved, SENDER), SEALED.chunks))


def test_a_seal_for_one_recipient_does_not_serve_another() -> None:
    mine = {"dans": HEADER.keys["teater"], "teater": HEADER.keys["teater"]}
    with pytest.raises(NotSealedForMe):
        opened(Sealed(sign_header(replace(HEADER, keys=mine), SENDER), SEALED.chunks), "dans", TEATER)


def sealed_by_a_liar(header: SealedHeader, inside: bytes) -> Sealed:
    """Sealed in all order under what the header says, by a sender that puts something else inside."""
    bound, content_key = header.contents.digest, bytes(32)
    chunk = ChaCha20Poly1305(content_key).encrypt(bytes(12), inside, bound + bytes(4) + (1).to_bytes(4, "big"))
    sealed = SUITE.encrypt(content_key, TEATER.public_key(), info=b"kudos/sketch-key/v1\x00" + bound + b"teater")
    signed = replace(header, chunks_digest=hashlib.sha256(chunk).digest(), keys={"teater": sealed})
    return Sealed(sign_header(signed, SENDER), (chunk,))


def lie(inside: bytes, **changes: Any) -> Sealed:
    contents = replace(HEADER.contents, size=len(inside), **changes)
    return sealed_by_a_liar(replace(HEADER, contents=contents), inside)


def test_what_a_liar_would_seal_is_well_made() -> None:
    assert (opened(lie(SKETCH)).bitmap == bits()).all()


@pytest.mark.parametrize(
    "change",
    [
        {"entry": 8},
        {"ledger": "npu.example/ledger/other"},
        *(
            {"terms": replace(TERMS, **terms)}
            for terms in (
                {"epoch": "2024", "window": year_before(TERMS.window)},
                {"window": twelve_months_to(date(2025, 6, 30))},
                {"flips": 17627},
                {"flips": 8813, "flip_bits": 15},
                {"identity_commitment": bytes(32)},
                {"identity_epoch": 2},
            )
        ),
        {"sketch_digest": bytes(32)},
    ],
    ids=repr,
)
def test_a_header_that_says_something_else_than_what_is_inside_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SketchAltered):
        opened(lie(SKETCH, **change))


def test_a_header_of_another_number_of_buckets_is_refused() -> None:
    """Twice 1024 buckets are 128 bytes more: within the overhead, so the sketch inside must tell."""
    with pytest.raises(WrongSeal):
        lie(SKETCH, terms=replace(TERMS, buckets=2**20))
    other = sketch(buckets=2**11)
    contents = {"terms": TERMS, "sketch_digest": hashlib.sha256(other).digest()}
    with pytest.raises(SketchAltered):
        opened(lie(other, **contents))


def test_a_sketch_that_another_signed_is_refused() -> None:
    """A recipient that seals on, in its own name, what it was sent."""
    theirs = sign_sketch(TERMS, LEDGER, ENTRY, bits(), Ed25519PrivateKey.generate())
    with pytest.raises(SketchAltered):
        opened(lie(theirs, sketch_digest=hashlib.sha256(theirs).digest()))
    with pytest.raises(BadSketch):
        seal(theirs, SENDING, RECIPIENTS, SENDER)


def test_no_sketch_inside_is_refused() -> None:
    noise = bytes(len(SKETCH))
    with pytest.raises(SketchAltered):
        opened(lie(noise, sketch_digest=hashlib.sha256(noise).digest()))


def test_nothing_is_sealed_for_a_key_of_low_order() -> None:
    with pytest.raises(BadSeal, match="not a sound") as refusal:
        seal(SKETCH, SENDING, {"teater": X25519PublicKey.from_public_bytes(bytes(32))}, SENDER)
    assert refusal.value.reason == "BAD_SEAL"


Attempt = Callable[[], Sealed]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: seal(SKETCH, SENDING, {}, SENDER),
        lambda: seal(SKETCH, SENDING, {"Teater": TEATER.public_key()}, SENDER),
        lambda: seal(SKETCH, SENDING, {"teåter": TEATER.public_key()}, SENDER),
        lambda: seal(SKETCH, Sending("npu.example", "2025", "", bytes(32)), RECIPIENTS, SENDER),
        lambda: seal(SKETCH, Sending("npu.example", "a/b", "museum", bytes(32)), RECIPIENTS, SENDER),
        lambda: seal(SKETCH, Sending("", "2025", "museum", bytes(32)), RECIPIENTS, SENDER),
        lambda: seal(SKETCH, Sending("npu.example", "2025", "museum", bytes(31)), RECIPIENTS, SENDER),
    ],
    ids=["nobody", "no name", "no ASCII", "no sender", "no round", "no coordinator", "no digest"],
)
def test_nothing_is_sealed_that_would_not_be_read(attempt: Attempt) -> None:
    with pytest.raises(WrongSeal):
        attempt()
