"""Groups of customers: how many people, and how many members each uses. About 4 s."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from privacy.estimate.cross_use.counts import gathered
from privacy.estimate.cross_use.deconvolution import solve
from privacy.estimate.cross_use.groups import GroupFigures, group_figures, tilted_mean
from privacy.estimate.cross_use.reach import observed_of
from privacy.estimate.cross_use.standing import standing_of
from privacy.estimate.cross_use.terms import Terms
from tests.privacy.estimate.cross_use.world import EXACT, TERMS, World, drawn, halving, people_by_use, world_of

ONE_IN_A_MILLION = 1e-6
RUNS = 80


def figures_of(world: World, terms: Terms, seed: int) -> list[GroupFigures]:
    counts = gathered(world.ids, drawn(world, terms, np.random.default_rng(seed)), world.groups)
    standing = standing_of(counts, terms)
    return group_figures(counts, standing, solve(observed_of(counts, standing), terms), terms)


def truth_of(world: World) -> NDArray[np.float64]:
    """By group: people, and members per person."""
    many = world.counting.sum(axis=1)
    return np.array([[(world.group == each).sum(), many[world.group == each].mean()] for each in range(world.groups)])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=30), st.floats(-0.4, 0.4))
def test_a_tilt_gives_back_the_mean_of_a_tilted_distribution(base: list[float], steep: float) -> None:
    weights = np.array(base)
    use = np.arange(1.0, len(weights) + 1)
    tilted = weights * np.exp(steep * use)
    over_lists = (tilted * use * use).sum() / (tilted * use).sum()
    expected = (tilted * use).sum() / tilted.sum()
    assert tilted_mean(weights[None, :], use, np.array([over_lists]))[0] == pytest.approx(expected, rel=1e-6)


def test_where_nobody_shares_or_everybody_does_the_tilt_ends_there() -> None:
    use = np.arange(1.0, 4)
    base = np.full((2, 3), 1 / 3)
    assert tilted_mean(base, use, np.array([1.0, 3.0])) == pytest.approx([1.0, 3.0], abs=1e-9)


def test_without_flips_and_noise_groups_like_the_market_are_the_truth() -> None:
    world = world_of([400, 200, 100, 20], np.random.default_rng(1))
    even = World(world.uses, np.arange(len(world.group)) % 2, 2)
    for found, (people, use) in zip(figures_of(even, EXACT, 1), truth_of(even), strict=True):
        assert found.people.value == pytest.approx(people, rel=0.02)
        assert found.institutions.value == pytest.approx(use, rel=0.02)


def test_intervals_hold_the_truth_of_groups_that_are_like_the_market_or_tilted() -> None:
    """Group 0 is like the market, group 1 is it tilted by e^(0.3 M), group 2 is the large rest."""
    random = np.random.default_rng(20260401)
    world = world_of(people_by_use(halving, 6, 1500), random, groups=3)
    many = world.uses.sum(axis=1)
    draw = random.random(len(many))
    tilted = draw < 0.15 + 0.03 * np.exp(0.3 * many)
    world = World(world.uses, np.where(draw < 0.15, 0, np.where(tilted, 1, 2)), 3)
    truth = truth_of(world)
    off = []
    for run in range(RUNS):
        figures = [(each.people, each.institutions) for each in figures_of(world, TERMS, 5000 + run)]
        off.append([[each.value for each in pair] for pair in figures] - truth)
        off[-1] /= np.array([[each.error for each in pair] for pair in figures])
    for holding in (np.abs(np.array(off)) < 1.96).sum(axis=0).ravel().tolist():
        assert stats.binomtest(holding, RUNS, 0.93, alternative="less").pvalue > ONE_IN_A_MILLION
    assert np.abs(np.array(off)).mean(axis=0).min() > 0.4  # 0.8 is normal


def test_a_group_that_nobody_is_in_is_noise_and_says_so() -> None:
    world = world_of([2000, 500, 100], np.random.default_rng(2), groups=3)
    nobody = World(world.uses, np.minimum(world.group, 1), 3)
    for run in range(20):
        found = figures_of(nobody, TERMS, 6000 + run)[2]
        assert found.people.value < 4 * found.people.error + 1
        assert found.people.error > 20
