"""How figures of cross-use are written: what is rounded to what, their intervals, and what is mostly noise.

An overlap is a sum over releases, divided by constants: it is rounded to whole customers. What comes from the solver
(people, shares, institutions per person) and its errors are rounded to SIGNIFICANT digits first: two machines that
differ in the last bits of a logarithm or in the order of a sum then write the same digits.
"""

import math
from dataclasses import dataclass

from privacy.catalogue.measures import Measure
from privacy.estimate.body import ERROR_DECIMALS, SUM_NAMES, Cell, Status
from privacy.estimate.derived import CROSS_USE_DECIMALS
from privacy.estimate.disclosure import relative_error_exceeds
from privacy.estimate.figure import DEFAULT_CONFIDENCE, critical_value
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published

SIGNIFICANT = 4
CUSTOMERS = SUM_NAMES[Measure.CUSTOMERS]
"""What an overlap counts."""


def significant(value: float, digits: int = SIGNIFICANT) -> float:
    """A number with so many significant digits, half to even; infinities and NaN as they are."""
    return float(f"{value:.{digits - 1}e}") if math.isfinite(value) else value


@dataclass(frozen=True)
class Writer:
    """Writes the cells of one cohort: its name, its number of members, and the study's two limits in percent."""

    cohort: str
    members: int
    unreliable_percent: int
    noise_percent: int

    def overlap(self, table: str, category: str, value: float, variance: float, most: float) -> Cell:
        """A number of customers. The interval is made before all three are brought between 0 and `most`."""
        error = math.sqrt(variance)
        margin = critical_value(DEFAULT_CONFIDENCE) * error
        if why := self._noise(value, error):
            return self.withheld(table, category, CUSTOMERS, why)
        low, whole, high = (
            int(published(min(max(each, 0.0), most), 0)) for each in (value - margin, value, value + margin)
        )
        return Cell(
            self.cohort,
            table,
            category,
            CUSTOMERS,
            whole,
            published(error, ERROR_DECIMALS),
            low,
            high,
            self.members,
            self._status(value, error),
            None,
        )

    def solved(self, where: tuple[str, str, str], value: float, error: float, bounds: tuple[float, float]) -> Cell:
        """A figure from the solver. where: table, category and measure. bounds: between which it can be."""
        table, category, measure = where
        if why := self._noise(value, error):
            return self.withheld(table, category, measure, why)
        margin = critical_value(DEFAULT_CONFIDENCE) * error
        decimals = CROSS_USE_DECIMALS[measure]
        low, middle, high = (
            published(significant(min(max(each, bounds[0]), bounds[1])), decimals)
            for each in (value - margin, value, value + margin)
        )
        return Cell(
            self.cohort,
            table,
            category,
            measure,
            middle,
            published(significant(error), decimals + ERROR_DECIMALS),
            low,
            high,
            self.members,
            self._status(value, error),
            None,
        )

    def withheld(self, table: str, category: str, measure: str, why: Reason) -> Cell:
        """A cell that shows nothing but why."""
        return Cell(self.cohort, table, category, measure, None, None, None, None, self.members, "suppressed", why)

    def _noise(self, value: float, error: float) -> Reason | None:
        beyond = not math.isfinite(error) or value <= 0 or relative_error_exceeds(value, error, self.noise_percent)
        return Reason.MOSTLY_NOISE if beyond else None

    def _status(self, value: float, error: float) -> Status:
        return "unreliable" if relative_error_exceeds(value, error, self.unreliable_percent) else "published"
