"""Offers of the identity key: for the recipient alone, whole, and as RFC 9180 seals."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.identity.chain import MAX_EPOCH, KeyChain
from privacy.identity.commitment import Commitment
from privacy.identity.match import IdentityKey
from privacy.identity.offer import (
    IDENTITY_OFFER,
    BadOffer,
    NotMyOffer,
    Offer,
    StaleOffer,
    make_offer,
    open_later,
    open_offer,
    read_offer,
)
from privacy.signing.envelope import sign, verify

CHAIN = KeyChain.from_private_bytes(b"11" * 32 + b"\n" + b"22" * 32)
SPONSOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MINE = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
COMMITTED = Commitment("museum", 1, CHAIN.commitment(), bytes(32))
ENVELOPE = make_offer(CHAIN, "museum", SPONSOR, "teater", MINE.public_key())

Fields = dict[str, Any]


def received(envelope: bytes) -> Offer:
    return read_offer(envelope, "museum", SPONSOR.public_key())


def fields(envelope: bytes = ENVELOPE) -> Fields:
    found: Fields = json.loads(verify(IDENTITY_OFFER, envelope, SPONSOR.public_key()))
    return found


def signed(changed: Fields) -> bytes:
    """An offer with other fields, which the sponsor itself signed."""
    return sign(IDENTITY_OFFER, rfc8785.dumps(changed), SPONSOR)


def expand(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 by hand, for one block."""
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def opened_by_the_rfc(sealed: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """RFC 9180, sections 4.1 and 5.1, written down from the text: mode base, suites 0x0020, 0x0001, 0x0003."""
    enc, ciphertext = sealed[:32], sealed[32:]

    def labeled(suite: bytes) -> tuple[Callable[[bytes, bytes, bytes], bytes], Callable[..., bytes]]:
        def extract(salt: bytes, label: bytes, value: bytes) -> bytes:
            return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + value, "sha256")

        def expanded(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
            return expand(secret, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, length)

        return extract, expanded

    extract, expanded = labeled(b"KEM\x00\x20")
    agreed = key.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + key.public_key().public_bytes_raw()
    shared = expanded(extract(b"", b"eae_prk", agreed), b"shared_secret", context, 32)
    extract, expanded = labeled(b"HPKE\x00\x20\x00\x01\x00\x03")
    schedule = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return ChaCha20Poly1305(expanded(secret, b"key", schedule, 32)).decrypt(
        expanded(secret, b"base_nonce", schedule, 12), ciphertext, b""
    )


def test_what_is_offered_is_opened() -> None:
    offer = received(ENVELOPE)
    assert (offer.sponsor, offer.recipient, offer.epoch) == ("museum", "teater", 1)
    assert open_offer(offer, MINE, "teater", COMMITTED) == CHAIN


def test_it_is_sealed_as_the_rfc_says() -> None:
    terms = fields()
    sealed = base64.b64decode(terms.pop("sealed"))
    assert len(sealed) == 32 + len(CHAIN.private_bytes()) + 16
    info = b"kudos/identity-offer/v1\x00" + rfc8785.dumps(terms)
    assert opened_by_the_rfc(sealed, MINE, info) == CHAIN.private_bytes()
    assert set(terms) == {"v", "sponsor", "recipient", "recipient_key", "epoch", "commitment"}


def test_two_offers_are_never_the_same_bytes() -> None:
    assert make_offer(CHAIN, "museum", SPONSOR, "teater", MINE.public_key()) != ENVELOPE


def test_the_longest_chain_goes_through() -> None:
    keys = tuple(IdentityKey(hashlib.sha256(bytes([number])).digest()) for number in range(MAX_EPOCH + 1))
    chain = KeyChain(keys)
    envelope = make_offer(chain, "museum", SPONSOR, "teater", MINE.public_key())
    committed = Commitment("museum", MAX_EPOCH, chain.commitment(), bytes(32))
    assert open_offer(received(envelope), MINE, "teater", committed) == chain


def test_every_flipped_byte_is_refused() -> None:
    for place in range(len(ENVELOPE)):
        flipped = ENVELOPE[:place] + bytes([ENVELOPE[place] ^ 1]) + ENVELOPE[place + 1 :]
        with pytest.raises(BadOffer) as refusal:
            received(flipped)
        assert refusal.value.reason == "BAD_OFFER"


def test_every_flipped_byte_of_what_is_sealed_is_refused_though_it_is_signed() -> None:
    sealed = base64.b64decode(fields()["sealed"])
    for place in range(len(sealed)):
        flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        offer = received(signed(fields() | {"sealed": base64.b64encode(flipped).decode()}))
        with pytest.raises(BadOffer):
            open_offer(offer, MINE, "teater", COMMITTED)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 47])
