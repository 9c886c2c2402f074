import numpy as np
import pytest
from scipy import stats

from privacy.estimate.disclosure import Pile, dominated

EXACT = np.zeros(1)


def column(*values: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)[:, None]


def test_the_limit_itself_is_allowed_and_more_is_not() -> None:
    assert not dominated(column(60, 10, 10, 10, 10), EXACT, 60)[0]
    assert dominated(column(61, 10, 10, 10, 9), EXACT, 60)[0]


def test_noise_below_zero_neither_hides_a_share_nor_counts() -> None:
    assert dominated(column(61, 39, -1000, -1000, -1000), EXACT, 60)[0]
    assert not dominated(column(50, 50, -1000, 0, 0), EXACT, 60)[0]


def test_where_nobody_has_anything_nobody_can_say() -> None:
    assert dominated(column(0, -5, -1, 0, 0), EXACT, 60)[0]


def test_doubt_counts_against_the_cell() -> None:
    """A share of 50 % is fine where it is known, and not where it may be 61 %."""
    values = column(500, 125, 125, 125, 125)
    assert dominated(values, np.array([70.0**2]), 60)[0]
    assert not dominated(values, np.array([10.0**2]), 60)[0]


def test_the_margin_is_that_of_the_delta_method() -> None:
    """s + 1.645 √(V ((1-s)² + (n-1)s²))/t crosses 60 % at the scale that this solves for."""
    share, total, n = 0.5, 1000, 5
    scale = (0.6 - share) * total / 1.645 / ((1 - share) ** 2 + (n - 1) * share**2) ** 0.5
    values = column(500, 125, 125, 125, 125)
    assert dominated(values, np.array([(1.001 * scale) ** 2]), 60)[0]
    assert not dominated(values, np.array([(0.999 * scale) ** 2]), 60)[0]


def test_a_dominated_cell_is_seldom_shown() -> None:
    """A true share of just the limit passes in 5 % of all runs: that is what 1.645 standard errors are for."""
    random, runs, scale = np.random.default_rng(20260201), 20_000, 30.0
    truth = np.array([6000, 1000, 1000, 1000, 1000])[:, None]
    values = truth + np.rint(random.normal(0, scale, (5, runs))).astype(np.int64)
    passed = int((~dominated(values, np.full(runs, scale**2), 60)).sum())
    low, high = stats.binom.ppf([5e-7, 1 - 5e-7], runs, 0.05)
    assert low < passed < high


def test_a_pile_gives_away_what_it_tells_in_one_measure_alone() -> None:
    """Customers are noise here, and tickets are one member's; a measure that no category has counts for nothing."""
    tickets = [1000, 10, 10, 10, 10]
    noise = [3, -2, 1, 0, -1]
    values, variances = np.array([noise, tickets, [0] * 5]).T, np.array([100.0, 1.0, 0.0])
    assert Pile(values, variances).gives_away(60)
    assert not Pile(values[:, [0, 2]], variances[[0, 2]]).gives_away(60)
    even = np.array([noise, [200] * 5, [0] * 5]).T
    assert not Pile(even[:, [1, 2]], variances[[1, 2]]).gives_away(60)


@pytest.mark.parametrize("members", [2, 5, 40])
def test_every_cell_by_itself(members: int) -> None:
    random = np.random.default_rng(members)
    values, variances = random.integers(-50, 500, (members, 30)), random.uniform(0, 900, 30)
    together = dominated(values, variances, 60)
    alone = [bool(dominated(values[:, [cell]], variances[[cell]], 60)[0]) for cell in range(30)]
    assert together.tolist() == alone
