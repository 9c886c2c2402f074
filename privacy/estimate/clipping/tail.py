"""What is beyond a wide bound of revenue, estimated from how many customers are in the highest bands of revenue.

Far out, the part of customers with more than x kroner falls about as x^-α (Pareto). With N_a and N_b the customers of
at least a and b kroner, and W the bound,

    α = ln(N_a/N_b) / ln(b/a)        E = N_b W (b/W)^α / (α − 1)        published: E / (R + E)

where E is what customers spend beyond W, each, and R the revenue within the bounds. Which bands: b is the highest
limit of a band that is no higher than W, and a the highest one that is at most half of b; the study decides them, never
the data. The error is the delta method's, of the noise in N_a, N_b and R; that the tail is no Pareto's is not in it,
nor what the other bounds cut off, nor anonymous sales. Where α is not above 1, such a tail has no mean: no estimate.
Where N_b is off by a quarter or more, there is an estimate and no interval.

Logarithms and powers are rounded to 12 digits, for C libraries differ in the last ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from privacy.catalogue.dimensions import VALUE_LOWER_BOUNDS_KR
from privacy.estimate.figure import Figure
from privacy.estimate.formulas import Covariance, by_delta, of_independent
from privacy.estimate.ratios import Ratio
from privacy.estimate.reasons import Reason

_LEAST_INDEX = 1.05
WEAKEST_BAND = 0.25
"""The largest relative standard error of N_b with which E is linear enough in it for an interval."""


def beyond_bound(bound_ore: int) -> "tuple[BeyondBound, tuple[str, ...]] | None":
    """The tail beyond a bound, with the bands of revenue that it is laid through; None where no bands are below it."""
    found = limits(bound_ore)
    if found is None:
        return None
    lower, upper = found
    bands = tuple(name for name, limit in VALUE_LOWER_BOUNDS_KR.items() if limit >= lower)
    below = sum(VALUE_LOWER_BOUNDS_KR[name] < upper for name in bands)
    return BeyondBound(bound_ore, lower, upper, below), bands


def limits(bound_ore: int) -> tuple[int, int] | None:
    """The limits a and b, in kroner, for a bound; None where no bands are below it."""
    upper = max((limit for limit in VALUE_LOWER_BOUNDS_KR.values() if 0 < 100 * limit <= bound_ore), default=0)
    lower = max((limit for limit in VALUE_LOWER_BOUNDS_KR.values() if 0 < 2 * limit <= upper), default=0)
    return (lower, upper) if lower else None


@dataclass(frozen=True)
class Tail:
    """What is spent beyond a bound, in øre.

    index: α as the bands give it. slopes: by how much `beyond` grows with the customers of each band.
    """

    index: float
    beyond: float
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class BeyondBound:
    """The part of all revenue that customers spend beyond a bound.

    Made of: the revenue within the bound, then the customers of each band from a upwards. bound_ore: W. lower_kr and
    upper_kr: a and b. below: how many of the bands lie below b.
    """

    bound_ore: int
    lower_kr: int
    upper_kr: int
    below: int

    def noise(self, covariance: Covariance) -> Covariance:
        """All covariances."""
        return covariance

    def ratio(self, values: Sequence[float], noise: Covariance, members: int = 1) -> Ratio:
        """No value where no tail can be laid through the bands."""
        revenue, bands = values[0], values[1:]
        if revenue <= 0 or math.fsum(bands[self.below :]) <= 0 or math.fsum(bands[: self.below]) <= 0:
            return Ratio(None, None, None, Reason.DENOMINATOR_NOT_POSITIVE)
        tail = self.tail(bands)
        if tail is None or tail.index < _LEAST_INDEX:
            return Ratio(None, None, None, Reason.OUT_OF_RANGE)
        whole = revenue + tail.beyond
        gradient = [-tail.beyond / whole / whole]
        gradient += [revenue / whole / whole * slope for slope in tail.slopes]
        variance = math.fsum(
            one * other * noise[row][column]
            for row, one in enumerate(gradient)
            for column, other in enumerate(gradient)
        )
        highest = range(1 + self.below, len(values))
        few = math.fsum(bands[self.below :])
        weak = members * math.fsum(noise[row][column] for row in highest for column in highest) > (
            WEAKEST_BAND * few * WEAKEST_BAND * few
        )
        return by_delta(tail.beyond / whole, members * variance, weak=weak)

    def tail(self, bands: Sequence[float], least: float = _LEAST_INDEX) -> "Tail | None":
        """E of the customers of the bands, with α at least `least`; None where no tail can be laid through them."""
        many, few = math.fsum(bands), math.fsum(bands[self.below :])
        if few <= 0 or many <= few:
            return None
        span = _logarithm(self.upper_kr / self.lower_kr)
        found = _logarithm(many / few) / span
        index = max(found, least)
        reach = _logarithm(100 * self.upper_kr / self.bound_ore)
        beyond = few * self.bound_ore * _rounded(math.exp(index * reach)) / (index - 1)
        by_index = reach - 1 / (index - 1) if found >= least else 0.0  # of ln E
        of_many, of_few = by_index / (many * span), 1 / few - by_index / (few * span)
        slopes = [beyond * (of_many + (of_few if place >= self.below else 0.0)) for place in range(len(bands))]
        return Tail(found, beyond, tuple(slopes))

    def __call__(self, *figures: Figure) -> Ratio:
        """Of estimates whose noises are independent."""
        return of_independent(self, figures)


def _logarithm(value: float) -> float:
    return _rounded(math.log(value))


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")
