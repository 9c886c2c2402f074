"""The cells of one cohort: its sums with their errors, the key figures that follow, and nothing of what is withheld."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import ERROR_DECIMALS, SUM_NAMES, Cell
from privacy.estimate.cohorts import Cohort
from privacy.estimate.derived import DECIMALS, FREE, NOTHING, Derived, Source, derived
from privacy.estimate.disclosure import Category, relative_error_exceeds
from privacy.estimate.figure import DEFAULT_CONFIDENCE, Figure, critical_value
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published
from privacy.studies.price import price
from privacy.studies.study import Study

_OF_PAYING = ("average_ticket_price_ore", FREE[:2])
"""The key figure that may be made with a withheld category that has nothing but noise: paying tickets are all less the
complimentary ones, and where nobody gives any away, that is all. No other key figure: it would be the withheld one."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where a study's figures lie in its vector, and what they are.

    By part: the variances of one member's noise. By cell: sources, part_of, category_of (a position in categories)
    and tested (whether it counts for dominance). reading: the cells in the order in which a benchmark has them.
    """

    sources: tuple[Source, ...]
    variances: tuple[Fraction, ...]
    part_of: tuple[int, ...]
    categories: tuple[Category, ...]
    category_of: NDArray[np.int64]
    reading: tuple[int, ...]
    tested: NDArray[np.bool_]
    derived: tuple[Derived, ...]

    @staticmethod
    def of(study: Study) -> "Layout":
        """The layout of a study."""
        sources: list[Source] = []
        part_of: list[int] = []
        parts = price(study).parts
        for index, priced in enumerate(parts):
            table = priced.part.table
            sources += [(table.name, name, priced.part.measure) for name in table.dimension.categories]
            part_of += [index] * table.cells
        names = tuple((table.name, name) for table in study.tables for name in table.dimension.categories)
        position = {category: index for index, category in enumerate(names)}
        category_of = np.array([position[source[:2]] for source in sources], dtype=np.int64)
        return Layout(
            tuple(sources),
            tuple(priced.mechanism.variance for priced in parts),
            tuple(part_of),
            names,
            category_of,
            tuple(np.argsort(category_of, kind="stable").tolist()),
            np.array([source not in NOTHING for source in sources], dtype=np.bool_),
            derived(set(sources), study.tables),
        )


@dataclass(frozen=True, slots=True)
class _Noise:
    """The noise on a sum over a cohort, each member with its own: half the interval's width in whole units."""

    variance: float
    error: float
    written: str
    margin: int

    @staticmethod
    def of(variance: Fraction, members: int) -> "_Noise":
        total = float(variance * members)  # rounded once
        error = Figure(0, total).standard_error
        margin = int(published(critical_value(DEFAULT_CONFIDENCE) * error, 0))
        return _Noise(total, error, published(error, ERROR_DECIMALS), margin)


def cells_of(
    cohort: Cohort,
    layout: Layout,
    values: list[int],
    why: dict[Category, Reason],
    noise: AbstractSet[Category],
    unreliable_percent: int,
) -> list[Cell]:
    """The sums of a cohort by table, category and measure, and then its key figures.

    values: the sums over the cohort, by cell of the layout. why: the categories that are withheld, with the reason.
    noise: those of them that have nothing but noise; the average ticket price may be made with them.
    """
    noises = [_Noise.of(variance, len(cohort.members)) for variance in layout.variances]
    cells = _Cells(cohort.name, len(cohort.members), layout, values, noises, why, noise, unreliable_percent)
    return [*cells.sums(), *cells.kpis()]


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of one cohort.

    values: its sums, by cell; noises: on them, by part; why: the withheld categories; noise: those with nothing else.
    """

    cohort: str
    members: int
    layout: Layout
    values: list[int]
    noises: list[_Noise]
    why: dict[Category, Reason]
    noise: AbstractSet[Category]
    percent: int

    def sums(self) -> list[Cell]:
        return [self._sum(index) for index in self.layout.reading]

    def kpis(self) -> list[Cell]:
        noises = [self.noises[part] for part in self.layout.part_of]
        figures = {
            source: Figure(value, noise.variance)
            for source, value, noise in zip(self.layout.sources, self.values, noises, strict=True)
        }
        return [self._kpi(each, figures) for each in self.layout.derived]

    def _sum(self, index: int) -> Cell:
        table, category, measure = self.layout.sources[index]
        why = self.why.get((table, category))
        if why is not None:
            return self._suppressed((table, category), SUM_NAMES[measure], why)
        value, noise = self.values[index], self.noises[self.layout.part_of[index]]
        return Cell(
            self.cohort,
            table,
            category,
            SUM_NAMES[measure],
            value,
            noise.written,
            value - noise.margin,
            value + noise.margin,
            self.members,
            "unreliable" if relative_error_exceeds(value, noise.error, self.percent) else "published",
            None,
        )

    def _kpi(self, each: Derived, figures: dict[Source, Figure]) -> Cell:
        spared = self.noise & {_OF_PAYING[1]} if each.kpi == _OF_PAYING[0] else set()
        why = next((self.why[need] for need in each.needs if need in self.why and need not in spared), None)
        if why is not None:
            return self._suppressed(each.category, each.kpi, why)
        result = each.formula(*[figures[source] for source in each.sources])
        if result.value is None or result.standard_error is None:
            return self._suppressed(each.category, each.kpi, result.reason)
        decimals = DECIMALS[each.kpi]
        low, high = result.interval or (None, None)
        weak = result.interval is None or relative_error_exceeds(result.value, result.standard_error, self.percent)
        return Cell(
            self.cohort,
            *each.category,
            each.kpi,
            published(result.value, decimals),
            published(result.standard_error, decimals + ERROR_DECIMALS),
            None if low is None else published(low, decimals),
            None if high is None else published(high, decimals),
            self.members,
            "unreliable" if weak else "published",
            None if result.interval is not None else Reason.INTERVAL_UNBOUNDED,
        )

    def _suppressed(self, category: Category, measure: str, why: Reason | None) -> Cell:
        return Cell(self.cohort, *category, measure, None, None, None, None, self.members, "suppressed", why)
