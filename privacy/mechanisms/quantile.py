"""A quantile of what each customer has: how much a cost in ρ buys, and what it costs. Exact arithmetic, no drawing."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from privacy.budget.amounts import MICRO, Rho
from privacy.mechanisms.calibration import LARGEST_SCALE, SMALLEST_SCALE, BadMechanism, root_on_grid

LARGEST_NUMBER_OF_CANDIDATES = 10_000
"""Every answer that is drawn may look at all of them; the grids of the catalogue have some hundreds."""

_PARTS = 1000
"""A quantile is a whole number of thousandths: what OpenDP, which counts in ten thousandths, takes as it is."""

_OPENDP_PARTS = 10_000
"""OpenDP multiplies the scale by this, or by a power of two below it, in binary64."""


@dataclass(frozen=True)
class PrivateQuantile:
    """Chooses one of public candidates that rise: about so much of the data, `alpha`, lies below it.

    Domain: a number for each customer, of which only those candidates count that are not above it; so an int64 vector
    of how many customers lie below the first candidate, from each up to the next, and from the last on. Metric:
    symmetric distance, the number of customers added or removed. Measure: zero-concentrated divergence.

    Candidate c is chosen with P(c) ∝ exp(−|(1−α)·b(c) − α·a(c)| / scale)
        where b(c) customers lie below it, and a(c) do not,
        α is the quantile, between 0 and 1 in whole thousandths,
        and scale is in customers: an exact binary fraction.

    Privacy function: ρ(d) = (2·d·max(α, 1−α) / scale)² / 8
        for d customers move every score by d·max(α, 1−α) at most, so two of them against each other by twice that: the
        range of the mechanism in the numerator. Those of candidates that lie on either side of the quantile do move so.
        Of no customers at all every candidate is as likely as every other.

    Source: the exponential mechanism (McSherry and Talwar 2007) with the scores of Smith 2011, "Privacy-Preserving
    Statistical Estimation with Optimal Convergence Rates"; ρ from its range: Cesar and Rogers 2021, "Bounding,
    Concentrating, and Truncating". Drawn by OpenDP, `make_private_quantile`. Raises `BadMechanism` for an
    `alpha` or a `scale` that is no Fraction or out of range, and for a scale that binary64 does not hold ten thousand
    times over, as OpenDP multiplies it.
    """

    name: ClassVar[str] = "private_quantile"

    alpha: Fraction
    candidates: int
    scale: Fraction

    def __post_init__(self) -> None:
        _check_alpha(self.alpha)
        if type(self.candidates) is not int or not 1 <= self.candidates <= LARGEST_NUMBER_OF_CANDIDATES:
            raise BadMechanism(f"A quantile is chosen among 1 to {LARGEST_NUMBER_OF_CANDIDATES} candidates.")
        if type(self.scale) is not Fraction or not SMALLEST_SCALE <= self.scale <= LARGEST_SCALE:
            raise BadMechanism(f"A scale of noise is a Fraction from {SMALLEST_SCALE} to {LARGEST_SCALE}.")
        if any(Fraction(float(each)) != each for each in (self.scale, self.scale * _OPENDP_PARTS)):
            raise BadMechanism(f"Scale {self.scale} is too long for binary64. Use one from `quantile_for`, or 83/2.")

    @property
    def range(self) -> Fraction:
        """The largest logarithm, less the smallest, of how one customer changes the candidates' probabilities."""
        return 2 * _reach(self.alpha) / self.scale

    @property
    def rank_error(self) -> float:
        """The standard error of the rank of what is told, in customers, where candidates lie close.

        (1−α)·b(c) − α·a(c) is b(c) less the rank that was asked for: P(c) falls off with it as a two-sided exponential
        does, to either side.
        """
        return two_sided_error(self.scale)

    def cost(self) -> Rho:
        """The ρ of one answer, rounded up to micro-units."""
        return Rho.round_up(self.range**2 / 8)


def two_sided_error(scale: Fraction) -> float:
    """The standard deviation of two-sided exponential (Laplace) noise of a scale: √2 of it.

    A standard deviation, and no multiple with a rounder share, for that is what every other noise is told by: so errors
    of quantiles and of cells compare, and add in squares. 76 of 100 draws lie within it, and 94 within twice that. Of
    discrete noise it is less by a part in 24·scale².
    """
    return math.sqrt(2) * float(scale)


def quantile_for(alpha: Fraction, candidates: int, rho: Rho) -> PrivateQuantile:
    """The quantile `alpha` among so many candidates, with the least noise that costs at most `rho`.

    Its scale is the smallest on a grid of binary fractions at most 2^-20 of itself apart (and not below
    `SMALLEST_SCALE`), found by integer arithmetic alone. Raises `BadMechanism` where no scale up to `LARGEST_SCALE` is
    cheap enough, as for ρ 0.
    """
    _check_alpha(alpha)
    if rho == Rho(0):
        raise BadMechanism("A quantile cannot be released for ρ 0. Give it a part of the budget.")
    # Rounded up to whole micro-units a cost is within ρ, itself a whole number, just when the exact cost is. A scale on
    # the grid has 21 bits, so that ten thousand of it have 35.
    scale = max(SMALLEST_SCALE, root_on_grid(_reach(alpha) ** 2 * MICRO / (2 * rho.micro)))
    if scale > LARGEST_SCALE:
        raise BadMechanism(f"ρ {rho} is too little for a quantile. Give it more.")
    return PrivateQuantile(alpha, candidates, scale)


def parse_quantile(text: str) -> Fraction:
    """The quantile that `quantile_text` writes so. Raises `BadMechanism` for any other spelling, and out of range."""
    if type(text) is str and len(text) <= len("0.999") and text.startswith("0.") and text[2:].isdecimal():
        alpha = Fraction(text) if text.isascii() else Fraction(0)
        if 0 < alpha < 1 and quantile_text(alpha) == text:
            return alpha
    raise BadMechanism('A quantile is written as a decimal between 0 and 1, such as "0.95".')


def quantile_text(alpha: Fraction) -> str:
    """A quantile as an exact decimal with no zero at its end, such as "0.95". Raises `BadMechanism`."""
    _check_alpha(alpha)
    return f"0.{int(alpha * _PARTS):03d}".rstrip("0")


def _check_alpha(alpha: Fraction) -> None:
    if type(alpha) is not Fraction or not 0 < alpha < 1 or (alpha * _PARTS).denominator != 1:
        raise BadMechanism("A quantile is a Fraction between 0 and 1 in whole thousandths, such as 19/20.")


def _reach(alpha: Fraction) -> Fraction:
    """By how much of itself a customer moves a score at the most."""
    return max(alpha, 1 - alpha)
