"""What a key figure can be at all, and how one is shown whose noise has put it beyond.

An estimate of a ratio is the quotient of two noisy sums. Where these are small it may come out as something that no
institution can have: 0.95 orders a customer, a share of 104 %. A benchmark publishes it as it is, for who computes with
it (a mean of clipped figures would be off), and an auditor recomputes it to the last digit. People are shown what is
possible: of an unreliable figure the part of its interval that is, and of a reliable one the nearest possible value.
"""

from typing import TYPE_CHECKING

from privacy.terminal.figures import figure, is_share, with_error, without_quartile

if TYPE_CHECKING:
    from privacy.estimate.body import Cell

_AT_LEAST_ONE = ("purchase_frequency", "duration_years", "institutions_per_person")
"""Whoever is a customer has ordered; whoever is lost had been there for a year; whoever is counted goes somewhere."""


def possible(measure: str) -> tuple[float, float | None]:
    """The least and the most that a measure can be, in its own unit; None where there is no most."""
    if is_share(measure):
        return 0.0, 1.0
    return (1.0 if without_quartile(measure) in _AT_LEAST_ONE else 0.0), None


def is_possible(value: float, measure: str) -> bool:
    """Whether a measure can have a value."""
    least, most = possible(measure)
    return value >= least and (most is None or value <= most)


def told(cell: "Cell") -> str:
    """A published figure with its error for people; a dash where there is none.

    Of an unreliable one that cannot be, the interval as far as it can (`1.00 to 1.24`), and a dash where there is none.
    """
    if cell.value is None or cell.standard_error is None:
        return "–"
    value, error = float(cell.value), float(cell.standard_error)
    if is_possible(value, cell.measure):
        return with_error(value, error, cell.measure)
    if cell.status != "unreliable":
        return with_error(_nearest(value, cell.measure), error, cell.measure)
    return interval(cell) or "–"


def interval(cell: "Cell") -> str | None:
    """The possible part of a figure's interval; None where it has no interval, or nothing of it is possible."""
    if cell.low is None or cell.high is None or cell.standard_error is None:
        return None
    low, high = _nearest(float(cell.low), cell.measure), _nearest(float(cell.high), cell.measure)
    if low == high:
        return None
    error = float(cell.standard_error)
    return f"{figure(low, cell.measure, error)} to {figure(high, cell.measure, error)}"


def _nearest(value: float, measure: str) -> float:
    least, most = possible(measure)
    return max(least, value if most is None else min(most, value))
