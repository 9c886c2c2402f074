"""Exact amounts of privacy: integer micro-units, never binary floats.

Real privacy libraries refuse legal spends, or let tiny ones through, because 0.1 + 0.2 is not 0.3 in binary.
Here an amount is a whole number of millionths; where rounding must happen it is upwards, against us.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from privacy.errors import KudosError

MICRO = 1_000_000  # micro-units in one unit of ε or ρ

_DECIMAL_PLACES = 6
_LONGEST = 20  # characters; room for every amount that means anything, and none for a decimal bomb
_PATTERN = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,6}))?")


class BadAmount(KudosError):
    """Something that is not an exact, finite amount of privacy at or above zero."""

    reason = "BAD_AMOUNT"


@dataclass(frozen=True)
class _Amount:
    """A whole number of micro-units, at or above zero. ε and ρ share the arithmetic and never mix."""

    micro: int

    def __post_init__(self) -> None:
        if type(self.micro) is not int or self.micro < 0:  # bool is an int, and no amount
            raise BadAmount("An amount of privacy is a whole number of micro-units, 0 or more. Pass an integer.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The amount that an exact decimal such as "0.03" or "2" writes.

        At most six decimals, ASCII digits, no sign, no exponent, no leading zeros; nothing is rounded here.
        Raises `BadAmount` for anything else, also for a number that is not a string (0.03 in a TOML file has
        been through a float by then).
        """
        if type(text) is not str:
            raise BadAmount('Write an amount of privacy as text in quotes, such as "0.03": a float is not exact.')
        match = _PATTERN.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            raise BadAmount(
                f"{text[:_LONGEST]!r} is not an exact amount of privacy. "
                f'Write digits with at most {_DECIMAL_PLACES} decimals, such as "0.03" or "2".'
            )
        whole, decimals = match.groups(default="")
        return cls(int(whole + decimals.ljust(_DECIMAL_PLACES, "0")))

    @classmethod
    def round_up(cls, value: Fraction) -> Self:
        """The smallest amount that is not below `value`. Raises `BadAmount` below 0 and for a float."""
        if not _is_exact(value) or value < 0:
            raise BadAmount("An amount of privacy is computed as an exact fraction, 0 or more. Pass a Fraction.")
        return cls(-(-value.numerator * MICRO // value.denominator))

    def left_after(self, spent: Self) -> Self:
        """What remains of this amount once `spent` is gone: never below nothing."""
        self._same_kind(spent)
        return type(self)(max(0, self.micro - spent.micro))

    def times(self, count: int) -> Self:
        """`count` such amounts together (0 or more)."""
        return type(self)(self.micro * _count(count))

    def __add__(self, other: Self) -> Self:
        self._same_kind(other)
        return type(self)(self.micro + other.micro)

    def __str__(self) -> str:
        whole, decimals = divmod(self.micro, MICRO)
        return f"{whole}.{decimals:0{_DECIMAL_PLACES}}".rstrip("0").rstrip(".")

    def _same_kind(self, other: object) -> None:
        if type(other) is not type(self):
            raise BadAmount("ε adds to ε and ρ to ρ: there is no trade between the two.")


@dataclass(frozen=True, order=True)
class Epsilon(_Amount):
    """An amount of pure differential privacy, ε, in micro-units."""


@dataclass(frozen=True, order=True)
class Rho(_Amount):
    """An amount of zero-concentrated differential privacy, ρ, in micro-units."""


@dataclass(frozen=True)
class Spend:
    """What a release costs, in the two currencies of the policy. Everything adds; neither buys the other."""

    epsilon: Epsilon
    rho: Rho

    def __post_init__(self) -> None:
        if type(self.epsilon) is not Epsilon or type(self.rho) is not Rho:
            raise BadAmount("A spend is an Epsilon and a Rho, in that order.")

    @classmethod
    def nothing(cls) -> Self:
        """No cost at all."""
        return cls(Epsilon(0), Rho(0))

    def __str__(self) -> str:
        """Such as "ρ 0.03" or "ε 0.1 and ρ 0.009": what it has of either, and ρ 0 for nothing."""
        if not self.epsilon.micro:
            return f"ρ {self.rho}"
        return f"ε {self.epsilon}" + (f" and ρ {self.rho}" if self.rho.micro else "")

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(self.epsilon + other.epsilon, self.rho + other.rho)

    def times(self, count: int) -> "Spend":
        """`count` such spends together (0 or more)."""
        return Spend(self.epsilon.times(count), self.rho.times(count))

    def fits_in(self, cap: "Spend") -> bool:
        """Whether neither component exceeds that of `cap`. Room in one is no room in the other."""
        return self.epsilon <= cap.epsilon and self.rho <= cap.rho


def total(spends: Iterable[Spend]) -> Spend:
    """The sum of `spends`, exactly, by sequential composition; nothing for none."""
    return sum(spends, start=Spend.nothing())


def _is_exact(value: object) -> bool:
    return type(value) in (int, Fraction)


def _count(count: int) -> int:
    if type(count) is not int or count < 0:
        raise BadAmount("An amount of privacy is counted a whole number of times, 0 or more.")
    return count


def delta_text(delta: Fraction) -> str:
    """A δ as a decimal, as a policy's file has it, in all that is shown: 0.000001, and never 1e-06."""
    return f"{float(delta):.15f}".rstrip("0").rstrip(".")
