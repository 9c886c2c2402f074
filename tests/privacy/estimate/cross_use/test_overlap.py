"""Overlaps: right where nothing is hidden, unbiased and with honest errors where it is. About 4 s."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from privacy.estimate.cross_use.counts import Counts, gathered
from privacy.estimate.cross_use.overlap import Overlaps, overlaps
from privacy.estimate.cross_use.terms import Terms
from tests.bench.cross_use import expected_variance
from tests.privacy.estimate.cross_use.world import EXACT, TERMS, World, drawn, world_of

# Under another seed a bound is passed by chance once in a million tests.
ONE_IN_A_MILLION = 1e-6
RUNS = 200


def counted(world: World, terms: Terms, seed: int) -> Counts:
    return gathered(world.ids, drawn(world, terms, np.random.default_rng(seed)), world.groups)


def overlaps_of(counts: Counts, terms: Terms) -> Overlaps:
    return overlaps(counts.sizes[:, 0], counts.between, counts.usable, terms)


def apart(world: World) -> NDArray[np.bool_]:
    return np.triu(np.ones((world.counting.shape[1],) * 2, dtype=np.bool_), 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=5), st.integers(0, 2**32))
def test_without_flips_collisions_and_noise_an_overlap_is_the_truth(by_use: list[int], seed: int) -> None:
    world = world_of(by_use, np.random.default_rng(seed))
    found = overlaps_of(counted(world, EXACT, seed), EXACT)
    above = apart(world)
    assert np.allclose(found.values[above], world.overlaps[above], atol=1e-4)
    assert not found.disagree.any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(4)))
def test_the_order_of_members_does_not_matter(seed: int, order: list[int]) -> None:
    counts = counted(world_of([300, 100, 50, 10], np.random.default_rng(seed)), TERMS, seed)
    found = overlaps_of(counts, TERMS)
    square = np.ix_(order, order)
    other = overlaps(counts.sizes[order, 0], counts.between[square], counts.usable[square], TERMS)
    assert np.array_equal(found.values, found.values.T, equal_nan=True)
    assert np.allclose(other.values, found.values[square], rtol=1e-12, equal_nan=True)
    assert np.allclose(other.variances, found.variances[square], rtol=1e-12, equal_nan=True)
    assert np.array_equal(other.disagree, found.disagree[square])


@pytest.mark.parametrize(
    ("size", "common", "terms"),
    [
        (2_000, 400, TERMS),
        (100_000, 0, TERMS),
        (20_000, 20_000, Terms(0.119, 2**21, 11_111.0, 200.0)),
        (20_000, 4_000, Terms(0.119, 2**17, 111.0, 200.0)),
    ],
)
def test_the_variance_is_the_whole_expression(size: int, common: int, terms: Terms) -> None:
    """By another way of writing it down: that of docs/cross-use-errors.md, for two members of one size."""
    taken = 1 - (1 - 1 / terms.buckets) ** size
    sums = (1 - 2 * terms.flip) * (2 * (common + (size - common) * taken) - size)
    between = np.array([[0.0, sums], [sums, 0.0]])
    found = overlaps(np.full(2, float(size)), between, ~np.eye(2, dtype=np.bool_), terms)
    assert found.values[0, 1] == pytest.approx(common, abs=1e-6)
    assert found.variances[0, 1] == pytest.approx(expected_variance(size, common, terms), rel=1e-9)


@pytest.mark.parametrize(
    "terms",
    [TERMS, Terms(flip=0.1, buckets=2**13, sums_variance=100.0, histogram_variance=20.0)],
    ids=["as shipped", "collisions"],
)
def test_intervals_hold_the_truth_and_errors_are_the_spread(terms: Terms) -> None:
    """Pairs of disjoint members are independent in each run: three of the fifteen."""
    random = np.random.default_rng(20260201)
    world = world_of([900, 300, 100, 30, 10, 3], random)
    pairs = np.zeros((6, 6), dtype=np.bool_)
    pairs[[0, 2, 4], [1, 3, 5]] = True
    off = []
    for run in range(RUNS):
        found = overlaps_of(counted(world, terms, 1000 + run), terms)
        off.append((found.values - world.overlaps)[pairs] / np.sqrt(found.variances[pairs]))
    residuals = np.concatenate(off)
    number = len(residuals)
    assert abs(residuals.mean()) < stats.norm.isf(ONE_IN_A_MILLION / 2) / math.sqrt(number)
    low, high = stats.chi2.ppf([ONE_IN_A_MILLION / 2, 1 - ONE_IN_A_MILLION / 2], number - 1) / (number - 1)
    assert low < residuals.var(ddof=1) < high
    holding = int((np.abs(residuals) < 1.96).sum())
    assert stats.binomtest(holding, number, 0.95).pvalue > ONE_IN_A_MILLION


def test_the_error_of_a_sum_counts_the_bits_that_its_parts_share() -> None:
    """Four members whose customers are nearly the same: each bit of one is met by three."""
    random = np.random.default_rng(20260202)
    terms = Terms(TERMS.flip, TERMS.buckets, sums_variance=100.0, histogram_variance=20.0)
    world = world_of([40, 40, 40, 1500], random)
    pairs = ~np.eye(4, dtype=np.bool_)
    truth = np.triu(world.overlaps, 1).sum()
    off, alone = [], []
    for run in range(RUNS):
        found = overlaps_of(counted(world, terms, 2000 + run), terms)
        value, variance = found.total(pairs)
        off.append((value - truth) / math.sqrt(variance))
        alone.append(np.triu(np.where(pairs, found.variances, 0.0), 1).sum() / variance)
    low, high = stats.chi2.ppf([ONE_IN_A_MILLION / 2, 1 - ONE_IN_A_MILLION / 2], RUNS - 1) / (RUNS - 1)
    assert low < np.var(off, ddof=1) < high
    assert np.mean(alone) < 0.6  # the sum of the pairs' own variances would be far too small
    assert abs(np.mean(off)) < stats.norm.isf(ONE_IN_A_MILLION / 2) / math.sqrt(RUNS)


def test_the_sum_of_one_pair_is_that_pair() -> None:
    found = overlaps_of(counted(world_of([300, 100, 50], np.random.default_rng(3)), TERMS, 3), TERMS)
    pairs = np.zeros((3, 3), dtype=np.bool_)
    pairs[0, 2] = pairs[2, 0] = True
    assert found.total(pairs) == pytest.approx((found.values[0, 2], found.variances[0, 2]), rel=1e-12)


def test_one_direction_is_enough_and_none_is_no_estimate() -> None:
    counts = counted(world_of([3000, 1000, 500], np.random.default_rng(4)), TERMS, 4)
    usable = counts.usable.copy()
    usable[0, 1] = usable[0, 2] = usable[2, 0] = False
    found = overlaps(counts.sizes[:, 0], counts.between, usable, TERMS)
    both = overlaps_of(counts, TERMS)
    assert found.values[0, 1] == found.directions.estimates[1, 0]
    assert found.variances[0, 1] > both.variances[0, 1]
    assert not found.available[0, 2]
    assert math.isnan(found.variances[0, 2])


@pytest.mark.parametrize("lie", [-3000, 3000, 100_000])
def test_a_lie_about_ones_size_sets_the_two_directions_apart(lie: int) -> None:
    counts = counted(world_of([6000, 2000, 1000], np.random.default_rng(5)), TERMS, 5)
    assert not overlaps_of(counts, TERMS).disagree.any()
    counts.sizes[1, 0] += lie
    found = overlaps_of(counts, TERMS).disagree
    assert found[0, 1]
    assert found[1, 2]
    assert not found[0, 2]


def test_a_sketch_of_nothing_and_one_of_everything_are_seen_even_from_one_side() -> None:
    counts = counted(world_of([6000, 2000], np.random.default_rng(6)), TERMS, 6)
    only = np.array([[False, False], [True, False]])
    for sign in (-1, 1):
        sums = counts.between.copy()
        sums[1, 0] = sign * counts.sizes[1, 0]
        assert overlaps(counts.sizes[:, 0], sums, only, TERMS).disagree[0, 1]


def test_a_member_that_claims_to_have_nobody_is_contradicted_by_all_together() -> None:
    """Each overlap is too small to tell, and the sum over the peers is not."""
    counts = counted(world_of([3000, 1500, 800, 300, 200, 100, 50, 20, 10, 5], np.random.default_rng(7)), TERMS, 7)
    assert overlaps_of(counts, TERMS).apart.max() < 5
    counts.sizes[0], counts.sums[0] = 0, 0
    found = overlaps_of(counts, TERMS)
    assert not found.disagree.any()
    assert found.apart[0] > 6
    assert found.apart[1:].max() < 5


def test_how_far_members_are_apart_by_chance_is_as_the_errors_say() -> None:
    """The square of one member's distance in each run is that of a standard normal number."""
    random = np.random.default_rng(20260203)
    world = world_of([400, 200, 100, 300], random)
    terms = Terms(TERMS.flip, TERMS.buckets, sums_variance=100.0, histogram_variance=20.0)
    squares = np.array([overlaps_of(counted(world, terms, 3000 + run), terms).apart[0] ** 2 for run in range(RUNS)])
    low, high = stats.chi2.ppf([ONE_IN_A_MILLION / 2, 1 - ONE_IN_A_MILLION / 2], RUNS) / RUNS
    assert low < squares.mean() < high
