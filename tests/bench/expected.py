"""What a design of a study comes to on the simulated base: exact cells, what clipping leaves, and noise by ρ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds, Table
from privacy.estimate.least_squares import projection
from privacy.studies.price import price
from privacy.studies.study import Part, Study
from tests.bench.corrections import corrected
from tests.bench.customer_cells import UNBOUNDED, Cells, Sales, cells
from tests.bench.study_design import Design

Floats = NDArray[np.float64]
Key = tuple[str, Measure]

MEMBERS = 10
ONE_WAY, TWO_WAY = 0.05, 0.01
"""Cells count from this share of the customers on."""


def crossing(table: Table) -> bool:
    """Whether a table is counted among the crossings."""
    return bool(table.dimension.parts) or table.name == "migration"


def group_of(part: Part) -> str:
    """Which of the targets a part falls under."""
    level = "totals" if part.table.name == "totals" else "two-way" if crossing(part.table) else "one-way"
    return f"{level} {'customers' if part.measure is Measure.CUSTOMERS else 'others'}"


@dataclass(frozen=True, eq=False)
class Truth:
    """The unbounded cells of a base."""

    sales: Sales
    cells: Cells
    known: dict[tuple[BoundedTable, ...], dict[Key, Floats]] = field(default_factory=dict)

    @staticmethod
    def of(sales: Sales, tables: list[str]) -> "Truth":
        """Of the tables of these names, and of totals."""
        names = dict.fromkeys(["totals", *tables])
        return Truth(sales, cells(sales, [BoundedTable(TABLES[name], (UNBOUNDED,)) for name in names]))

    def bounded(self, study: Study) -> dict[Key, Floats]:
        """The exact cells of a study; those of tables with bounds that were seen before are not made again."""
        for bounds in {each.bounds for each in study.bounded_tables}:
            alike = tuple(each for each in study.bounded_tables if each.bounds == bounds)
            if alike not in self.known:
                self.known[alike] = {key: each.astype(float) for key, each in cells(self.sales, alike).items()}
        return {
            key: vector
            for bounds in dict.fromkeys(each.bounds for each in study.bounded_tables)
            for key, vector in self.known[tuple(each for each in study.bounded_tables if each.bounds == bounds)].items()
        }

    def shares(self, name: str) -> Floats:
        """Of each cell of a table, its customers as a share of all; of `identity`, of orders."""
        measure = Measure.ORDERS if name == "identity" else Measure.CUSTOMERS
        return np.asarray(self.cells[name, measure] / self.cells["totals", measure][0])

    def counted(self, key: Key) -> NDArray[np.bool_]:
        """Which cells count: those that are large enough and not nothing; where none is, the largest."""
        share = self.shares(key[0])
        if key[0] == "value_tier":  # the super tier is 5 % of each member's, give or take the step of the limits
            return self.cells[key] > 0
        enough = share >= (TWO_WAY if crossing(TABLES[key[0]]) else ONE_WAY)
        return (enough if enough.any() else share == share.max()) & (self.cells[key] > 0)


@dataclass(frozen=True, eq=False)
class Outlook:
    """A design on a base. bounded: its exact cells; mended: those, with what was cut off put back."""

    design: Design
    study: Study
    truth: Truth
    bounded: Mapping[Key, Floats]
    mended: Mapping[Key, Floats]

    @staticmethod
    def of(design: Design, truth: Truth) -> "Outlook":
        """Makes the exact cells."""
        study = design.study()
        bounded = truth.bounded(study)
        mended = corrected(study, {key: vector[:, None] for key, vector in bounded.items()})
        return Outlook(design, study, truth, bounded, {key: found[:, 0] for key, found in mended.items()})

    @cached_property
    def sensitivities(self) -> list[Floats]:
        """By part, of each cell: the squared sensitivity."""
        found = []
        for priced in price(self.study).parts:
            each = [float(noise.l2_squared) for noise in priced.noises]
            found.append(np.array(each if priced.by_cell else each * priced.part.table.cells))
        return found

    def noise(self, rho: Floats) -> Floats:
        """The variance of each cell's noise over all members. rho: of each part, as a number."""
        return np.concatenate([MEMBERS * each / (2 * its) for each, its in zip(self.sensitivities, rho, strict=True)])

    def basis(self, noise: Floats) -> list[tuple[NDArray[np.int64], Floats]]:
        """By measure its cells, and an orthonormal basis, in units of the noise, of what must be zero."""
        found = []
        for block in projection(self.study).blocks:
            root = np.sqrt(noise[block.cells])
            found.append((block.cells, np.linalg.qr((block.equalities * root).T)[0]))
        return found

    def variances(self, rho: Floats) -> Floats:
        """Of each cell after least squares."""
        noise = self.noise(rho)
        found = np.zeros(len(noise))
        for at, basis in self.basis(noise):
            found[at] = noise[at] * np.maximum(1 - (basis**2).sum(axis=1), 0)
        return found

    def influence(self, rho: Floats, weights: Floats) -> Floats:
        """Of each part, how much of the weighted sum of all cells' variances comes from its noise."""
        noise = self.noise(rho)
        found = np.zeros(len(noise))
        for at, basis in self.basis(noise):
            told = np.sqrt(noise[at] * weights[at])
            found[at] = ((np.diag(told) - basis @ (basis.T * told)) ** 2).sum(axis=1)
        return np.array([found[place].sum() for place in self.places])

    @cached_property
    def places(self) -> list[slice]:
        """Where each part's cells are."""
        ends = np.cumsum([part.table.cells for part in self.study.parts]).tolist()
        return [slice(end - part.table.cells, end) for part, end in zip(self.study.parts, ends, strict=True)]

    def weights(self, of_group: Mapping[str, float]) -> Floats:
        """Of each cell: 1 / (what it is · target)² over how many count in its part, times the weight of its group."""
        found = np.zeros(self.places[-1].stop)
        for part, place in zip(self.study.parts, self.places, strict=True):
            key = (part.table.name, part.measure)
            counted = self.truth.counted(key)
            target = self.design.targets.of(*key)
            scale = np.where(counted, np.maximum(self.bounded[key], 1.0) * target, np.inf)
            found[place] = of_group[group_of(part)] / scale**2 / counted.sum()
        return found

    def errors(self, variances: Floats) -> dict[Key, tuple[Floats, Floats]]:
        """By part the relative noise and the relative bias of every cell, against the unbounded truth."""
        found = {}
        for part, place in zip(self.study.parts, self.places, strict=True):
            key = (part.table.name, part.measure)
            truth = np.maximum(self.truth.cells[key], 1e-9)
            scale = self.mended[key] / np.maximum(self.bounded[key], 1.0)
            found[key] = (
                np.sqrt(variances[place]) * scale / truth,
                np.abs(self.mended[key] - self.truth.cells[key]) / truth,
            )
        return found


