"""Small networks, studies and releases that the tests of combination share."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body, Cell
from privacy.estimate.cohorts import Member
from privacy.studies.price import price
from privacy.studies.study import Study, find

STUDY = replace(find("benchmark"), cohorts=("network", "industry", "county"))
"""The shipped benchmark without crossed cohorts."""


def house(index: int, industry: str = "museum", county: str = "46") -> Member:
    return Member(f"house-{index:03d}", industry, county)


def houses(**industries: int) -> list[Member]:
    """So many houses of each industry, in one county each."""
    names = [name for name, number in industries.items() for _ in range(number)]
    return [house(index, name.replace("_", "-"), "03") for index, name in enumerate(names)]


def part_cells(study: Study, table: str, measure: Measure) -> slice:
    """Where a part's cells lie in a release."""
    start = 0
    for part in study.parts:
        if (part.table.name, part.measure) == (table, measure):
            return slice(start, start + part.table.cells)
        start += part.table.cells
    raise KeyError(table)


def position(study: Study, table: str, category: str, measure: Measure) -> int:
    """Where one cell lies in a release."""
    part = next(part for part in study.parts if part.table.name == table)
    first: int = part_cells(study, table, measure).start
    return first + part.table.dimension.categories.index(category)


def variances(study: Study) -> NDArray[np.float64]:
    """Of the noise on each cell of one release."""
    each: list[Fraction] = []
    for priced in price(study).parts:
        each += [priced.mechanism.variance] * priced.part.table.cells
    return np.array([float(variance) for variance in each])


def even(study: Study, members: int, size: int = 10**10) -> NDArray[np.int64]:
    """Releases in which every member has the same, and so much of it that noise is nothing beside it."""
    return np.full((members, study.cells), size, dtype=np.int64)


def cell(body: Body, cohort: str, table: str, category: str, measure: str) -> Cell:
    (found,) = [
        cell
        for cell in body.cells
        if (cell.cohort, cell.table, cell.category, cell.measure) == (cohort, table, category, measure)
    ]
    return found


def suppressed(body: Body) -> dict[tuple[str, str, str], str]:
    """The categories whose sums are withheld, with the reason."""
    sums = {"customers", "orders", "tickets", "revenue_ore"}
    return {
        (cell.cohort, cell.table, cell.category): str(cell.reason)
        for cell in body.cells
        if cell.status == "suppressed" and cell.measure in sums
    }


def reasons(body: Body) -> dict[str, str | None]:
    return {line.cohort: line.reason for line in body.cohorts}


def ids(members: Sequence[Member]) -> frozenset[str]:
    return frozenset(member.member for member in members)