def test_what_is_cut_short_is_refused(length: int) -> None:
    sealed = base64.b64decode(fields()["sealed"])[:length]
    offer = received(signed(fields() | {"sealed": base64.b64encode(sealed).decode()}))
    with pytest.raises(BadOffer):
        open_offer(offer, MINE, "teater", COMMITTED)


def test_another_signer_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(BadOffer):
        received(make_offer(CHAIN, "museum", other, "teater", MINE.public_key()))


def test_an_offer_in_anothers_name_is_refused() -> None:
    with pytest.raises(BadOffer, match="name of another"):
        received(make_offer(CHAIN, "galleri", SPONSOR, "teater", MINE.public_key()))


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"sealed": "AAA"},
        {"sealed": "A A="},
        {"sealed": "AB=="},
        {"sealed": 1},
        {"sealed": "A" * 70_000},
        {"epoch": -1},
        {"epoch": 2**40},
        {"recipient": "Teater"},
        {"recipient_key": "00"},
        {"extra": 1},
    ],
)
def test_other_payloads_are_refused_though_they_are_signed(change: Fields) -> None:
    with pytest.raises(BadOffer) as refusal:
        received(signed(fields() | change))
    assert refusal.value.reason == "BAD_OFFER"


def test_the_recipient_alone_opens_it() -> None:
    offer = received(ENVELOPE)
    for key, me in ((MINE, "galleri"), (X25519PrivateKey.generate(), "teater")):
        with pytest.raises(NotMyOffer) as refusal:
            open_offer(offer, key, me, COMMITTED)
        assert refusal.value.reason == "OFFER_NOT_MINE"


def test_what_was_sealed_for_another_opens_under_no_other_name() -> None:
    """A sponsor that puts my name on what it sealed for somebody else."""
    other = X25519PrivateKey.generate()
    theirs = fields(make_offer(CHAIN, "museum", SPONSOR, "galleri", other.public_key()))
    mine = {"recipient": "teater", "recipient_key": MINE.public_key().public_bytes_raw().hex()}
    with pytest.raises(BadOffer, match="cannot be opened"):
        open_offer(received(signed(theirs | mine)), MINE, "teater", COMMITTED)


@pytest.mark.parametrize("change", [{"sponsor": "galleri"}, {"recipient": "galleri"}, {"epoch": 0}])
def test_terms_are_bound_into_the_seal(change: Fields) -> None:
    """What agrees with all that a reader expects, but was sealed under other terms, does not open."""
    changed = fields() | change
    envelope = signed(changed)
    offer = read_offer(envelope, changed["sponsor"], SPONSOR.public_key())
    committed = Commitment(changed["sponsor"], changed["epoch"], CHAIN.commitment(), bytes(32))
    with pytest.raises(BadOffer, match="cannot be opened"):
        open_offer(offer, MINE, changed["recipient"], committed)


def test_another_sponsor_than_expected_is_refused() -> None:
    with pytest.raises(BadOffer, match="not from galleri"):
        open_offer(received(ENVELOPE), MINE, "teater", Commitment("galleri", 1, CHAIN.commitment(), bytes(32)))


def test_a_stale_epoch_is_refused() -> None:
    stale = received(make_offer(CHAIN.until(0), "museum", SPONSOR, "teater", MINE.public_key()))
    with pytest.raises(StaleOffer) as refusal:
        open_offer(stale, MINE, "teater", COMMITTED)
    assert refusal.value.reason == "STALE_OFFER"
    with pytest.raises(StaleOffer):
        open_offer(
            received(ENVELOPE), MINE, "teater", Commitment("museum", 2, CHAIN.extended().commitment(), bytes(32))
        )


def test_another_chain_than_the_sponsor_commits_to_is_refused() -> None:
    other = KeyChain.generate().extended()
    offer = received(make_offer(other, "museum", SPONSOR, "teater", MINE.public_key()))
    with pytest.raises(BadOffer, match="another identity key"):
        open_offer(offer, MINE, "teater", COMMITTED)


class Lying(KeyChain):
    """A chain whose commitment is another's."""

    def commitment(self) -> bytes:
        return CHAIN.commitment()


