"""Ratios of two noisy figures: the delta method's error, and Fieller's interval for weak denominators.

With n and d the estimates, r = n/d, V and W the variances of n and d, and C their covariance:

    delta method    Var(r) ≈ (V - 2 r C + r² W) / d²
    Fieller         all ρ with (n - ρ d)² <= z² (V - 2 ρ C + ρ² W): an interval where g = z² W / d² < 1

The delta method linearises 1/d, so its interval is symmetric; the truth is skewed, the more so the weaker d
is. Fieller's is exact for Gaussian noise, for n - ρ d is Gaussian with a known variance at the true ρ (and
discrete Gaussian noise is as good as Gaussian from a scale of a few units on). Where g >= 1 the denominator
is not told apart from zero, and Fieller's set is unbounded.

Sources: Fieller 1954, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16;
Cochran 1977, "Sampling Techniques", chapter 6.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import DEFAULT_CONFIDENCE, Figure, critical_value, independent_sum
from privacy.estimate.reasons import Reason

Interval: TypeAlias = tuple[float, float]

WEAK_DENOMINATOR = 0.01
"""Above this g Fieller's interval replaces the delta method's.

At 95 % that is a denominator with a relative standard error of 5 %. Below it the ends of the two differ by
at most about √g, a tenth, of the interval's half width.
"""

COVARIANCE_TOLERANCE = 1e-9
"""How far rounding may take a covariance past the product of the standard errors, relatively."""


@dataclass(frozen=True)
class Ratio:
    """A published ratio. Whatever is there is finite; what has no finite value is None, with the reason.

    value, standard_error: in the numerator's unit per the denominator's; None together.
    interval: (low, high), not clipped to what the ratio can be in truth; None where unbounded or no value.
    reason: why something is None; None where nothing is.
    """

    value: float | None
    standard_error: float | None
    interval: Interval | None
    reason: Reason | None = None


def ratio(
    numerator: Figure, denominator: Figure, covariance: float = 0.0, *, confidence: float = DEFAULT_CONFIDENCE
) -> Ratio:
    """Divide two figures whose noises have this covariance (unit: numerator's times denominator's).

    Defined for every denominator: a zero or negative one gives no value, and a reason. No correction is made
    for the small bias of a ratio, r (W/d² - C/(n d)).

    Raises InvalidFigureError for a covariance that the two variances do not allow, or a confidence outside
    (0, 1).
    """
    z = critical_value(confidence)
    _check_covariance(numerator, denominator, covariance)
    d = denominator.value
    if d <= 0:
        return _missing(Reason.DENOMINATOR_NOT_POSITIVE)
    # In units of the denominator, divided one step at a time: d² could underflow to zero where d is tiny.
    noise = _Noise(numerator.variance / d / d, covariance / d / d, denominator.variance / d / d)
    value = numerator.value / d
    variance = noise.variance_at(value)
    if not (math.isfinite(value) and math.isfinite(variance)):
        return _missing(Reason.OUT_OF_RANGE)
    standard_error = math.sqrt(max(0.0, variance))  # rounding may leave a hair below zero
    interval = noise.interval_around(value, standard_error, z)
    return Ratio(value, standard_error, interval, Reason.INTERVAL_UNBOUNDED if interval is None else None)


def share(part: Figure, rest: Figure, *, confidence: float = DEFAULT_CONFIDENCE) -> Ratio:
    """The part of a whole, part / (part + rest), where the noises of part and rest are independent.

    The whole has the part's noise in it: Cov(part, part + rest) = Var(part) + Cov(part, rest) = Var(part).

    Raises InvalidFigureError where part + rest leaves the range of a float, or for a confidence outside
    (0, 1).
    """
    return ratio(part, independent_sum(part, rest), part.variance, confidence=confidence)


@dataclass(frozen=True)
class _Noise:
    """V, C and W of the module's formulas, divided by d²."""

    numerator: float
    covariance: float
    denominator: float

    def variance_at(self, value: float) -> float:
        return self.numerator - 2 * value * self.covariance + value * value * self.denominator

    def interval_around(self, value: float, standard_error: float, z: float) -> Interval | None:
        """The delta method's interval, or Fieller's for a weak denominator; None where unbounded.

        Both are finite where the variance is: its term r² W / d² was finite, and a g that is not small keeps
        W / d² from being tiny, so that r lies far from the end of the floats.
        """
        g = z * z * self.denominator
        if g >= 1:
            return None
        if g <= WEAK_DENOMINATOR:
            return value - z * standard_error, value + z * standard_error
        return self._fieller(value, z, g)

    def _fieller(self, value: float, z: float, g: float) -> Interval:
        """Solve the quadratic in ρ; for g < 1 its discriminant is >= 0, since C² <= V W (Cauchy-Schwarz)."""
        excess = self.numerator * self.denominator - self.covariance * self.covariance
        squared = self.variance_at(value) - z * z * excess
        centre = (value - z * z * self.covariance) / (1 - g)
        margin = z * math.sqrt(max(0.0, squared)) / (1 - g)
        return centre - margin, centre + margin


def _check_covariance(numerator: Figure, denominator: Figure, covariance: float) -> None:
    largest = numerator.standard_error * denominator.standard_error
    if not abs(covariance) <= largest * (1 + COVARIANCE_TOLERANCE):  # so that NaN is refused too
        raise InvalidFigureError(
            "A covariance cannot exceed the product of the two standard errors. Check which noise the two share."
        )


def _missing(reason: Reason) -> Ratio:
    return Ratio(None, None, None, reason)
