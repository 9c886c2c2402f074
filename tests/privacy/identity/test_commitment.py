"""Signed commitments to the identity key."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from privacy.identity.chain import KeyChain
from privacy.identity.commitment import IDENTITY_COMMITMENT, BadCommitment, make_commitment, proves, verify_commitment
from privacy.identity.words import PartyKeys
from privacy.signing.envelope import sign, verify

CHAIN = KeyChain.from_private_bytes(b"11" * 32 + b"\n" + b"22" * 32)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SEALING = X25519PrivateKey.from_private_bytes(bytes(range(1, 33))).public_key()
KEYS = PartyKeys(KEY.public_key().public_bytes_raw(), SEALING.public_bytes_raw())
PROOF = hmac.digest(
    hashlib.sha256(b"kudos/identity-proof-key/v1\x00" + CHAIN.private_bytes()).digest(),
    b"kudos/identity-proof/v1\x00fjordteatret\x00" + KEYS.fingerprint(),
    "sha256",
)
GOOD = f'{{"commitment":"{CHAIN.commitment().hex()}","epoch":1,"member":"fjordteatret","proof":"{PROOF.hex()}","v":1}}'


def test_what_is_signed_is_read() -> None:
    envelope = make_commitment(CHAIN, "fjordteatret", KEY, SEALING)
    assert verify(IDENTITY_COMMITMENT, envelope, KEY.public_key()).decode() == GOOD
    said = verify_commitment(envelope, "fjordteatret", KEY.public_key())
    assert (said.member, said.epoch, said.commitment) == ("fjordteatret", 1, CHAIN.commitment())
    assert envelope == make_commitment(CHAIN, "fjordteatret", KEY, SEALING)


def test_it_says_nothing_of_the_key() -> None:
    envelope = make_commitment(CHAIN, "fjordteatret", KEY, SEALING)
    assert b"1111" not in envelope
    assert bytes([0x11] * 8) not in envelope


def test_every_flipped_byte_is_refused() -> None:
    envelope = make_commitment(CHAIN, "fjordteatret", KEY, SEALING)
    for place in range(len(envelope)):
        flipped = envelope[:place] + bytes([envelope[place] ^ 1]) + envelope[place + 1 :]
        with pytest.raises(BadCommitment):
            verify_commitment(flipped, "fjordteatret", KEY.public_key())


def test_another_signer_and_another_member_are_refused() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(BadCommitment):
        verify_commitment(make_commitment(CHAIN, "fjordteatret", other, SEALING), "fjordteatret", KEY.public_key())
    with pytest.raises(BadCommitment, match="name of another"):
        verify_commitment(make_commitment(CHAIN, "museum", KEY, SEALING), "fjordteatret", KEY.public_key())


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "[]",
        "null",
        "[" * 60_000,
        GOOD + " ",
        GOOD.replace('"v":1', '"v":2'),
        GOOD.replace('"v":1', '"v":true'),
        GOOD.replace('"v":1', '"v":1,"w":1'),
        GOOD.replace('"epoch":1', '"epoch":1,"epoch":1'),
        GOOD.replace('"epoch":1', '"epoch":1.0'),
        GOOD.replace('"epoch":1', '"epoch":-1'),
        GOOD.replace('"epoch":1', '"epoch":256'),
        GOOD.replace('"epoch":1', '"epoch":"1"'),
        GOOD.replace('"epoch":1,', ""),
        GOOD.replace(CHAIN.commitment().hex(), CHAIN.commitment().hex().upper()),
        GOOD.replace(CHAIN.commitment().hex(), CHAIN.commitment().hex()[2:]),
        GOOD.replace("fjordteatret", "Fjordteatret"),
        GOOD.replace("fjordteatret", "f" * 70_000),
        GOOD.replace("fjordteatret", "fjordteatret\\n"),
    ],
)
def test_other_payloads_are_refused_though_they_are_signed(payload: str) -> None:
    with pytest.raises(BadCommitment) as refusal:
        verify_commitment(sign(IDENTITY_COMMITMENT, payload.encode(), KEY), "fjordteatret", KEY.public_key())
    assert refusal.value.reason == "BAD_COMMITMENT"
    assert len(str(refusal.value)) < 400


def test_an_envelope_of_another_type_is_refused() -> None:
    with pytest.raises(BadCommitment):
        verify_commitment(sign("application/json", GOOD.encode(), KEY), "fjordteatret", KEY.public_key())


def test_only_who_holds_the_chain_proves_its_own_keys() -> None:
    said = verify_commitment(make_commitment(CHAIN, "fjordteatret", KEY, SEALING), "fjordteatret", KEY.public_key())
    assert proves(said, CHAIN, KEYS)
    assert not proves(said, CHAIN.until(0), KEYS)
    assert not proves(said, CHAIN, PartyKeys(KEYS.sealing, KEYS.sealing))
    assert not proves(said, CHAIN, PartyKeys(KEYS.signing, KEYS.signing))
    another = make_commitment(CHAIN, "museum", KEY, SEALING)
    assert verify_commitment(another, "museum", KEY.public_key()).proof != said.proof
