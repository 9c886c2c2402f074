"""A published figure as it is when nothing is cut off, in the form of any other: for whoever shows it to people."""

from dataclasses import replace

from privacy.estimate.body import Cell
from privacy.estimate.figure import DEFAULT_CONFIDENCE, critical_value


def without_bounds(cell: Cell) -> Cell:
    """The figure with what bounds have cut off put back as its value, with its error and interval; else as it is.

    The ends of the interval are as exact as floats are, and none is below zero.
    """
    if cell.uncut is None or cell.uncut_error is None:
        return cell
    margin = critical_value(DEFAULT_CONFIDENCE) * float(cell.uncut_error)
    ends = max(0.0, float(cell.uncut) - margin), float(cell.uncut) + margin
    low, high = (round(end) for end in ends) if isinstance(cell.uncut, int) else map(repr, ends)
    return replace(cell, value=cell.uncut, standard_error=cell.uncut_error, low=low, high=high)
