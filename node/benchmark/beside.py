"""Own and cohort side by side: which cohorts are the own ones, and whether a difference is more than noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from node.benchmark.own import Key
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import SUM_NAMES, Cell
from privacy.estimate.clipping.shown import without_bounds
from privacy.rounds.announcement import Seat

_TWO_SIDED = 1.96
"""So many standard errors are 95 % of a normal distribution."""

Verdict = Literal["above", "below", "within noise", "not shown"]


@dataclass(frozen=True)
class Beside:
    """One figure of a cohort with the own one; `own` is None where there is none."""

    cell: Cell
    own: float | None

    @cached_property
    def shown(self) -> Cell:
        """The cohort's figure with what bounds cut off put back where the benchmark does so.

        The own figure is without bounds: beside one within them every own one would be too high.
        """
        return without_bounds(self.cell)

    @property
    def interval(self) -> tuple[float, float] | None:
        """What holds the cohort's truth 95 times in 100, as far as noise goes."""
        if self.shown.low is None or self.shown.high is None:
            return None
        return float(self.shown.low), float(self.shown.high)

    @property
    def verdict(self) -> Verdict:
        """Whether the own figure lies outside the interval that holds the cohort's truth 95 times in 100.

        For key figures; a sum of many and one's own are no two things to compare.
        """
        if self.own is None or self.interval is None or self.cell.measure in SUM_NAMES.values():
            return "not shown"
        low, high = self.interval
        if self.own > high:
            return "above"
        return "below" if self.own < low else "within noise"

    @property
    def contradicts_error(self) -> bool:
        """Whether the verdict is another than the figure and its standard error would give by themselves."""
        if self.verdict == "not shown" or self.own is None or self.shown.value is None:
            return False
        apart = abs(self.own - float(self.shown.value))
        return (self.verdict != "within noise") != (apart > _TWO_SIDED * float(self.shown.standard_error or 0))


def own_cohorts(seat: Seat) -> tuple[str, ...]:
    """The cohorts that a member is in, widest first."""
    names = ["network", f"industry:{seat.industry}", f"county:{seat.county}"]
    names.append(f"industry-county:{seat.industry}:{seat.county}")
    if seat.size_class:
        names.append(f"size:{seat.size_class}")
    return tuple(names)


def beside(
    benchmark: Benchmark, own: dict[Key, float | None], cohorts: Sequence[str], table: str | None
) -> Iterator[Beside]:
    """The cells of some cohorts, of one table where one is named, in the benchmark's order."""
    for cell in benchmark.body.cells:
        if cell.cohort in cohorts and table in (None, cell.table):
            yield Beside(cell, own.get((cell.table, cell.category, cell.measure)))
