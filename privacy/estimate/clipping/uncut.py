"""The figures of a study with what its bounds have cut off put back, and how they hang on the release's cells.

Each is its own cell times a slope, and numbers that many share (`Told`): x' = a x + Σ t T. So the covariances of a few
hundred figures take the covariances of the cells with each shared number once, and not the product of all with all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from privacy.estimate.clipping.told import Bools, Floats, Told
from privacy.estimate.least_squares import Projection


@dataclass(frozen=True, eq=False)
class Uncut:
    """What is put back, by cell of the release and column.

    figures: float64, shape (cells, columns), the estimates within the bounds. values: of that shape, what they are
    without; the same where nothing is put back. changed: bool, of that shape. complete: bool, of that shape: whether a
    figure is within bounds that are corrected for, or none touches it. own: how far a value grows with its own cell.
    shares: by cell, the numbers that it takes of `shared`, by their index, and how far it grows with each.
    """

    projection: Projection
    figures: Floats
    values: Floats
    changed: Bools
    complete: Bools
    own: Floats
    shared: Sequence[Told]
    shares: dict[int, tuple[tuple[int, Floats], ...]] = field(default_factory=dict)

    def covariance(self, one: int, other: int) -> Floats:
        """Of one member's two figures, by column: to first order, where what is divided by is known well."""
        mine, theirs = self.shares.get(one, ()), self.shares.get(other, ())
        total = self.own[one] * self.own[other] * self.projection.covariance(one, other)
        for index, times in theirs:
            total = total + self.own[one] * times * self._with_cells[index][one]
        for index, times in mine:
            total = total + self.own[other] * times * self._with_cells[index][other]
            for second, again in theirs:
                total = total + times * again * self._with_each_other[index, second]
        return np.asarray(total)

    @cached_property
    def _with_cells(self) -> list[Floats]:
        """Of each shared number the covariance with every cell, shape (cells, columns)."""
        found = []
        for each in self.shared:
            total = np.zeros_like(self.figures)
            for cell, slope in each.slopes.items():
                if self.projection.measure_of[cell] < 0:  # zero by definition, without noise
                    continue
                block = self.projection.blocks[self.projection.measure_of[cell]]
                row = block.covariance[self.projection.place_of[cell]]
                total[block.cells] = total[block.cells] + row[:, None] * slope
            found.append(total)
        return found

    @cached_property
    def _with_each_other(self) -> dict[tuple[int, int], Floats]:
        found = {}
        for first, its in enumerate(self._with_cells):
            for second, each in enumerate(self.shared):
                total = np.zeros(self.figures.shape[1])
                for cell, slope in each.slopes.items():
                    total = total + slope * its[cell]
                found[first, second] = total
        return found
