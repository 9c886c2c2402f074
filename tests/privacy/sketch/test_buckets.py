"""Buckets: as published in the test vectors, by a second implementation, and even."""

import json
from datetime import date
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from privacy.bounds.windows import twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.identity.match import IdentityKey
from privacy.sketch.buckets import VERSION, bucket_key, buckets_of, epoch_of
from privacy.sketch.errors import BadSketch

VECTORS: dict[str, Any] = json.loads(files("privacy.sketch").joinpath("vectors.json").read_text("utf-8"))
KEY = bytes(range(32))


def mac(key: bytes, message: bytes) -> bytes:
    found = HMAC(key, hashes.SHA256())
    found.update(message)
    return found.finalize()


def chain_of(keys: list[str]) -> KeyChain:
    return KeyChain(tuple(IdentityKey(bytes.fromhex(key)) for key in keys))


def test_the_vectors_are_of_this_version() -> None:
    assert VECTORS["version"] == VERSION
    assert len({case["bucket_key"] for case in VECTORS["keys"]}) == 4
    assert len(VECTORS["buckets"]) == 12


@pytest.mark.parametrize("case", VECTORS["keys"], ids=lambda case: f"{len(case['chain'])}-{case['epoch']}")
def test_vector_of_a_key(case: dict[str, Any]) -> None:
    assert bucket_key(chain_of(case["chain"]), case["epoch"]).hex() == case["bucket_key"]


@pytest.mark.parametrize("case", VECTORS["buckets"], ids=lambda case: f"{case['match_id'][:4]}-{case['buckets']}")
def test_vector_of_a_bucket(case: dict[str, Any]) -> None:
    ids = [bytes.fromhex(case["match_id"])]
    assert buckets_of(bytes.fromhex(case["bucket_key"]), ids, case["buckets"]).tolist() == [case["bucket"]]


@given(
    st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4, unique=True),
    st.integers(0, 9999).map(lambda year: f"{year:04}"),
    st.lists(st.binary(min_size=32, max_size=32), max_size=5),
    st.integers(10, 28),
)
def test_a_bucket_is_what_the_format_says(secrets: list[bytes], epoch: str, ids: list[bytes], power: int) -> None:
    key = bucket_key(KeyChain(tuple(map(IdentityKey, secrets))), epoch)
    said = b"kudos/bucket-key/v1" + b"\x00" + (len(secrets) - 1).to_bytes(8, "big") + epoch.encode()
    assert key == mac(secrets[-1], said)
    found = buckets_of(key, iter(ids), 2**power)
    assert found.dtype == np.int64
    assert found.tolist() == [int.from_bytes(mac(key, each)[:8], "big") % 2**power for each in ids]


def test_buckets_are_even() -> None:
    ids = [number.to_bytes(32, "big") for number in range(20_000)]
    observed = np.bincount(buckets_of(KEY, ids, 2**10), minlength=2**10)
    assert chisquare(observed).pvalue > 1e-6  # the same at each run: nothing here is drawn


def test_buckets_of_another_epoch_or_key_are_unrelated() -> None:
    chain = KeyChain.from_private_bytes(b"11" * 32 + b"\n" + b"22" * 32)
    ids = [number.to_bytes(32, "big") for number in range(2_000)]
    keys = [bucket_key(chain, "2025"), bucket_key(chain, "2026"), bucket_key(chain.until(0), "2025")]
    first, *others = (buckets_of(key, ids, 2**20) for key in keys)
    assert all((first == other).sum() <= 2 for other in others)
    assert (first == buckets_of(keys[0], ids, 2**20)).all()


@pytest.mark.parametrize("buckets", [0, -1024, 512, 1023, 1025, 3 * 2**10, 2**29, 2**23 - 1])
def test_other_numbers_of_buckets_are_refused(buckets: int) -> None:
    with pytest.raises(BadSketch) as refusal:
        buckets_of(KEY, [], buckets)
    assert refusal.value.reason == "BAD_SKETCH"


@pytest.mark.parametrize("epoch", ["", "25", "20250", "2025 ", "2025\n", "٢٠٢٥", "2o25", "-025"])
def test_an_epoch_is_four_digits(epoch: str) -> None:
    with pytest.raises(BadSketch):
        bucket_key(KeyChain.generate(), epoch)


@pytest.mark.parametrize(("last", "epoch"), [((2025, 12, 31), "2025"), ((2026, 1, 31), "2026"), ((987, 6, 1), "0987")])
def test_the_epoch_of_a_window_is_the_year_in_which_it_ends(last: tuple[int, int, int], epoch: str) -> None:
    assert epoch_of(twelve_months_to(date(*last))) == epoch
    bucket_key(KeyChain.generate(), epoch)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_ids_of_another_length_are_refused_without_being_shown(length: int) -> None:
    with pytest.raises(BadSketch) as refusal:
        buckets_of(KEY, [bytes(32), b"Q" * length], 2**10)
    assert "QQ" not in str(refusal.value)
