"""Division as the own figures mean it, and rounding to a whole number, once and at the very end."""

from fractions import Fraction
from math import floor


def ratio(part: int, whole: int) -> float | None:
    """A part of a whole; None where the whole is zero, or below it for all that was returned."""
    return part / whole if whole > 0 else None


def exact(part: int, whole: int) -> Fraction | None:
    """The same as a fraction, for what is computed with further."""
    return Fraction(part, whole) if whole > 0 else None


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return floor(value + Fraction(1, 2))


def ore(value: Fraction | None) -> int | None:
    """An amount rounded to whole øre."""
    return None if value is None else half_up(value)


def number(value: Fraction | None) -> float | None:
    """A fraction as programs read it."""
    return None if value is None else float(value)
