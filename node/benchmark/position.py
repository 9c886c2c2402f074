"""Where the own key figure lies among the members of a cohort, by the quartiles that its benchmark publishes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.benchmark.own import Key
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.estimate.derived import QUARTILES
from privacy.estimate.disclosure import WHOLE

_ENDS = tuple(f"_{name}" for name in QUARTILES)
"""What a key figure's name ends with where a cell is a quartile of it over the members, from the lowest."""


class Place(StrEnum):
    """Between which quartiles a figure lies. One that equals a quartile is above it."""

    LOWEST = "below the lower quartile"
    LOWER = "between the lower quartile and the middle"
    UPPER = "between the middle and the upper quartile"
    HIGHEST = "above the upper quartile"


@dataclass(frozen=True)
class Position:
    """The own figure among a cohort's members. `quartiles`: the three cells, none of them withheld or unreliable.

    `certain`: it lies outside the interval of every quartile, so that noise alone would not move it to another place.
    """

    cohort: str
    kpi: str
    own: float
    members: int
    quartiles: tuple[Cell, Cell, Cell]

    @property
    def place(self) -> Place:
        """Between which quartiles it lies."""
        return tuple(Place)[sum(self.own >= float(cell.value or 0) for cell in self.quartiles)]

    @property
    def certain(self) -> bool:
        """Whether noise alone would not move it to another place."""
        return not any(float(cell.low or 0) <= self.own <= float(cell.high or 0) for cell in self.quartiles)


def is_quartile(measure: str) -> bool:
    """Whether a cell's measure is a quartile over members, and no figure of the cohort as a whole."""
    return measure.endswith(_ENDS)


def positions(benchmark: Benchmark, own: Mapping[Key, float | None], cohorts: Sequence[str]) -> tuple[Position, ...]:
    """The own position in some cohorts, for every key figure whose three quartiles are published there."""
    return tuple(each for cohort in cohorts for each in _of_cohort(benchmark, own, cohort))


def _of_cohort(benchmark: Benchmark, own: Mapping[Key, float | None], cohort: str) -> Iterator[Position]:
    cells = {
        cell.measure: cell
        for cell in benchmark.body.cells
        if (cell.cohort, cell.table, cell.category) == (cohort, *WHOLE) and cell.status == "published"
    }
    for measure in cells:
        if not measure.endswith(_ENDS[1]):
            continue
        kpi = measure.removesuffix(_ENDS[1])
        mine = own.get((*WHOLE, kpi))
        lower, middle, upper = (cells.get(f"{kpi}{end}") for end in _ENDS)
        if mine is not None and lower is not None and middle is not None and upper is not None:
            yield Position(cohort, kpi, mine, middle.members, (lower, middle, upper))
