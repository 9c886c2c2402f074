"""Difference in differences on the log scale: what an event did to the own figures, beside a cohort of others.

For every period t, y = log own - log cohort. With a year to compare with, z = y - y of the same period a year before
takes the place of y, so that a season that the institution has and the cohort has not is taken off. Then

    effect = mean of y after - mean of y before

which is (log own after - log own before) - (log cohort after - log cohort before). It is a sum of w·y over periods, and

    Var(effect) = v·Σ w² + the noise of the periods after, where that is larger than that of those before
        v: the variance of y about its mean before the event, with n - 1 degrees of freedom. It holds the own and the
           cohort's ups and downs as well as the published noise; so it is no less than that noise is known to be.

The interval is a t interval with those degrees of freedom. It takes the periods as independent of each other: of
figures that go on as they were it is too short, so the correlation from one period to the next is tested, and so is
whether own and cohort were drifting apart before the event.

Sources: Angrist and Pischke 2009, "Mostly Harmless Econometrics", chapter 5 (the design, and what it assumes: without
the event both would have gone on alike); Bertrand, Duflo and Mullainathan 2004, "How much should we trust
differences-in-differences estimates?", Quarterly Journal of Economics 119 (serial correlation; periods averaged into
before and after).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from privacy.bounds.windows import Window
from privacy.estimate.disclosure import ONE_SIDED
from privacy.estimate.figure import DEFAULT_CONFIDENCE

LEAST_BEFORE, LEAST_AFTER = 2, 1
"""Periods without which there is nothing to compute: one before has no variance."""

TREND_LEVEL = 0.05
"""A slope before the event that is less likely than this, were there none, is told."""


@dataclass(frozen=True)
class Pair:
    """One period: the own figure and the cohort's, both above zero and in one unit, and the cohort's standard error."""

    window: Window
    own: float
    cohort: float
    error: float

    @property
    def apart(self) -> float:
        """The logarithm of own / cohort."""
        return math.log(self.own) - math.log(self.cohort)

    @property
    def noise(self) -> float:
        """The variance that the published noise gives `apart` (delta method)."""
        return (self.error / self.cohort) ** 2


@dataclass(frozen=True)
class Estimate:
    """The effect on the log scale, with its interval; `percent` has it as a change of the own figure.

    trend: the p-value of a slope before the event, None for fewer than three periods. correlation: of one period with
    the next, before the event; None where its variance is 0. `correlated` says whether it is more than chance explains.
    """

    log: float
    standard_error: float
    low: float
    high: float
    degrees_of_freedom: int
    season: bool
    trend: float | None
    correlation: float | None
    correlated: bool

    @property
    def percent(self) -> tuple[float, float, float]:
        """The effect and the ends of its interval, in per cent."""
        effect, low, high = (100 * math.expm1(each) for each in (self.log, self.low, self.high))
        return effect, low, high

    @property
    def within_noise(self) -> bool:
        """Whether the interval holds no effect at all."""
        return self.low <= 0 <= self.high


def estimate(
    before: Sequence[Pair], after: Sequence[Pair], a_year_before: Mapping[Window, Pair] | None = None
) -> Estimate:
    """The effect between two runs of periods, each in order; `a_year_before` has that of each of them, or is None.

    Raises ValueError for fewer than LEAST_BEFORE or LEAST_AFTER periods.
    """
    if len(before) < LEAST_BEFORE or len(after) < LEAST_AFTER:
        raise ValueError("too few periods")
    earlier = _apart(before, a_year_before)
    log = _mean(_apart(after, a_year_before)) - _mean(earlier)
    residuals = [each - _mean(earlier) for each in earlier]
    freedom = len(before) - 1
    terms = 1 if a_year_before is None else 2  # how many y each value has
    noise = _mean([each.noise for each in _with_year(before, a_year_before)])
    variance = max(math.fsum(each**2 for each in residuals) / freedom / terms, noise)
    weights = _weights(before, after, a_year_before)
    louder = math.fsum((each.noise - noise) * weights[each.window] ** 2 for each in _with_year(after, a_year_before))
    error = math.sqrt(variance * math.fsum(each**2 for each in weights.values()) + max(0.0, louder))
    margin = _t(freedom) * error
    correlation = _correlation(residuals)
    return Estimate(
        log,
        error,
        log - margin,
        log + margin,
        freedom,
        a_year_before is not None,
        _trend(before, earlier),
        correlation,
        correlation is not None and correlation > ONE_SIDED / math.sqrt(len(before)) - 1 / len(before),
    )


def _apart(pairs: Sequence[Pair], a_year_before: Mapping[Window, Pair] | None) -> list[float]:
    if a_year_before is None:
        return [each.apart for each in pairs]
    return [each.apart - a_year_before[each.window].apart for each in pairs]


def _with_year(pairs: Sequence[Pair], a_year_before: Mapping[Window, Pair] | None) -> list[Pair]:
    return [*pairs, *(a_year_before[each.window] for each in pairs if a_year_before is not None)]


def _weights(
    before: Sequence[Pair], after: Sequence[Pair], a_year_before: Mapping[Window, Pair] | None
) -> dict[Window, float]:
    """How much of each period's y is in the effect. A year before a period after may be a period before."""
    weights: dict[Window, float] = {}
    for pairs, share in ((before, -1 / len(before)), (after, 1 / len(after))):
        for each in pairs:
            weights[each.window] = weights.get(each.window, 0.0) + share
            if a_year_before is not None:
                window = a_year_before[each.window].window
                weights[window] = weights.get(window, 0.0) - share
    return weights


def _trend(before: Sequence[Pair], values: Sequence[float]) -> float | None:
    """The p-value of a straight line's slope, by time in months, so that a period left out leaves a gap."""
    months = [each.window.first.year * 12 + each.window.first.month for each in before]
    freedom = len(values) - 2
    if freedom < 1:
        return None
    middle, level = _mean(months), _mean(values)
    spread = math.fsum((month - middle) ** 2 for month in months)
    slope = math.fsum((month - middle) * (value - level) for month, value in zip(months, values, strict=True)) / spread
    left = math.fsum(
        (value - level - slope * (month - middle)) ** 2 for month, value in zip(months, values, strict=True)
    )
    error = math.sqrt(left / freedom / spread)
    if error == 0:
        return 1.0 if slope == 0 else 0.0
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(slope / error)))


def _correlation(residuals: Sequence[float]) -> float | None:
    squared = math.fsum(each**2 for each in residuals)
    if squared == 0 or len(residuals) < 3:
        return None
    return math.fsum(one * other for one, other in pairwise(residuals)) / squared


def _t(freedom: int) -> float:
    """Student's quantile for an interval of the usual confidence, on both sides."""
    from scipy.special import stdtrit  # takes time to load, and a command's --help need not wait

    return float(stdtrit(freedom, (1 + DEFAULT_CONFIDENCE) / 2))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
