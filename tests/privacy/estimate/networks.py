"""Small networks, studies and releases that the tests of combination share."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body, Cell
from privacy.estimate.cohorts import Member
from privacy.estimate.least_squares import projection
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
    return np.array([float(each.variance) for priced in price(study).parts for each in priced.mechanisms])


def equalities_of(study: Study) -> Iterator[NDArray[np.int64]]:
    """By measure, the equalities of least squares over the whole release, shape (rows, cells of the study)."""
    for block in projection(study).blocks:
        found = np.zeros((len(block.equalities), study.cells), dtype=np.int64)
        found[:, block.cells] = block.equalities
        yield found


Shares = dict[tuple[str, Measure], Sequence[int]]
"""By table and measure: the weights of its categories."""

_OF_IDENTIFIED = ("frequency_band", "flow")


def consistent(
    study: Study, members: int, totals: dict[Measure, int], identified: dict[Measure, int], shares: Shares | None = None
) -> NDArray[np.int64]:
    """Releases without noise, all alike, in which every table adds up; without shares its categories are alike.

    totals: of each measure. identified: of it, what known customers bought. Lost customers are as many as a third.
    """
    row: list[int] = []
    for part in study.parts:
        table, measure = part.table.name, part.measure
        names = [name for name in part.table.dimension.categories if name != "lost"]
        known = identified[measure] if measure is not Measure.CUSTOMERS else totals[measure]
        whole = known if table in _OF_IDENTIFIED else totals[measure]
        weights = (
            [known, whole - known] if table == "identity" else (shares or {}).get((table, measure), [1] * len(names))
        )
        cells = [whole * weight // sum(weights) for weight in weights]
        cells[-1] += whole - sum(cells)
        row += cells + ([whole // 3 if measure is Measure.CUSTOMERS else 0] if table == "flow" else [])
    return np.tile(np.array(row, dtype=np.int64), (members, 1))


def even(study: Study, members: int, size: int = 10**10) -> NDArray[np.int64]:
    """Releases in which every member has the same, and so much of it that noise is nothing beside it."""
    return consistent(study, members, dict.fromkeys(Measure, 72 * size), dict.fromkeys(Measure, 36 * size))


def put(
    study: Study,
    values: NDArray[np.int64],
    table: str,
    category: str,
    amounts: Sequence[int] | int,
    measures: Sequence[Measure] = tuple(Measure),
) -> None:
    """Gives each member so much of a category, in place; the first other one of the table has so much less or more.

    Of `identity` what is known of customers takes part in its tables.
    """
    for measure in measures:
        names = next(part.table.dimension.categories for part in study.parts if part.table.name == table)
        if (table, measure) not in {(part.table.name, part.measure) for part in study.parts}:
            continue
        other = next(name for name in names if name != category)
        at = position(study, table, category, measure)
        less = np.asarray(amounts) - values[:, at]
        values[:, at] += less
        values[:, position(study, table, other, measure)] -= less
        if table == "identity":
            for each, name in (("frequency_band", "1"), ("flow", "new")):
                values[:, position(study, each, name, measure)] += less if category == "identified" else -less


def mostly_first(
    study: Study,
    values: NDArray[np.int64],
    table: str,
    category: str,
    measures: Sequence[Measure] = tuple(Measure),
    size: int = 10**10,
) -> None:
    """Nine tenths of a category are the first member's, in place."""
    others = len(values) - 1
    put(study, values, table, category, [9 * others * size // 10, *[size // 10] * others], measures)


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