def test_a_chain_that_is_not_the_one_its_offer_names_is_refused() -> None:
    chain = Lying(KeyChain.generate().extended().keys)
    offer = received(make_offer(chain, "museum", SPONSOR, "teater", MINE.public_key()))
    assert offer.commitment == CHAIN.commitment()
    with pytest.raises(BadOffer, match="another identity key"):
        open_offer(offer, MINE, "teater", COMMITTED)


def test_nothing_is_sealed_for_a_key_of_low_order() -> None:
    with pytest.raises(BadOffer, match="not a sound"):
        make_offer(CHAIN, "museum", SPONSOR, "teater", X25519PublicKey.from_public_bytes(bytes(32)))


def test_no_secret_is_shown() -> None:
    offer = received(ENVELOPE)
    for text in (repr(offer), str(offer)):
        assert "sealed" not in text
    for private in (b"11" * 32, b"not a chain 2222", b""):
        envelope = make_offer(Garbled(CHAIN.keys, private), "museum", SPONSOR, "teater", MINE.public_key())
        with pytest.raises(BadOffer) as refusal:
            open_offer(received(envelope), MINE, "teater", COMMITTED)
        error: BaseException | None = refusal.value
        assert error is not None
        assert "1111" not in str(error)
        assert "2222" not in str(error)
        assert error.__cause__ is None


class Garbled(KeyChain):
    """A chain that seals something else."""

    def __init__(self, keys: tuple[IdentityKey, ...], private: bytes) -> None:
        super().__init__(keys)
        object.__setattr__(self, "_private", private)

    def private_bytes(self) -> bytes:
        found: bytes = self.__dict__["_private"]
        return found


LATER = CHAIN.extended()


def test_who_holds_an_earlier_epoch_opens_an_offer_that_its_sponsor_has_left_behind() -> None:
    offer = received(ENVELOPE)
    ahead = Commitment("museum", 2, LATER.commitment(), bytes(32))
    for sponsor in (COMMITTED, ahead):
        assert open_later(offer, MINE, "teater", sponsor, CHAIN.until(0)) == CHAIN


@pytest.mark.parametrize(
    ("sponsor", "own"),
    [
        (Commitment("museum", 0, CHAIN.until(0).commitment(), bytes(32)), CHAIN.until(0)),
        (Commitment("museum", 1, LATER.commitment(), bytes(32)), CHAIN.until(0)),
        (Commitment("galleri", 1, CHAIN.commitment(), bytes(32)), CHAIN.until(0)),
        (COMMITTED, KeyChain.generate()),
        (COMMITTED, CHAIN),
        (COMMITTED, LATER),
    ],
    ids=["of an epoch to come", "of another key", "of another sponsor", "of another chain", "the same", "an older one"],
)
def test_an_offer_that_does_not_go_on_from_the_own_chain_is_refused(sponsor: Commitment, own: KeyChain) -> None:
    with pytest.raises(BadOffer):
        open_later(received(ENVELOPE), MINE, "teater", sponsor, own)


def test_who_holds_a_key_opens_no_offer_to_another() -> None:
    with pytest.raises(NotMyOffer):
        open_later(received(ENVELOPE), MINE, "galleri", COMMITTED, CHAIN.until(0))
    with pytest.raises(NotMyOffer):
        open_later(received(ENVELOPE), X25519PrivateKey.generate(), "teater", COMMITTED, CHAIN.until(0))


def test_a_chain_inside_that_is_not_the_one_it_is_said_to_be_is_refused_though_it_goes_on() -> None:
    """Signed and sealed by the sponsor, whose commitment is of a later epoch and says nothing of this one."""
    terms = {"v": 1, "sponsor": "museum", "recipient": "teater", "recipient_key": fields()["recipient_key"]}
    terms |= {"epoch": 1, "commitment": CHAIN.until(0).extended().commitment().hex()}
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    info = b"kudos/identity-offer/v1\x00" + rfc8785.dumps(terms)
    sealed = suite.encrypt(CHAIN.private_bytes(), MINE.public_key(), info=info)
    envelope = signed(terms | {"sealed": base64.b64encode(sealed).decode()})
    ahead = Commitment("museum", 2, LATER.commitment(), bytes(32))
    with pytest.raises(BadOffer, match="another identity key"):
        open_later(received(envelope), MINE, "teater", ahead, CHAIN.until(0))
