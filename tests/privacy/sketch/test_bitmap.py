"""Bitmaps bit by bit, and which numbers of ones an honest sketch can have."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.mechanisms.bit_planes import flipped
from privacy.mechanisms.response import RandomizedResponse
from privacy.sketch.bitmap import filled, ones, plausible, set_at
from privacy.sketch.errors import BadSketch

BUCKETS = 2**10
RESPONSE = RandomizedResponse(17626, 16)


def listed(*buckets: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(buckets, dtype=np.int64)


def test_where_a_bucket_is_as_the_wire_says() -> None:
    bitmap = filled(listed(0, 9, 10, 1023, 9), BUCKETS)
    assert bitmap.tobytes() == bytes([1, 6, *[0] * 125, 128])
    assert bitmap.dtype == np.uint8


@given(st.lists(st.integers(0, BUCKETS - 1), max_size=200), st.lists(st.integers(0, BUCKETS - 1), max_size=50))
@example([], [])
def test_just_the_customers_buckets_are_set(customers: list[int], asked: list[int]) -> None:
    bitmap = filled(listed(*customers), BUCKETS)
    assert bitmap.shape == (BUCKETS // 8,)
    whole = int.from_bytes(bitmap.tobytes(), "little")
    assert whole == sum(1 << bucket for bucket in set(customers))
    assert ones(bitmap) == len(set(customers))
    found = set_at(bitmap, listed(*asked))
    assert found.tolist() == [int(bucket in customers) for bucket in asked]
    assert found.dtype == np.uint8


def test_a_large_bitmap_and_one_read_from_the_wire() -> None:
    buckets = 2**23
    customers = np.arange(5, buckets, 17, dtype=np.int64)
    bitmap = np.frombuffer(b"\0" + filled(customers, buckets).tobytes(), dtype=np.uint8)[1:]
    assert ones(bitmap) == customers.size
    assert set_at(bitmap, customers).all()
    assert not set_at(bitmap, customers - 1).any()


@pytest.mark.parametrize("bucket", [-1, BUCKETS, 2**62, -(2**63)])
def test_a_bucket_beyond_is_refused_and_not_told(bucket: int) -> None:
    with pytest.raises(BadSketch) as refusal:
        filled(listed(777, bucket), BUCKETS)
    assert "777" not in str(refusal.value)
    with pytest.raises(BadSketch) as refusal:
        set_at(filled(listed(), BUCKETS), listed(777, bucket))
    assert "777" not in str(refusal.value)


@pytest.mark.parametrize("buckets", [0, 512, 1000, 2**29])
def test_other_numbers_of_buckets_are_refused(buckets: int) -> None:
    with pytest.raises(BadSketch):
        filled(listed(), buckets)


@pytest.mark.parametrize("customers", [0, 1, 300, 5_000])
def test_honest_sketches_are_plausible(customers: int) -> None:
    generator = np.random.default_rng(1)  # of the customers; the flips have no seed
    for _ in range(20):
        exact = filled(generator.integers(0, 2**14, customers), 2**14)
        set_bits = ones(flipped(exact, RESPONSE))
        assert plausible(set_bits, 2**14, RESPONSE, customers)
        assert plausible(set_bits, 2**14, RESPONSE, 10**7)


@pytest.mark.parametrize("buckets", [2**10, 2**23, 2**28])
@pytest.mark.parametrize("most_customers", [0, 1_000, 10**7])
def test_all_zeros_all_ones_and_the_inverted_are_not(buckets: int, most_customers: int) -> None:
    p = float(RESPONSE.probability)
    none = round(buckets * p)
    assert plausible(none, buckets, RESPONSE, most_customers)
    assert not plausible(0, buckets, RESPONSE, most_customers)
    assert not plausible(buckets, buckets, RESPONSE, most_customers)
    if most_customers == 0:
        assert not plausible(buckets - none, buckets, RESPONSE, most_customers)


def test_the_ends_are_eight_standard_deviations_away() -> None:
    """By hand, for p = 1/4 and 4096 buckets: 1024 of none, sd √768 = 27.71; 8 of them are 221.7."""
    quarter = RandomizedResponse(1, 2)
    at = [plausible(number, 4096, quarter, 0) for number in (802, 803, 1245, 1246)]
    assert at == [False, True, True, False]
    # 4096 customers fill 1 − (1 − 1/4096)^4096 = 0.63216628 of them: r = 0.56608314, 2318.7 expected, 8 sd = 253.8.
    at = [plausible(number, 4096, quarter, 4096) for number in (802, 803, 2572, 2573)]
    assert at == [False, True, True, False]


@given(st.integers(10, 28), st.integers(1, 2**15 - 1), st.integers(0, 10**8), st.integers(0, 10**8))
def test_what_is_plausible_of_few_customers_is_of_more(power: int, flips: int, one: int, other: int) -> None:
    response, buckets = RandomizedResponse(flips, 16), 2**power
    p = flips / 2**16
    if buckets * p <= 64 * (1 - p):
        return
    few, many = sorted((one, other))
    occupied = 1 - (1 - 1 / buckets) ** few
    full = p + (1 - 2 * p) * occupied
    for off in (-7.9, 0, 7.9):
        set_bits = round(buckets * full + off * sqrt(buckets * full * (1 - full)))
        assert plausible(set_bits, buckets, response, many)
