"""How key figures are made of estimates whose noises may hang together: quotients, products of them, and a tail.

A formula takes the estimates that it is made of, in its own order, with their covariances. What a covariance matrix of
one member's estimates comes to for a formula (`noise`) does not depend on the values: it is worked out once for a
study, and for the sum over n members everything in it is n times as much.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from privacy.estimate.figure import DEFAULT_CONFIDENCE, Figure, critical_value
from privacy.estimate.ratios import Ratio, ratio
from privacy.estimate.reasons import Reason

Covariance = Sequence[Sequence[float]]
"""Of the estimates of a formula, in its order: square and symmetric."""

Coefficients = tuple[int, ...]
"""How often each estimate is in a sum, in the formula's order."""

WEAKEST_DENOMINATOR = 0.1
"""The largest relative standard error of a denominator with which a product's interval is still given: the delta method
takes it for symmetric, and there is no Fieller's for products."""


class Formula(Protocol):
    """A key figure as a function of estimates."""

    def noise(self, covariance: Covariance) -> Covariance:
        """What is needed of the covariances of one member's estimates."""
        ...

    def ratio(self, values: Sequence[float], noise: Covariance, members: int = 1) -> Ratio:
        """The key figure of the sums over so many members. noise: of one member's estimates, as `noise` gives it."""
        ...


@dataclass(frozen=True)
class Quotient:
    """One sum of estimates divided by another; Fieller's interval where the denominator is weak."""

    top: Coefficients
    bottom: Coefficients

    def noise(self, covariance: Covariance) -> Covariance:
        """The covariances of numerator and denominator, 2 × 2."""
        across = _between(self.top, self.bottom, covariance)
        return (
            (max(0.0, _between(self.top, self.top, covariance)), across),
            (across, max(0.0, _between(self.bottom, self.bottom, covariance))),
        )

    def ratio(self, values: Sequence[float], noise: Covariance, members: int = 1) -> Ratio:
        """As `privacy.estimate.ratios.ratio`."""
        (above, across), (_, below) = noise
        top, bottom = (
            Figure(_dot(self.top, values), members * above),
            Figure(_dot(self.bottom, values), members * below),
        )
        largest = top.standard_error * bottom.standard_error  # rounding may take a covariance of all there is past it
        return ratio(top, bottom, min(largest, max(-largest, members * across)))

    def __call__(self, *figures: Figure) -> Ratio:
        """Of estimates whose noises are independent."""
        return of_independent(self, figures)


@dataclass(frozen=True)
class Products:
    """A sum of products of quotients, each of sums of estimates; a quotient without a bottom is its top.

    The error is the delta method's, with every covariance.
    """

    terms: tuple[tuple[tuple[Coefficients, Coefficients | None], ...], ...]

    def noise(self, covariance: Covariance) -> Covariance:
        """All covariances."""
        return covariance

    def ratio(self, values: Sequence[float], noise: Covariance, members: int = 1) -> Ratio:
        """No value where a denominator is not above zero, no interval where one is weak."""
        bottoms = [bottom for term in self.terms for _, bottom in term if bottom is not None]
        if any(_dot(bottom, values) <= 0 for bottom in bottoms):
            return Ratio(None, None, None, Reason.DENOMINATOR_NOT_POSITIVE)
        value = 0.0
        gradient = [0.0] * len(values)
        for term in self.terms:
            quotients = [_dot(top, values) / _divisor(bottom, values) for top, bottom in term]
            value += math.prod(quotients)
            for index, (top, bottom) in enumerate(term):
                others = math.prod(quotients[:index]) * math.prod(quotients[index + 1 :])
                scale = others / _divisor(bottom, values)
                for place in range(len(values)):
                    below = 0 if bottom is None else bottom[place]
                    gradient[place] += scale * (top[place] - quotients[index] * below)
        weak = any(
            members * _between(bottom, bottom, noise) > (WEAKEST_DENOMINATOR * _dot(bottom, values)) ** 2
            for bottom in bottoms
        )
        return by_delta(value, members * _between(gradient, gradient, noise), weak=weak)

    def __call__(self, *figures: Figure) -> Ratio:
        """Of estimates whose noises are independent."""
        return of_independent(self, figures)


def of_independent(formula: Formula, figures: Sequence[Figure]) -> Ratio:
    """A formula of estimates whose noises are independent."""
    size = range(len(figures))
    covariance = [[figures[row].variance if row == column else 0.0 for column in size] for row in size]
    return formula.ratio([figure.value for figure in figures], formula.noise(covariance))


def by_delta(value: float, variance: float, *, weak: bool = False) -> Ratio:
    """An estimate with its interval by the delta method; without one where that cannot be trusted."""
    if not (math.isfinite(value) and math.isfinite(variance)):
        return Ratio(None, None, None, Reason.OUT_OF_RANGE)
    error = math.sqrt(max(0.0, variance))
    margin = critical_value(DEFAULT_CONFIDENCE) * error
    if weak or not math.isfinite(value + margin) or not math.isfinite(value - margin):
        return Ratio(value, error, None, Reason.INTERVAL_UNBOUNDED)
    return Ratio(value, error, (value - margin, value + margin))


def _divisor(bottom: Coefficients | None, values: Sequence[float]) -> float:
    return 1.0 if bottom is None else _dot(bottom, values)


def _dot(coefficients: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(times * value for times, value in zip(coefficients, values, strict=True) if times)


def _between(one: Sequence[float], other: Sequence[float], covariance: Covariance) -> float:
    """The covariance of two sums. `fsum` is correctly rounded, whatever the order."""
    return math.fsum(
        times * each * covariance[row][column]
        for row, times in enumerate(one)
        if times
        for column, each in enumerate(other)
        if each
    )
