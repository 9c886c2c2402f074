"""Match ids: as published in the test vectors, by a second implementation, and without showing the key."""

import json
from importlib.resources import files
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.identity.match import ID_BYTES, VERSION, IdentityKey, IdentityKeyError, match_id, match_ids_of
from privacy.identity.normalise import normalise_email, normalise_phone

VECTORS: dict[str, Any] = json.loads(files("privacy.identity").joinpath("vectors.json").read_text("utf-8"))
KEY = IdentityKey.from_bytes(bytes(range(32)))
NORMALISE = {"email": normalise_email, "phone": normalise_phone}


def by_the_format(key: bytes, kind: str, identifier: str) -> bytes:
    """The match id as the format's description says it, by another library's HMAC."""
    mac = HMAC(key, hashes.SHA256())
    mac.update(b"kudos/match-id/v1" + b"\x00" + kind.encode() + b"\x00" + identifier.encode())
    return mac.finalize()


def test_the_vectors_are_of_this_version_and_key() -> None:
    assert VECTORS["version"] == VERSION
    assert bytes.fromhex(VECTORS["key"]) == KEY.secret
    assert len(VECTORS["cases"]) >= 30
    assert {case["kind"] for case in VECTORS["cases"] if case["match_id"]} == set(NORMALISE)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['kind']}-{ascii(case['input'])[:40]}")
def test_vector(case: dict[str, Any]) -> None:
    normalised = NORMALISE[case["kind"]](case["input"])
    assert normalised == case["normalised"]
    if normalised is None:
        assert case["match_id"] is None
    else:
        assert match_id(KEY, normalised).hex() == case["match_id"]
        assert by_the_format(KEY.secret, case["kind"], normalised).hex() == case["match_id"]


def test_the_vectors_serve_a_batch() -> None:
    cases = [case for case in VECTORS["cases"] if case["normalised"] is not None]
    assert {case["kind"] for case in cases} == set(NORMALISE)
    ids = match_ids_of(KEY, [case["normalised"] for case in cases])
    assert [found.hex() for found in ids] == [case["match_id"] for case in cases]


@settings(deadline=None)
@given(
    st.binary(min_size=32, max_size=32),
    st.sampled_from(["kari@nrk.no", "bjørn@nrk.no", "+4740612345", "+@nrk.no"]),
)
def test_an_id_is_what_the_format_says_under_any_key(secret: bytes, identifier: str) -> None:
    kind = "email" if "@" in identifier else "phone"
    found = match_id(IdentityKey.from_bytes(secret), identifier)
    assert found == by_the_format(secret, kind, identifier)
    assert len(found) == ID_BYTES


def test_a_key_never_shows_itself() -> None:
    key = IdentityKey.from_bytes(b"0123456789abcdefghijklmnopqrstuv")
    shown = [repr(key), str(key), f"{key}", format(key), repr([key]), repr({"key": key})]
    for text in shown:
        assert not any(part in text for part in ("0123", "abcd", "stuv", key.secret.hex()[:8]))


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused_without_being_shown(length: int) -> None:
    with pytest.raises(IdentityKeyError) as refusal:
        IdentityKey.from_bytes(b"Q" * length)
    assert refusal.value.reason == "IDENTITY_KEY_INVALID"
    assert str(length) in str(refusal.value)
    assert "QQ" not in str(refusal.value)


def test_fresh_keys_differ_and_survive_being_kept() -> None:
    key = IdentityKey.generate()
    assert key != IdentityKey.generate()
    assert IdentityKey.from_bytes(key.secret) == key
    assert match_id(key, "kari@nrk.no") != match_id(KEY, "kari@nrk.no")
