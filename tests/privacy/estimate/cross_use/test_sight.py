"""What a person leaves in the histograms, against every pattern of bits that he can meet."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.estimate.cross_use.sight import sight

FLIP = 0.27
Floats = NDArray[np.float64]


def moments(members: int, silent: int, used: int, beside: Floats) -> tuple[Floats, Floats]:
    """Mean and second moments of what someone adds who uses so many, by going through all cases."""
    market = range(members + silent)
    mean, second = np.zeros(len(market)), np.zeros((len(market),) * 2)
    nobody: list[tuple[float, tuple[int, ...]]] = [(1 - float(beside.sum()), ())]
    others = nobody + [
        (float(beside[k - 1]) / comb(len(market), k), houses)
        for k in range(1, len(market) + 1)
        for houses in combinations(market, k)
    ]
    for houses, (there, more), bits in product(combinations(market, used), others, product((0, 1), repeat=len(market))):
        chance = there / comb(len(market), used)
        for house, bit in enumerate(bits):
            one = 1 - FLIP if house in houses or house in more else FLIP
            chance *= one if bit else 1 - one
        added = np.zeros(len(market))
        for house in houses:
            if house < members:
                added[sum(bits) - bits[house]] += 1
        mean += chance * added
        second += chance * np.outer(added, added)
    return mean, second


@pytest.mark.parametrize(("members", "silent"), [(2, 0), (4, 0), (3, 1), (2, 2)])
def test_mean_and_covariance_are_those_of_all_cases(members: int, silent: int) -> None:
    market = members + silent
    beside = 0.2 / np.arange(1.0, market + 1) ** 2
    seen = sight(members, silent, FLIP, beside)
    people = np.arange(1.0, market + 1)
    expected = np.zeros((market, market))
    for used in range(1, market + 1):
        mean, second = moments(members, silent, used, beside)
        assert seen.mean[:, used - 1] == pytest.approx(mean, abs=1e-12)
        expected += people[used - 1] * (second - np.outer(mean, mean))
    assert seen.covariance(people) == pytest.approx(expected, abs=1e-10)


def test_whoever_uses_so_many_of_the_market_is_on_the_lists_by_the_hypergeometric_distribution() -> None:
    seen = sight(3, 2, FLIP, np.zeros(5))
    assert seen.lists[:, 1] == pytest.approx([6 / 10, 3 / 10, 0])
    assert seen.lists[:, 4] == pytest.approx([0, 0, 1])
    assert np.array_equal(sight(4, 0, FLIP, np.zeros(4)).lists, np.eye(4))
