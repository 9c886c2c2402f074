"""The expected error of every figure of a study over members of given sizes, and the budget of a year of studies.

The noise is what a benchmark would publish, for it is no guess: the study's own scales, after the same least squares
(`privacy.estimate.least_squares`), added up over the members. What it is relative to are the cells of typical
institutions (`privacy.planning.institution`), which are an assumption. What bounds cut off is not in it.

Of what would be withheld one thing is foretold: the categories that the largest member dominates by its size, over all
members, were everybody's customers divided alike. What a member dominates otherwise nobody knows before.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

import numpy as np

from privacy.budget.amounts import Spend, total
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES
from privacy.estimate.derived import is_nothing
from privacy.estimate.disclosure import Category, dominated
from privacy.estimate.least_squares import projection
from privacy.planning.errors import BadPlan
from privacy.planning.institution import cells
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.studies.cross_use_price import most
from privacy.studies.price import price
from privacy.studies.shelf import AnyStudy
from privacy.studies.study import Study

LARGEST_SIZE = 10_000_000


@dataclass(frozen=True)
class PlannedCell:
    """One figure. expected: its size over all members, revenue in øre. error: one standard error, relative to it."""

    category: str
    expected: float
    error: float


@dataclass(frozen=True)
class PlannedTable:
    """A table of one measure, without what is nothing by definition. unreliable: the categories beyond the limit."""

    table: str
    measure: Measure
    cells: tuple[PlannedCell, ...]
    unreliable: tuple[str, ...]

    @property
    def typical(self) -> float:
        """The median of the relative errors."""
        return median(cell.error for cell in self.cells)

    @property
    def worst(self) -> PlannedCell:
        """The category with the largest error."""
        return max(self.cells, key=lambda cell: cell.error)


@dataclass(frozen=True)
class PlannedQuantile:
    """A quantile of one member's customers.

    rank_error: the standard error of its rank at the smallest member, as a share of the customers; what candidates
    that are some way apart add is not in it.
    """

    measure: Measure
    at: Fraction
    rank_error: float


@dataclass(frozen=True)
class Plan:
    """What a study gives, and what a release costs a member."""

    study: Study
    members: tuple[int, ...]
    tables: tuple[PlannedTable, ...]
    quantiles: tuple[PlannedQuantile, ...]
    cost: Spend
    dominated: tuple[Category, ...]
    """Categories of the network that would be withheld, for one member may be more of them than the study allows."""

    @property
    def categories(self) -> int:
        """How many there are in all tables."""
        return sum(table.cells for table in self.study.tables)

    @property
    def figures(self) -> int:
        """How many a release tells, as everywhere: the cells of its tables, and its quantiles."""
        return self.study.figures

    @property
    def nothing(self) -> int:
        """How many of them are nothing by definition, such as what lost customers bought: no table here has these."""
        return self.study.cells - sum(len(table.cells) for table in self.tables)

    @property
    def unreliable(self) -> int:
        """How many of them would be marked as such."""
        return sum(len(table.unreliable) for table in self.tables)


def plan(study: Study, members: Sequence[int]) -> Plan:
    """What a round of `study` would give over members with so many customers in twelve months each.

    Raises BadPlan for no members, for more than a round may ask, and for a size that is none.
    """
    if not 1 <= len(members) <= LARGEST_ROSTER:
        raise BadPlan(f"A round has 1 to {LARGEST_ROSTER} members; these are {len(members)}.")
    if any(not 1 <= size <= LARGEST_SIZE for size in members):
        raise BadPlan("A member has 1 to ten million customers in twelve months.")
    tables = tuple(_tables(study, sum(members), len(members))) if study.parts else ()
    quantiles = tuple(_quantiles(study, min(members)))
    return Plan(study, tuple(members), tables, quantiles, price(study).spend, _dominated(study, members))


def of_year(studies: Iterable[tuple[AnyStudy, int]]) -> Spend:
    """What several studies cost a member together, each as often as is said beside it.

    Of cross-use the sketch is counted with every one: it is paid once where they share it.
    """
    spends = []
    for study, times in studies:
        one = price(study).spend if isinstance(study, Study) else most(study)
        spends.append(one.times(times))
    return total(spends)


def _tables(study: Study, customers: int, members: int) -> Iterable[PlannedTable]:
    variances, start = members * projection(study).variances, 0
    limit = study.disclosure.unreliable_percent / 100
    for part in study.parts:
        table = part.table
        noise = np.sqrt(variances[start : start + table.cells]).tolist()
        start += table.cells
        sizes = cells(table, part.measure, customers, study.period).tolist()
        found = tuple(
            PlannedCell(category, size, error / size if size > 0 else math.inf)
            for category, size, error in zip(table.dimension.categories, sizes, noise, strict=True)
            if not is_nothing(table.name, category, part.measure)
        )
        yield PlannedTable(
            table.name, part.measure, found, tuple(cell.category for cell in found if cell.error > limit)
        )


def _dominated(study: Study, members: Sequence[int]) -> tuple[Category, ...]:
    """The categories of all members together that one dominates, were each one's customers divided alike."""
    if not study.parts:
        return ()
    variances, start = projection(study).variances, 0
    found: dict[Category, None] = {}
    for part in study.parts:
        table = part.table
        noise = variances[start : start + table.cells]
        start += table.cells
        of_one = cells(table, part.measure, 1, study.period)
        values = np.rint(np.outer(np.array(members, dtype=np.float64), of_one)).astype(np.int64)
        by_one = dominated(values, noise, study.disclosure.dominance_percent)
        for category, hidden in zip(table.dimension.categories, by_one.tolist(), strict=True):
            if hidden and not is_nothing(table.name, category, part.measure):
                found[table.name, category] = None
    return tuple(found)


def _quantiles(study: Study, smallest: int) -> Iterable[PlannedQuantile]:
    """How far each is off at the smallest member."""
    active = float(cells(TABLES["totals"], Measure.CUSTOMERS, smallest, study.period)[0])
    for priced in price(study).quantiles:
        yield PlannedQuantile(priced.part.measure, priced.part.at, priced.mechanism.rank_error / active)
