"""Reach and multiplicity: right where nothing is hidden, honest where it is. About 8 s, nearly all of it simulation."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from privacy.estimate.cross_use import deconvolution
from privacy.estimate.cross_use.counts import gathered
from privacy.estimate.cross_use.deconvolution import NotConverged, Observed, Solved, solve
from privacy.estimate.cross_use.reach import USES, multiplicity, observed_of, reach
from privacy.estimate.cross_use.standing import standing_of
from privacy.estimate.cross_use.terms import Terms
from tests.privacy.estimate.cross_use.world import EXACT, TERMS, World, drawn, halving, people_by_use, world_of

ONE_IN_A_MILLION = 1e-6
RUNS = 80


def solved_of(world: World, terms: Terms, seed: int) -> Solved:
    counts = gathered(world.ids, drawn(world, terms, np.random.default_rng(seed)), world.groups)
    return solve(observed_of(counts, standing_of(counts, terms)), terms)


def shares(world: World) -> dict[str, float]:
    members = world.counting.shape[1]
    return {name: world.share(least, most) for name, least, most in USES if least <= members}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=2, max_size=8).filter(any), st.integers(0, 2**32))
def test_without_flips_and_noise_reach_and_multiplicity_are_the_truth(by_use: list[int], seed: int) -> None:
    world = world_of(by_use, np.random.default_rng(seed))
    solved = solved_of(world, EXACT, seed)
    assert solved.people == pytest.approx(by_use, abs=1e-2)
    assert reach(solved).value == pytest.approx(world.reach, rel=1e-4)
    assert {name: each.value for name, each in multiplicity(solved).items()} == pytest.approx(shares(world), abs=1e-3)


CASES: dict[str, tuple[list[int], int]] = {
    "a tail": (people_by_use(halving, 6, 1500), 0),
    "one or three": ([3000, 0, 800, 0, 0], 0),
    "nobody shared": ([6000, 0, 0, 0], 0),
    "two silent": ([2500, 900, 400, 100, 40, 10], 2),
}
"""People by how many members they use, and how many of these send no count."""


@cache
def residuals(case: str) -> NDArray[np.float64]:
    """Of reach and each use in so many runs, in standard errors."""
    by_use, silent = CASES[case]
    world = world_of(by_use, np.random.default_rng(20260301), groups=1, silent=silent)
    truth = [float(world.reach), *shares(world).values()]
    off = []
    for run in range(RUNS):
        solved = solved_of(world, TERMS, 3000 + run)
        found = [reach(solved), *multiplicity(solved).values()]
        off.append([(each.value - true) / each.error for each, true in zip(found, truth, strict=True)])
    return np.array(off)


def chance(off: NDArray[np.float64]) -> list[float]:
    """For each figure how likely so few intervals hold, if 93 % do."""
    holding = (np.abs(off) < 1.96).sum(axis=0).tolist()
    return [float(stats.binomtest(each, RUNS, 0.93, alternative="less").pvalue) for each in holding]


@pytest.mark.parametrize("case", CASES)
def test_intervals_hold_the_truth(case: str) -> None:
    """A share of 0 or 1 is at the edge of what can be, and its intervals hold more often: they may do no worse."""
    off = residuals(case)
    assert min(chance(off)) > ONE_IN_A_MILLION
    assert np.abs(off[:, 0]).mean() > 0.3  # nor are the errors of the reach far too large: 0.8 is normal


def test_errors_of_half_the_size_would_be_noticed() -> None:
    """The check has teeth."""
    assert min(chance(2 * residuals("a tail"))) < ONE_IN_A_MILLION


def test_the_same_counts_always_give_the_same() -> None:
    world = world_of(people_by_use(halving, 6, 2000), np.random.default_rng(2), groups=1)
    first, second = solved_of(world, TERMS, 5), solved_of(world, TERMS, 5)
    assert np.array_equal(first.people, second.people)
    assert np.array_equal(first.replicates, second.replicates)


def observed(histogram: NDArray[np.float64], lists: float, set_bits: float) -> Observed:
    return Observed(len(histogram), 0, histogram, lists, set_bits)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=12),
    st.floats(-1e9, 1e9),
    st.floats(-1e10, 1e10),
)
def test_whatever_is_observed_there_is_an_answer_or_a_typed_refusal(
    bins: list[float], lists: float, set_bits: float
) -> None:
    try:
        solved = solve(observed(np.array(bins), lists, set_bits), TERMS)
    except NotConverged:
        return
    assert (solved.people >= 0).all()
    assert reach(solved).value >= 0


def test_no_customers_at_all_are_no_people() -> None:
    solved = solve(observed(np.zeros(5), 0.0, 0.0), TERMS)
    assert reach(solved).value == 0
    assert np.isnan(multiplicity(solved)["1"].value)


def test_it_says_so_when_it_does_not_converge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deconvolution, "MOST_TURNS", 1)
    with pytest.raises(NotConverged) as refusal:
        solve(observed(np.array([5000.0, 3000.0, 900.0]), 9000.0, 5000.0), TERMS)
    assert refusal.value.reason == "NOT_CONVERGED"
