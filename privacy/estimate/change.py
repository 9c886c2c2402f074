"""The change of a figure from one benchmark to another, with the error that it has by itself.

The noises of two releases are drawn apart from each other, so of two windows the variances add:

    now - then                   Var = V_now + V_then
    now / then - 1               as a ratio of independent figures (`privacy.estimate.ratios`)

The interval of the difference is made of the two published ones, which of a ratio may be longer on one side: with e the
figures, l and u the ends of their intervals,

    low  = e_now - e_then - √((e_now - l_now)² + (u_then - e_then)²)
    high = e_now - e_then + √((u_now - e_now)² + (e_then - l_then)²)

Where both are symmetric that is z standard errors on either side.

Source: Zou and Donner 2008, "Construction of confidence limits about effect measures: a general approach", Statistics
in Medicine 27 (the method of variance estimates recovery, MOVER).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from privacy.estimate.body import Cell
from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import Figure
from privacy.estimate.ratios import ratio


class NoChange(StrEnum):
    """Why there is no change to tell, beside the reasons for which a figure is withheld."""

    UNRELIABLE = "UNRELIABLE"
    """The noise of one of the two figures is too large a part of it."""
    NOT_THERE = "NOT_THERE"
    """One of the two benchmarks has no such cohort, or no such figure of it."""


@dataclass(frozen=True)
class Difference:
    """A number with its standard error and the interval that holds the truth 95 times in 100, all in one unit."""

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """From one published figure to another: in the measure's unit, and as a share of the first.

    `relative` is None where the first is not above zero, or not told apart from it.
    """

    absolute: Difference
    relative: Difference | None

    @property
    def within_noise(self) -> bool:
        """Whether the noise alone may have made it: the interval of the difference holds 0."""
        return self.absolute.low <= 0 <= self.absolute.high


def change(then: Cell, now: Cell) -> Change:
    """The change between cells of two windows, both with a value and an interval.

    Raises InvalidFigureError for a cell that has none: `why_none` says so before.
    """
    first, second = _figure(then), _figure(now)
    below = math.hypot(second.value - _end(now.low), _end(then.high) - first.value)
    above = math.hypot(_end(now.high) - second.value, first.value - _end(then.low))
    apart = second.value - first.value
    error = math.hypot(first.standard_error, second.standard_error)
    return Change(Difference(apart, error, apart - below, apart + above), _relative(first, second))


def why_none(then: Cell | None, now: Cell | None) -> str | None:
    """Why there is no change between two cells: the reason for which one is withheld, or one of NoChange; else None."""
    for cell in (then, now):
        if cell is None:
            return NoChange.NOT_THERE
        if cell.status == "suppressed":
            return str(cell.reason)
    unreliable = any(cell is not None and cell.status == "unreliable" for cell in (then, now))
    return NoChange.UNRELIABLE if unreliable else None


def _relative(first: Figure, second: Figure) -> Difference | None:
    found = ratio(second, first)
    if found.value is None or found.standard_error is None or found.interval is None:
        return None
    low, high = found.interval
    return Difference(found.value - 1, found.standard_error, low - 1, high - 1)


def _figure(cell: Cell) -> Figure:
    if cell.value is None or cell.standard_error is None:
        raise InvalidFigureError("There is no change of a figure that is withheld. Take published ones.")
    return Figure(float(cell.value), float(cell.standard_error) ** 2)


def _end(end: int | str | None) -> float:
    if end is None:
        raise InvalidFigureError("There is no change of a figure whose interval has no end. Take published ones.")
    return float(end)
