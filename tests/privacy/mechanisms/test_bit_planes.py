"""How random bits become flips, tested exactly; and that there is no way to hand any in."""

import inspect
import subprocess
import sys
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.mechanisms import bit_planes
from privacy.mechanisms.bit_planes import BadBitmap, flipped, flips_of, planes_of
from privacy.mechanisms.response import RandomizedResponse

EVERY_SMALL = [RandomizedResponse(flips, bits) for bits in range(2, 9) for flips in range(1, 2 ** (bits - 1))]
THE_STUDYS = RandomizedResponse(17626, 16)


def planes_with(numbers: list[int], count: int) -> Any:
    """Planes of `count` bits whose numbers are these, one to a bucket, from the lowest bit of the first word on."""
    planes = np.zeros((count, -(-len(numbers) // 64)), dtype=np.uint64)
    for bucket, number in enumerate(numbers):
        for plane in range(count):
            planes[plane, bucket // 64] |= np.uint64((number >> (count - 1 - plane) & 1) << bucket % 64)
    return planes


def flips_in(words: Any, buckets: int) -> list[bool]:
    return [bool(int(words[bucket // 64]) >> bucket % 64 & 1) for bucket in range(buckets)]


@pytest.mark.parametrize("mechanism", EVERY_SMALL, ids=lambda each: f"{each.flips}-{each.bits}")
def test_just_so_many_of_all_combinations_are_flips(mechanism: RandomizedResponse) -> None:
    """Every combination of the planes once: their order counts too, for it is the largest numbers that are flips."""
    count = planes_of(mechanism)
    combinations = list(range(2**count))
    found = flips_in(flips_of(planes_with(combinations, count), mechanism), len(combinations))
    undrawn = 2 ** (mechanism.bits - count)  # of the planes below the lowest 1, which decide nothing
    assert sum(found) * undrawn == mechanism.flips
    assert found == [number * undrawn >= 2**mechanism.bits - mechanism.flips for number in combinations]


@given(st.data(), st.integers(9, 32))
def test_many_bits_flip_on_the_largest_numbers(data: st.DataObject, bits: int) -> None:
    flips = data.draw(st.integers(1, 2 ** (bits - 1) - 1))
    mechanism = RandomizedResponse(flips, bits)
    first = 2**bits - flips
    around = st.integers(max(0, first - 2), min(2**bits - 1, first + 2))
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1) | around, min_size=1, max_size=130))
    planes = planes_with(numbers, bits)[: planes_of(mechanism)]
    assert flips_in(flips_of(planes, mechanism), len(numbers)) == [number >= first for number in numbers]


def test_planes_are_drawn_down_to_the_lowest_one_of_flips() -> None:
    assert [planes_of(RandomizedResponse(flips, 16)) for flips in (1, 2, 3, 2**14, 17626)] == [16, 15, 16, 2, 15]


@pytest.mark.parametrize("count", [0, 14, 16])
def test_another_number_of_planes_is_another_probability_and_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="argument"):
        flips_of(np.zeros((count, 1), dtype=np.uint64), THE_STUDYS)


def test_bits_do_not_touch_each_other() -> None:
    """All patterns of eight neighbours, in each byte of a word."""
    mechanism = RandomizedResponse(1, 2)
    for pattern in product((0, 3), repeat=8):
        numbers = list(pattern) * 8
        assert flips_in(flips_of(planes_with(numbers, 2), mechanism), 64) == [number == 3 for number in numbers]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 65_535, 65_536, 65_537, 200_003])
def test_every_byte_of_any_length_has_flips_of_its_own(size: int) -> None:
    bitmap = np.zeros(size, dtype=np.uint8)
    ever = np.zeros(size, dtype=np.uint8)
    for _ in range(100):  # none of three million bits stays as it is 100 times: once in 10^7 runs
        answer = flipped(bitmap, THE_STUDYS)
        assert answer.shape == (size,)
        assert answer.dtype == np.uint8
        ever |= answer
    assert (ever == 255).all()
    assert not bitmap.any()


def test_a_set_bit_is_flipped_too_whatever_the_memory_looks_like() -> None:
    least = RandomizedResponse(1, 32)  # 10 000 bytes: one flip in 54 000 runs, and two hardly ever
    values = np.arange(10_000, dtype=np.uint8)
    frozen = values.copy()
    frozen.flags.writeable = False
    for view in (values, values[::-1], values[::3], frozen, values.reshape(100, 100)[:, 1]):
        answer = flipped(view, least)
        assert np.bitwise_count(answer ^ view).sum() <= 1
        assert not np.shares_memory(answer, view)
    set_bits = np.full(4096, 255, dtype=np.uint8)
    kept = np.bitwise_count(flipped(set_bits, THE_STUDYS)).sum() / 2**15
    assert abs(kept - (1 - 17626 / 65536)) < 0.013  # 5 standard deviations of 0.00245: once in 1.7 million runs


@pytest.mark.parametrize(
    "bitmap",
    [
        np.zeros(8, dtype=np.int8),
        np.zeros(8, dtype=np.bool_),
        np.zeros(8, dtype=np.uint64),
        np.zeros((8, 1), dtype=np.uint8),
        np.array(7, dtype=np.uint8),
        np.ma.masked_array(np.zeros(3, dtype=np.uint8), mask=[True, False, False]),
        np.broadcast_to(np.uint8(0), (2**25 + 1,)),
        bytes(8),
        [0],
        None,
    ],
    ids=lambda bitmap: f"{type(bitmap).__name__}-{getattr(bitmap, 'dtype', '')}-{getattr(bitmap, 'ndim', '')}",
)
def test_takes_bitmaps_only(bitmap: Any) -> None:
    with pytest.raises(BadBitmap) as refusal:
        flipped(bitmap, THE_STUDYS)
    assert refusal.value.reason == "BAD_BITMAP"


def test_there_is_no_way_to_hand_in_a_seed_or_a_source_of_noise() -> None:
    assert list(inspect.signature(flipped).parameters) == ["bitmap", "mechanism"]


def test_a_seeded_process_flips_differently_each_time() -> None:
    script = (
        "import random, numpy as np;"
        "random.seed(1); np.random.seed(1);"
        f"from {bit_planes.__name__} import flipped;"
        "from privacy.mechanisms.response import RandomizedResponse;"
        "print(flipped(np.zeros(64, dtype=np.uint8), RandomizedResponse(1, 2)).tobytes().hex())"
    )
    runs = [subprocess.run([sys.executable, "-c", script], check=True, capture_output=True) for _ in range(2)]
    assert runs[0].stdout != runs[1].stdout
