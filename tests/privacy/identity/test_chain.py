"""Chains of identity keys: ids of every epoch as the vectors and another library say, and no key ever shown."""

import json
from importlib.resources import files
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.identity.chain import COMMITMENT_BYTES, MAX_EPOCH, BadKeyChain, KeyChain, advanced, chained
from privacy.identity.match import IdentityKey, match_id, match_ids_of

VECTORS: dict[str, Any] = json.loads(files("privacy.identity").joinpath("vectors.json").read_text("utf-8"))
CHAIN = KeyChain(tuple(IdentityKey(bytes.fromhex(key)) for key in VECTORS["chain"]["keys"]))

secrets = st.binary(min_size=32, max_size=32)
chains = st.lists(secrets, min_size=1, max_size=4, unique=True).map(
    lambda keys: KeyChain(tuple(IdentityKey(key) for key in keys))
)


def by_the_format(key: bytes, before: bytes) -> bytes:
    """The id of the next epoch, by another library's HMAC."""
    mac = HMAC(key, hashes.SHA256())
    mac.update(before)
    return mac.finalize()


def test_vectors() -> None:
    assert VECTORS["chain"]["keys"][0] == VECTORS["key"]
    assert CHAIN.epoch == 2
    for case in VECTORS["chain"]["cases"]:
        first = match_id(CHAIN.keys[0], case["normalised"])
        assert [chained(CHAIN.until(epoch), [first])[0].hex() for epoch in range(3)] == case["ids"]


def test_vectors_of_commitments() -> None:
    for epoch, commitment in enumerate(VECTORS["chain"]["commitments"]):
        assert CHAIN.until(epoch).commitment().hex() == commitment
        digest = hashes.Hash(hashes.SHA256())
        digest.update(b"kudos/identity-commitment/v1\x00" + bytes(7) + bytes([epoch]))
        for key in VECTORS["chain"]["keys"][: epoch + 1]:
            digest.update(bytes.fromhex(key))
        assert digest.finalize().hex() == commitment


@settings(deadline=None)
@given(chains, st.lists(st.binary(min_size=32, max_size=32), max_size=4))
def test_every_epoch_hashes_what_the_one_before_gave(chain: KeyChain, ids: list[bytes]) -> None:
    expected = ids
    for key in chain.keys[1:]:
        expected = [by_the_format(key.secret, before) for before in expected]
    assert chained(chain, ids) == expected


@settings(deadline=None)
@given(chains, st.lists(st.binary(min_size=32, max_size=32), max_size=4))
def test_an_old_id_advanced_is_the_new_one(chain: KeyChain, ids: list[bytes]) -> None:
    longer = chain.extended()
    assert advanced(longer.keys[-1], chained(chain, ids)) == chained(longer, ids)


def test_one_key_is_what_it_was_before_there_were_epochs() -> None:
    chain = CHAIN.until(0)
    ids = match_ids_of(chain.keys[0], ["kari@nrk.no", "+4740612345"])
    assert chained(chain, ids) == ids


@given(chains)
def test_private_bytes_are_read_again(chain: KeyChain) -> None:
    private = chain.private_bytes()
    assert KeyChain.from_private_bytes(private) == chain
    assert KeyChain.from_private_bytes(private.replace(b"\n", b"\r\n").upper()) == chain


def test_the_form_of_one_key_is_that_of_nodes_from_before() -> None:
    assert KeyChain.from_private_bytes(b"11" * 32) == KeyChain((IdentityKey(b"\x11" * 32),))


@pytest.mark.parametrize(
    "private",
    [
        b"",
        b"\n",
        b"11" * 31,
        b"11" * 33,
        b"zz" * 32,
        b"11" * 32 + b"\n" + b"22" * 31,
        b"11" * 32 + b"\n" + b"11" * 32,
        "１".encode() * 64,
        b"".join(b"%064x\n" % number for number in range(MAX_EPOCH + 2)),
    ],
)
def test_anything_else_is_refused_without_being_shown(private: bytes) -> None:
    with pytest.raises(BadKeyChain) as refusal:
        KeyChain.from_private_bytes(private)
    assert refusal.value.reason == "KEY_CHAIN_INVALID"
    assert not any(part in str(refusal.value) for part in ("1111", "2222", "zz", "000"))


def test_a_chain_ends() -> None:
    keys = tuple(IdentityKey(number.to_bytes(32, "big")) for number in range(MAX_EPOCH + 1))
    with pytest.raises(BadKeyChain):
        KeyChain(keys).extended()


@given(chains)
def test_a_chain_never_shows_its_keys(chain: KeyChain) -> None:
    shown = "".join([repr(chain), str(chain), f"{chain}", repr([chain]), repr(chain.keys)])
    for key in chain.keys:
        assert key.secret.hex() not in shown
        assert repr(key.secret) not in shown


@given(chains, chains)
def test_commitments_are_equal_for_equal_chains_alone(one: KeyChain, other: KeyChain) -> None:
    assert (one.commitment() == other.commitment()) == (one == other)
    assert len(one.commitment()) == COMMITMENT_BYTES
    assert one.extended().commitment() != one.commitment()


@given(chains)
def test_a_longer_chain_extends_a_shorter_one(chain: KeyChain) -> None:
    longer = chain.extended()
    assert longer.epoch == chain.epoch + 1
    assert longer.extends(chain)
    assert chain.extends(chain)
    assert not chain.extends(longer)
    assert not KeyChain.generate().extends(chain)
    assert longer.until(chain.epoch) == chain
    with pytest.raises(ValueError, match="no epoch"):
        chain.until(chain.epoch + 1)


def test_fresh_chains_differ() -> None:
    assert KeyChain.generate() != KeyChain.generate()
    chain = KeyChain.generate()
    assert chain.extended() != chain.extended()
