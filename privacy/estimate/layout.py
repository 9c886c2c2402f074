"""Where a study's figures lie in its vector, what they are, and what noise is left on them after least squares."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.clipping.rules import uncut
from privacy.estimate.clipping.uncut import Uncut
from privacy.estimate.derived import Derived, Source, derived, is_nothing
from privacy.estimate.disclosure import Category
from privacy.estimate.equalities import totals_of
from privacy.estimate.formulas import Covariance
from privacy.estimate.least_squares import Projection, projection
from privacy.estimate.within import Sums, System
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study


@dataclass(frozen=True, eq=False)
class Layout:
    """What lies where.

    By cell: sources, category_of (a position in categories) and tested (whether it counts for dominance; what is
    nothing by definition does not); variances: float64, of the noise on one member's estimate. reading: the cells in
    the order in which a benchmark has them. columns: int64, shape (categories, measures), the cell of each, or -1 where
    there is none, or nothing by definition. noises: of one member, what each key figure's formula needs. sums: what
    categories add up to.
    """

    study: Study
    sources: tuple[Source, ...]
    categories: tuple[Category, ...]
    category_of: NDArray[np.int64]
    reading: tuple[int, ...]
    tested: NDArray[np.bool_]
    columns: NDArray[np.int64]
    projection: Projection
    variances: NDArray[np.float64]
    derived: tuple[Derived, ...]
    noises: tuple[Covariance, ...]
    sums: Sums

    @cached_property
    def at(self) -> dict[Source, int]:
        """The cell of each source."""
        return {source: cell for cell, source in enumerate(self.sources)}

    def uncut(self, sums: NDArray[np.int64], seen: NDArray[np.bool_], members: Sequence[int]) -> Uncut:
        """What estimates come to with what bounds cut off put back.

        sums: int64, shape (columns, cells), over so many members each. seen: bool, shape (columns, categories), which
        are shown.
        """
        return uncut(self.study, sums.T.astype(np.float64), seen[:, self.category_of].T, members)

    def estimates(self, values: NDArray[np.int64], members: int) -> NDArray[np.int64]:
        """Each row after least squares, in whole units. values: int64, shape (rows, cells): sums over so many members.

        Integers, so that whatever is added of them is exact; the rounding is nothing beside the noise. No further from
        zero than what so many members may have: beyond that only a release that lies comes.
        """
        limit = float(LARGEST_FIGURE * members)
        return np.clip(np.rint(self.projection.projected(values)), -limit, limit).astype(np.int64)


@lru_cache(maxsize=4)
def layout_of(study: Study) -> Layout:
    """The layout of a study."""
    sources: list[Source] = []
    for part in study.parts:
        sources += [(part.table.name, name, part.measure) for name in part.table.dimension.categories]
    names = tuple((table.name, name) for table in study.tables for name in table.dimension.categories)
    position = {category: index for index, category in enumerate(names)}
    category_of = np.array([position[source[:2]] for source in sources], dtype=np.int64)
    tested = np.array([not is_nothing(*source) for source in sources], dtype=np.bool_)
    columns = np.full((len(names), len(Measure)), -1, dtype=np.int64)
    measures = list(Measure)
    for cell in np.flatnonzero(tested).tolist():
        columns[category_of[cell], measures.index(sources[cell][2])] = cell
    found = derived(set(sources), study.tables, {each.table.name: each.bounds for each in study.bounded_tables})
    at = {source: index for index, source in enumerate(sources)}
    left = projection(study)
    return Layout(
        study,
        tuple(sources),
        names,
        category_of,
        tuple(np.argsort(category_of, kind="stable").tolist()),
        tested,
        columns,
        left,
        left.variances,
        found,
        tuple(each.rule.noise(_covariance(left, [at[source] for source in each.sources])) for each in found),
        _sums(study, category_of, names, tested),
    )


def _covariance(left: Projection, cells: list[int]) -> Covariance:
    return [[left.covariance(one, other) for other in cells] for one in cells]


def _sums(
    study: Study, category_of: NDArray[np.int64], categories: tuple[Category, ...], tested: NDArray[np.bool_]
) -> Sums:
    """What categories add up to, by measure; measures in which the same categories do are one system.

    What is nothing by definition in a measure is in no sum of it, for to withhold it would hide nothing there: the
    revenue of all ticket types less those of all but children is that of children, whoever sees the free ones or not.
    """
    systems: list[System] = []
    for measure in Measure:
        totals: list[tuple[list[list[int]], bool]] = []
        for total in totals_of(study):
            if total.measure is measure:
                ways = [[cell for cell in way if tested[cell]] for way in total.ways]
                totals.append(([category_of[way].tolist() for way in ways if way], total.known))
        system = System.of(totals)
        if system not in systems:
            systems.append(system)
    return Sums(categories, tuple(systems))
