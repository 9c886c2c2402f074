"""How much noise a cost in ρ buys, and what a given noise costs: exact arithmetic, no data and no drawing.

Every scale is a binary fraction that binary64 holds exactly, for the library that draws takes a float: what
the ledger says, what the cost is computed from and what is drawn are then one number.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import ClassVar

from privacy.budget.amounts import MICRO, Rho
from privacy.errors import KudosError

SMALLEST_SCALE = Fraction(1, 2**10)  # below it there is no noise at all, at whatever ρ
LARGEST_SCALE = Fraction(2**53)  # a thousand of these fit between any allowed value and the ends of int64

_GRID_BITS = 20  # a calibrated scale is n·2^e with 2^20 <= n <= 2^21: steps of at most one millionth of it
_LONGEST = 40  # characters; 53 bits over at most 2^62
_PATTERN = re.compile(r"[1-9][0-9]*(?:/[1-9][0-9]*)?")


class BadMechanism(KudosError):
    """Noise that cannot be had: a scale or a sensitivity out of range, or no ρ to pay with."""

    reason = "BAD_MECHANISM"


@dataclass(frozen=True)
class DiscreteGaussian:
    """Adds discrete Gaussian noise to every cell of a vector of integers: P(x) ∝ exp(−x² / (2·scale²)).

    Domain: int64 vectors of any length. Metric: L2. Measure: zero-concentrated divergence.

    Privacy function: ρ(d) = d² / (2·scale²)
        where d² is the squared L2 sensitivity, an integer (d itself need not be one),
        and scale is the noise parameter σ, in the unit of the data: an exact binary fraction.

    Source: Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", Theorem 4 and its
    multivariate form in the same section; drawn by OpenDP. Raises `BadMechanism` for a scale that is not a
    Fraction, that binary64 cannot hold, or that is outside `SMALLEST_SCALE`..`LARGEST_SCALE`.
    """

    name: ClassVar[str] = "discrete_gaussian"

    scale: Fraction

    def __post_init__(self) -> None:
        if type(self.scale) is not Fraction or not SMALLEST_SCALE <= self.scale <= LARGEST_SCALE:
            raise BadMechanism(f"A scale of noise is a Fraction from {SMALLEST_SCALE} to {LARGEST_SCALE}.")
        if Fraction(float(self.scale)) != self.scale:
            raise BadMechanism(f"Scale {self.scale} is no binary64 number. Use one from `calibrate`, or such as 83/2.")

    def cost(self, squared_sensitivity: int) -> Rho:
        """The ρ of one release, from the integer Δ₂² of its vector; rounded up to micro-units."""
        return Rho.round_up(Fraction(_squared(squared_sensitivity), 2) / self.scale**2)

    @property
    def variance(self) -> Fraction:
        """The variance of the noise on one cell, as scale²: never below the true one.

        The discrete Gaussian's is smaller, from scale 1 on by less than one part in 10⁶ (Canonne, Kamath,
        Steinke 2020, on its utility).
        """
        return self.scale**2

    def parameters(self) -> dict[str, str]:
        """What a ledger leaf says of this mechanism: its scale as an exact string, "41" or "83/2"."""
        return {"scale": str(self.scale)}


def parse_scale(text: str) -> Fraction:
    """The scale that a ledger leaf writes, in the one spelling that `parameters` gives it.

    Raises `BadMechanism` for anything else ("82/2", "41.5", "1e3"): one number has one spelling.
    """
    if type(text) is str and len(text) <= _LONGEST and _PATTERN.fullmatch(text):
        scale = Fraction(text)
        if str(scale) == text:
            return scale
    raise BadMechanism('A scale of noise is written as a whole number or a reduced fraction, such as "41" or "83/2".')


def calibrate(squared_sensitivity: int, rho: Rho) -> DiscreteGaussian:
    """The least noise that costs at most `rho`, from the integer Δ₂² of the vector that gets it.

    Its scale is the smallest on a grid of binary fractions at most 2^-20 of itself apart (and not below
    `SMALLEST_SCALE`), found by integer arithmetic alone. Raises `BadMechanism` where no scale up to
    `LARGEST_SCALE` is cheap enough, as for ρ 0 with a sensitivity above 0.
    """
    if _squared(squared_sensitivity) == 0:
        return DiscreteGaussian(SMALLEST_SCALE)
    if rho == Rho(0):
        raise BadMechanism(
            "A table that customers can change cannot be released for ρ 0. Give it a part of the budget."
        )
    # Rounded up to whole micro-units a cost is within ρ, itself a whole number, just when the exact cost is.
    least_square = Fraction(squared_sensitivity * MICRO, 2 * rho.micro)
    scale = max(SMALLEST_SCALE, root_on_grid(least_square))
    if scale > LARGEST_SCALE:
        raise BadMechanism(f"ρ {rho} is too little for this sensitivity. Give the table more, or lower its bounds.")
    return DiscreteGaussian(scale)


def root_on_grid(square: Fraction) -> Fraction:
    """The smallest grid number, n·2^e with 2^20 <= n <= 2^21, whose square is not below `square` (> 0)."""
    exponent = _floor_log2(square) // 2 - _GRID_BITS
    unit = Fraction(2) ** exponent
    in_units = square / unit**2  # from 4^20 up to 4^21
    whole = -(-in_units.numerator // in_units.denominator)
    return (isqrt(whole - 1) + 1) * unit


def _floor_log2(value: Fraction) -> int:
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess if Fraction(2) ** guess <= value else guess - 1


def _squared(sensitivity: int) -> int:
    if type(sensitivity) is not int or sensitivity < 0:
        raise BadMechanism("A squared sensitivity is a whole number, 0 or more. Pass a Python integer.")
    return sensitivity