def cell_bounds(truth: Truth, table: Table, rho: float) -> tuple[Bounds, ...]:
    """For every category the bounds of least noise² + bias², at a part's ρ; each measure by itself."""
    grids = {
        Measure.ORDERS: (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 30, 40),
        Measure.TICKETS: (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100),
        Measure.REVENUE: tuple(
            100_000 * thousands // 4
            for thousands in (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 120, 160, 240, 320)
        ),
    }
    kept: dict[Measure, list[int]] = {}
    for measure, grid in grids.items():
        whole = np.maximum(truth.cells[table.name, measure].astype(float), 1e-9)
        error = np.zeros((len(grid), table.cells))
        for row, bound in enumerate(grid):
            most = {Measure.ORDERS: 400, Measure.TICKETS: 10**4, Measure.REVENUE: 10**10} | {measure: bound}
            view = Bounds(most[Measure.ORDERS], 2_000, most[Measure.TICKETS], most[Measure.REVENUE])
            cut = cells(truth.sales, [BoundedTable(table, (view,))])[table.name, measure]
            error[row] = MEMBERS * bound**2 / (2 * rho * whole**2) + (cut / whole - 1) ** 2
        kept[measure] = [grid[row] for row in error.argmin(axis=0)]
    return tuple(
        Bounds(orders, 4 * orders, max(tickets, orders), revenue)
        for orders, tickets, revenue in zip(*kept.values(), strict=True)
    )
