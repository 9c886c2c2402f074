"""Value tiers by rank: sizes, ties at every boundary, and fewer customers than tiers."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kpis.ratios import half_up
from node.kpis.tiers import cut, size
from privacy.catalogue.dimensions import TIERS


def tiers(revenues: Sequence[int]) -> list[int]:
    """The tier of each, by the cuts."""
    least = cut(np.array(revenues, dtype=np.int64)).least
    return [
        next((index for index, low in enumerate(least) if low is not None and revenue >= low), 3)
        for revenue in revenues
    ]


def by_hand(revenues: Sequence[int]) -> list[int]:
    """The tier of each, one customer after the other, from the definition."""
    falling = sorted(range(len(revenues)), key=lambda place: -revenues[place])
    tier = [3] * len(revenues)
    for index, share in enumerate((Fraction(5, 100), Fraction(15, 100), Fraction(50, 100))):
        last = None
        for _ in range(half_up(share * len(revenues))):
            if falling:
                last = falling.pop(0)
                tier[last] = index
        while falling and last is not None and revenues[falling[0]] == revenues[last]:
            tier[falling.pop(0)] = index
    return tier


@given(st.lists(st.integers(-3, 12), max_size=60) | st.lists(st.integers(-(10**12), 10**12), max_size=60))
def test_they_are_those_of_the_definition(revenues: list[int]) -> None:
    assert tiers(revenues) == by_hand(revenues)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_equal_revenue_is_never_split_and_more_is_never_a_lower_tier(revenues: list[int]) -> None:
    found = sorted(zip(revenues, tiers(revenues), strict=True))
    for (less, tier_of_less), (more, tier_of_more) in pairwise(found):
        assert tier_of_more == tier_of_less if more == less else tier_of_more <= tier_of_less


@pytest.mark.parametrize(
    ("customers", "sizes"),
    [
        (0, (0, 0, 0, 0)),
        (1, (0, 0, 1, 0)),
        (2, (0, 0, 1, 1)),
        (3, (0, 0, 2, 1)),
        (4, (0, 1, 2, 1)),
        (9, (0, 1, 5, 3)),
        (10, (1, 2, 5, 2)),  # half of a customer counts as one
        (20, (1, 3, 10, 6)),
        (30, (2, 5, 15, 8)),
        (100, (5, 15, 50, 30)),
        (101_811, (5_091, 15_272, 50_906, 30_542)),
        (94_387, (4_719, 14_158, 47_194, 28_316)),
    ],
)
def test_the_sizes_without_ties(customers: int, sizes: tuple[int, ...]) -> None:
    found = tiers(range(customers)) if customers < 1000 else None
    if found is not None:
        assert tuple(found.count(index) for index in range(len(TIERS))) == sizes
    assert tuple(size(customers, share) for share in (5, 15, 50)) == sizes[:3]


def falling(*ties: tuple[int, int]) -> list[int]:
    """A hundred revenues, 100 to 1, where those from one rank to another (from 1) equal the first of them."""
    revenues = list(range(100, 0, -1))
    for first, last in ties:
        revenues[first - 1 : last] = [revenues[first - 1]] * (last - first + 1)
    return revenues


@pytest.mark.parametrize(
    ("ties", "sizes"),
    [
        ([(5, 6)], [6, 15, 50, 29]),
        ([(5, 25)], [25, 15, 50, 10]),
        ([(4, 5)], [5, 15, 50, 30]),
        ([(6, 7)], [5, 15, 50, 30]),
        ([(20, 22)], [5, 17, 50, 28]),
        ([(70, 71)], [5, 15, 51, 29]),
        ([(70, 100)], [5, 15, 80, 0]),
        ([(5, 7), (22, 24), (74, 80)], [7, 17, 56, 20]),  # a tier has its own full size after the ties above it
        ([(5, 60)], [60, 15, 25, 0]),
        ([(1, 100)], [100, 0, 0, 0]),
    ],
)
def test_a_tie_goes_up_at_every_boundary(ties: list[tuple[int, int]], sizes: list[int]) -> None:
    found = tiers(falling(*ties))
    assert [found.count(index) for index in range(4)] == sizes
