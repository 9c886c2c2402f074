"""What one cohort's figures come to with what bounds have cut off put back: a column of `Uncut`."""

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.estimate.clipping.uncut import Uncut
from privacy.estimate.figure import Figure
from privacy.estimate.formulas import Formula
from privacy.estimate.ratios import Ratio


@dataclass(frozen=True, eq=False)
class UncutColumn:
    """One column, a sum over so many members."""

    uncut: Uncut
    column: int
    members: int

    def sum(self, cell: int) -> Figure | None:
        """The figure of a cell; None where nothing was put back."""
        if not self.uncut.changed[cell, self.column]:
            return None
        variance = float(self.uncut.covariance(cell, cell)[self.column])
        return Figure(float(self.uncut.values[cell, self.column]), self.members * max(0.0, variance))

    def ratio(self, rule: Formula, cells: Sequence[int]) -> Ratio | None:
        """A key figure of some cells; None where nothing was put back in any, or not enough is known of one."""
        at = list(cells)
        if not self.uncut.complete[at, self.column].all() or not self.uncut.changed[at, self.column].any():
            return None
        covariance = [[float(self.uncut.covariance(one, other)[self.column]) for other in at] for one in at]
        return rule.ratio(self.uncut.values[at, self.column].tolist(), rule.noise(covariance), self.members)
