"""Difference in differences: by hand, and how often its interval holds a known effect."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from node.effects.difference import Estimate, Pair, estimate
from node.kpis.windows import Period, periods, year_earlier
from privacy.bounds.windows import Window

MONTHS = [each.window for each in periods(Period.MONTH, Window(date(2023, 1, 1), date(2025, 12, 31)))]


def pairs(windows: Sequence[Window], own: Sequence[float], cohort: Sequence[float], error: float = 0) -> list[Pair]:
    return [Pair(*each, error) for each in zip(windows, own, cohort, strict=True)]


def test_by_hand() -> None:
    """y is log 2, 3, 2, 3 times something before, so s² = (log 1.5)²/3; after it is twice the geometric mean."""
    before = pairs(MONTHS[:4], [200, 600, 200, 600], [100, 200, 100, 200])
    after = pairs(MONTHS[4:6], [2 * math.sqrt(6) * 100] * 2, [100, 100])
    found = estimate(before, after)
    assert found.log == pytest.approx(math.log(2))
    error = math.sqrt(math.log(1.5) ** 2 / 3 * (1 / 4 + 1 / 2))
    assert found.standard_error == pytest.approx(error)
    assert (found.degrees_of_freedom, found.season) == (3, False)
    assert found.high - found.log == pytest.approx(3.182446 * error)
    assert found.percent[0] == pytest.approx(100)
    assert not found.within_noise


def test_known_noise_is_never_left_out() -> None:
    """Figures that happen to run alike before have no variance, and the published errors remain."""
    before = pairs(MONTHS[:3], [100] * 3, [1000] * 3, 50)
    found = estimate(before, pairs(MONTHS[3:4], [110], [1000], 50))
    assert found.standard_error == pytest.approx(0.05 * math.sqrt(1 / 3 + 1))
    louder = estimate(before, pairs(MONTHS[3:4], [110], [1000], 100))
    assert louder.standard_error == pytest.approx(math.sqrt(0.05**2 / 3 + 0.1**2))
    quieter = estimate(before, pairs(MONTHS[3:4], [110], [1000], 10))
    assert quieter.standard_error == pytest.approx(found.standard_error), "less noise after is not counted on"


def test_a_season_of_ones_own_is_taken_off() -> None:
    """Every December is ten times as much here, and as always elsewhere: without last year that would be an effect."""
    own = [1000 if window.first.month == 12 else 100 for window in MONTHS[:24]]
    all_of_it = pairs(MONTHS[:24], own, [1000] * 24, 10)
    earlier = {each.window: all_of_it[MONTHS.index(year_earlier(each.window))] for each in all_of_it[12:]}
    before, after = all_of_it[17:23], all_of_it[23:]
    assert estimate(before, after).percent[0] == pytest.approx(900)
    found = estimate(before, after, earlier)
    assert found.season
    assert found.log == pytest.approx(0)
    assert found.standard_error == pytest.approx(0.01 * math.sqrt(2 * (1 + 1 / 6)))


def test_a_year_before_the_periods_after_may_be_the_periods_before() -> None:
    """By hand. Each year's own figures are up by 30 % in its even months; the last year's by 20 % throughout besides.

    z of the twelve before is 0.1 in odd months and -0.1 in even ones: s² = 12·0.01/11, for two y each. In the effect
    each y of the first year is once by -(-1/12), each of the second by -1/12, and again by -1/12, for it is what those
    after are held against, and each of the third by 1/12: Σ w² = 12·(1 + 4 + 1)/144 = 1/2.
    """
    odd = [index % 2 for index in range(12)]
    up = [math.exp(0.3 * (1 - each)) for each in odd]
    first = [value * math.exp(0.1 if each == 0 else -0.1) for value, each in zip(up, odd, strict=True)]
    made = pairs(MONTHS, [*first, *up, *(1.2 * value for value in up)], [1] * 36)
    earlier = {each.window: made[index] for index, each in enumerate(made[12:])}
    found = estimate(made[12:24], made[24:], earlier)
    assert found.log == pytest.approx(math.log(1.2))
    assert found.standard_error == pytest.approx(math.sqrt(12 * 0.01 / 11 / 2 * 1 / 2))
    assert (found.season, found.degrees_of_freedom) == (True, 11)


def test_too_few_periods_are_no_estimate() -> None:
    fine = pairs(MONTHS[:2], [1, 2], [1, 1])
    for before, after in ((fine[:1], fine), (fine, [])):
        with pytest.raises(ValueError, match="too few"):
            estimate(before, after)


RUNS = 3_000


def simulated(
    generator: np.random.Generator,
    effect: float,
    *,
    before: int = 6,
    after: int = 3,
    shocks: float = 0.04,
    noise: float = 0.02,
    season: bool = False,
    drift: float = 0.0,
    memory: float = 0.0,
) -> Estimate:
    """One institution and its cohort: both have a season of their own, shocks by the month, and the cohort noise."""
    pattern = generator.normal(0, 0.3, 12)
    windows = MONTHS[-(before + after) - 12 :]
    shock = generator.normal(0, shocks, len(windows))
    for index in range(1, len(windows)):
        shock[index] = memory * shock[index - 1] + math.sqrt(1 - memory**2) * shock[index]
    made = []
    for index, window in enumerate(windows):
        mine = (pattern[window.first.month - 1] if season else 0) + shock[index] + drift * index
        late = index >= len(windows) - after
        cohort = 1e6 * math.exp(0.2 * math.sin(index))
        told = cohort * (1 + generator.normal(0, noise))
        made.append(Pair(window, cohort / 10 * math.exp(mine + effect * late), told, noise * cohort))
    now = made[12:]
    earlier = {each.window: made[index] for index, each in enumerate(now)} if season else None
    return estimate(now[:before], now[before:], earlier)


@pytest.mark.parametrize("effect", [0.0, 0.15, -0.3])
@pytest.mark.parametrize(
    "world",
    [
        {"shocks": 0.04, "noise": 0.02},
        {"shocks": 0.06, "noise": 0.001, "before": 3, "after": 1},
        {"shocks": 0.04, "noise": 0.02, "season": True},
        {"shocks": 0.1, "noise": 0.05, "before": 12, "after": 12},
    ],
    ids=["usual", "few", "season", "years"],
)
def test_the_interval_holds_the_effect_95_times_in_100(effect: float, world: dict[str, float]) -> None:
    """The standard deviation of the share is 0.4 %: 92.5 to 98 % is six of them below, and seven above, 95.

    A little more than 95 is meant: the noise is known from below.
    """
    generator = np.random.default_rng(11)
    found = [simulated(generator, effect, **world) for _ in range(RUNS)]  # type: ignore[arg-type]
    held = sum(each.low <= effect <= each.high for each in found) / RUNS
    assert 0.925 < held < 0.98
    assert abs(np.mean([each.log for each in found]) - effect) < 0.01, "and it is of the right size on the whole"


def test_with_noise_alone_it_is_careful() -> None:
    generator = np.random.default_rng(12)
    found = [simulated(generator, 0.1, shocks=0, noise=0.05) for _ in range(RUNS)]
    assert sum(each.low <= 0.1 <= each.high for each in found) / RUNS > 0.94


def test_drifting_apart_is_seen_and_seldom_where_there_is_none() -> None:
    generator = np.random.default_rng(13)
    drifting = [simulated(generator, 0, drift=0.1) for _ in range(200)]
    assert sum(each.trend is not None and each.trend < 0.05 for each in drifting) > 190
    still = [simulated(generator, 0) for _ in range(RUNS)]
    assert 0.03 < sum(each.trend is not None and each.trend < 0.05 for each in still) / RUNS < 0.07
    assert estimate(pairs(MONTHS[:2], [1, 2], [1, 1]), pairs(MONTHS[2:3], [1], [1])).trend is None
    straight = pairs(MONTHS[:4], [math.exp(index) for index in (0, 31, 59, 90)], [1] * 4)
    level = estimate(pairs(MONTHS[:4], [5] * 4, [1] * 4), straight)
    assert level.trend == 1.0


def test_what_goes_on_as_before_is_seen_and_seldom_where_it_does_not() -> None:
    generator = np.random.default_rng(14)
    sticky = [simulated(generator, 0, before=12, memory=0.95, noise=0.001) for _ in range(400)]
    fresh = [simulated(generator, 0, before=12, noise=0.001) for _ in range(RUNS)]
    assert sum(each.correlated for each in sticky) / 400 > 0.4
    assert sum(each.correlated for each in fresh) / RUNS < 0.1
