"""Numbers worked out of a release's cells, with how each hangs on them: forward differentiation over several columns.

A column is one sum of releases (a cohort). Nothing here but additions, subtractions, multiplications and divisions,
element by element, so two machines agree to the last bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Told:
    """A number of each column.

    value: float64, shape (columns,). slopes: by cell of the release, float64 of that shape: by how much the number
    grows with the cell.
    """

    value: Floats
    slopes: Mapping[int, Floats]

    @staticmethod
    def sum_of(cells: Iterable[int], figures: Floats) -> "Told":
        """Some cells added up. figures: float64, shape (cells of the study, columns)."""
        total, one = np.zeros(figures.shape[1]), np.ones(figures.shape[1])
        slopes: dict[int, Floats] = {}
        for cell in cells:
            total = total + figures[cell]
            slopes[cell] = one
        return Told(total, slopes)

    def __add__(self, other: "Told") -> "Told":
        return Told(self.value + other.value, _sum(self.slopes, other.slopes))

    def __sub__(self, other: "Told") -> "Told":
        return Told(self.value - other.value, _sum(self.slopes, _scaled(other.slopes, -np.ones_like(self.value))))

    def __mul__(self, other: "Told") -> "Told":
        slopes = _sum(_scaled(self.slopes, other.value), _scaled(other.slopes, self.value))
        return Told(self.value * other.value, slopes)

    def __truediv__(self, other: "Told") -> "Told":
        """Where the divisor is not above zero it is taken for 1: whoever divides asks `above_zero` first."""
        divisor = np.where(other.value > 0, other.value, 1.0)
        quotient = self.value / divisor
        return Told(quotient, _sum(_scaled(self.slopes, 1 / divisor), _scaled(other.slopes, -quotient / divisor)))

    def where(self, chosen: Bools, other: "Told") -> "Told":
        """Itself in the chosen columns, the other elsewhere."""
        mine = _scaled(self.slopes, np.where(chosen, 1.0, 0.0))
        theirs = _scaled(other.slopes, np.where(chosen, 0.0, 1.0))
        return Told(np.where(chosen, self.value, other.value), _sum(mine, theirs))

    def at_least_one(self) -> "Told":
        """One in the columns where it is less."""
        return self.where(np.asarray(self.value >= 1), Told(np.ones_like(self.value), {}))

    @property
    def above_zero(self) -> Bools:
        """By column."""
        return np.asarray(self.value > 0)


def _scaled(slopes: Mapping[int, Floats], times: Floats) -> dict[int, Floats]:
    return {cell: slope * times for cell, slope in slopes.items()}


def _sum(one: Mapping[int, Floats], other: Mapping[int, Floats]) -> dict[int, Floats]:
    found = dict(one)
    for cell, slope in other.items():
        found[cell] = found[cell] + slope if cell in found else slope
    return found
