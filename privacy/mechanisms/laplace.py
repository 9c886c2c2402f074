"""Discrete Laplace noise: how much a cost in ε buys, and what a given noise costs. Exact arithmetic, no drawing."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, exp, expm1, frexp
from typing import ClassVar

from privacy.budget.amounts import MICRO, Epsilon
from privacy.mechanisms.calibration import LARGEST_SCALE, SMALLEST_SCALE, BadMechanism

_GRID_BITS = 20  # a calibrated scale is n·2^e with 2^20 <= n <= 2^21: steps of at most one millionth of it


@dataclass(frozen=True)
class DiscreteLaplace:
    """Adds discrete Laplace noise to every cell of a vector of integers: P(x) ∝ exp(−|x| / scale).

    Domain: int64 vectors of any length. Metric: L1. Measure: pure differential privacy.

    Privacy function: ε(d) = d / scale
        where d is the L1 sensitivity, an integer,
        and scale is the noise parameter s, in the unit of the data: an exact binary fraction.

    Source: Ghosh, Roughgarden, Sundararajan 2012, "Universally Utility-maximizing Privacy Mechanisms" (there the
    geometric mechanism, with α = e^(−1/s)); drawn by OpenDP with the exact sampler of Canonne, Kamath, Steinke 2020,
    "The Discrete Gaussian for Differential Privacy", Algorithm 2. Raises `BadMechanism` for a scale that is not a
    Fraction, that binary64 cannot hold, or that is outside `SMALLEST_SCALE`..`LARGEST_SCALE`.
    """

    name: ClassVar[str] = "discrete_laplace"

    scale: Fraction

    def __post_init__(self) -> None:
        if type(self.scale) is not Fraction or not SMALLEST_SCALE <= self.scale <= LARGEST_SCALE:
            raise BadMechanism(f"A scale of noise is a Fraction from {SMALLEST_SCALE} to {LARGEST_SCALE}.")
        if Fraction(float(self.scale)) != self.scale:
            raise BadMechanism(
                f"Scale {self.scale} is no binary64 number. Use one from `laplace_for`, or such as 21/2."
            )

    def cost(self, l1: int) -> Epsilon:
        """The ε of one release, from the integer Δ₁ of its vector; rounded up to micro-units."""
        return Epsilon.round_up(Fraction(_sensitivity(l1)) / self.scale)

    @property
    def variance(self) -> float:
        """The variance of the noise on one cell: 2·e^(1/s) / (e^(1/s) − 1)².

        A little less than the 2·s² of the continuous distribution, by one part in 12·s²; 0.0 at the smallest scales.
        """
        decay = 1 / float(self.scale)
        return 2 * exp(-decay) / expm1(-decay) ** 2  # the same, divided twice by e^(1/s), which may overflow

    def parameters(self) -> dict[str, str]:
        """What a ledger leaf says of this mechanism: its scale as an exact string, "10" or "21/2"."""
        return {"scale": str(self.scale)}


def laplace_for(l1: int, epsilon: Epsilon) -> DiscreteLaplace:
    """The least noise that costs at most `epsilon`, from the integer Δ₁ of the vector that gets it.

    Its scale is the smallest on a grid of binary fractions at most 2^-20 of itself apart (and not below
    `SMALLEST_SCALE`). Raises `BadMechanism` where no scale up to `LARGEST_SCALE` is cheap enough, as for ε 0 with a
    sensitivity above 0.
    """
    if _sensitivity(l1) == 0:
        return DiscreteLaplace(SMALLEST_SCALE)
    # Rounded up to whole micro-units a cost is within ε, itself a whole number, just when the exact cost is.
    if epsilon == Epsilon(0) or Fraction(l1 * MICRO, epsilon.micro) > LARGEST_SCALE:
        raise BadMechanism(f"ε {epsilon} is too little for this sensitivity. Give the table more, or lower its bounds.")
    return DiscreteLaplace(_on_grid(max(SMALLEST_SCALE, Fraction(l1 * MICRO, epsilon.micro))))


def _on_grid(least: Fraction) -> Fraction:
    """The smallest grid number that is not below `least` (> 0).

    The float only says between which powers of two it is: just below one it may say that one, and the answer is it.
    """
    unit = Fraction(2) ** (frexp(least)[1] - 1 - _GRID_BITS)
    return ceil(least / unit) * unit


def _sensitivity(l1: int) -> int:
    if type(l1) is not int or l1 < 0:
        raise BadMechanism("An L1 sensitivity is a whole number, 0 or more. Pass a Python integer.")
    return l1
