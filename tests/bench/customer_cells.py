"""The exact cells of a study's tables over the simulated base: as the product defines them, in plain arrays.

One unit's lines stand in the order in which a release keeps them, so that a bounded view is three comparisons with sums
that are made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.dimensions import FLOW, MIGRATION, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Bounds, Table
from tests.bench.customer_base import Base

Ints = NDArray[np.int64]
Cells = dict[tuple[str, Measure], Ints]
"""By table and measure: int64, shape (cells,), revenue in øre."""

UNBOUNDED = Bounds(10**9, 10**9, 10**9, 10**12)


@dataclass(frozen=True, eq=False)
class Kept:
    """The lines that are kept, as indices, with what is kept of each."""

    lines: Ints
    tickets: Ints
    revenue: Ints


@dataclass(frozen=True, eq=False)
class Sales:
    """A base with the sums that every bounded view of it takes."""

    base: Base

    @cached_property
    def first_of_unit(self) -> Ints:
        """Of each line, the first line of its unit."""
        unit = self.base.unit
        starts = np.flatnonzero(np.concatenate([[True], unit[1:] != unit[:-1]]))
        return np.repeat(starts, np.diff(np.append(starts, len(unit))))

    @cached_property
    def order_place(self) -> Ints:
        """The place of each line's order among its unit's, from 1."""
        order = self.base.order
        return order - order[self.first_of_unit] + 1

    @cached_property
    def line_place(self) -> Ints:
        """The place of each line among its unit's, from 1."""
        return np.arange(len(self.base.unit)) - self.first_of_unit + 1

    @cached_property
    def unit_of_order(self) -> Ints:
        """The unit of each order."""
        found = np.zeros(int(self.base.order.max()) + 1, dtype=np.int64)
        found[self.base.order] = self.base.unit
        return found

    def before(self, values: Ints) -> Ints:
        """Of each line, the sum over the lines of its unit that stand before it."""
        through = np.cumsum(values)
        return through - values - (through - values)[self.first_of_unit]

    @cached_property
    def tickets_before(self) -> Ints:
        """Tickets of the unit before the line."""
        return self.before(self.base.tickets)

    @cached_property
    def revenue_before(self) -> Ints:
        """Øre of the unit before the line."""
        return self.before(self.base.revenue)

    def bounded(self, orders: Ints | int, lines: Ints | int, tickets: Ints | int, revenue: Ints | int) -> Kept:
        """What is kept within bounds: one for all, or one for each line as that of its unit."""
        kept = np.flatnonzero((self.order_place <= orders) & (self.line_place <= lines))
        limits = [bound[kept] if isinstance(bound, np.ndarray) else bound for bound in (tickets, revenue)]
        return Kept(
            kept,
            np.minimum(self.base.tickets[kept], np.maximum(limits[0] - self.tickets_before[kept], 0)),
            np.minimum(self.base.revenue[kept], np.maximum(limits[1] - self.revenue_before[kept], 0)),
        )

    def view(self, table: Table, bounds: Sequence[Bounds]) -> Kept:
        """The view that a table is made of: by its bounds, or by those of the cell of each unit."""
        if len(bounds) == 1:
            only = bounds[0]
            return self.bounded(only.max_orders, only.max_lines, only.max_tickets, only.max_revenue_ore)
        cell = self.by_line(table.dimension)
        names = ("max_orders", "max_lines", "max_tickets", "max_revenue_ore")
        return self.bounded(*(np.array([getattr(each, name) for each in bounds])[cell] for name in names))

    def by_line(self, dimension: Dimension) -> Ints:
        """The category of each line."""
        if dimension.parts:
            first, second = (self.by_line(part) for part in dimension.parts)
            return first * len(dimension.parts[1].categories) + second
        match dimension.level:
            case Level.CUSTOMER:
                return self.base.of_units[dimension.name][self.base.unit]
            case Level.ORDER:
                return self.base.of_orders[dimension.name][self.base.order]
            case Level.LINE:
                return self.base.of_lines[dimension.name]


def cells(sales: Sales, tables: Sequence[BoundedTable]) -> Cells:
    """The exact cells of every table and measure; views of equal bounds are made once."""
    views: dict[object, Kept] = {}
    found: Cells = {}
    for each in tables:
        key = (each.bounds, each.table.name if each.by_cell else "")
        if key not in views:
            views[key] = sales.view(each.table, each.bounds)
        found |= {(each.table.name, measure): vector for measure, vector in _table(sales, each.table, views[key])}
    return found


def _table(sales: Sales, table: Table, kept: Kept) -> list[tuple[Measure, Ints]]:
    dimension, number, base = table.dimension, table.cells, sales.base
    of_line = sales.by_line(dimension)[kept.lines]
    unit, order = base.unit[kept.lines], base.order[kept.lines]
    known = unit < base.customers
    counts = known if identified_only(dimension) else np.ones(len(unit), dtype=bool)
    first = np.concatenate([[True], order[1:] != order[:-1]])
    customers = _people(unit[known], of_line[known], base.customers, number)
    if dimension is MIGRATION or FLOW in (dimension, *dimension.parts):
        customers = customers + _lost(sales, dimension, number)
    of_order = of_line if dimension.level is not Level.LINE else _primary(sales, dimension, kept)
    return [
        (Measure.CUSTOMERS, customers),
        (Measure.ORDERS, np.bincount(of_order[counts & first], minlength=number)),
        (Measure.TICKETS, _sum(of_line[counts], kept.tickets[counts], number)),
        (Measure.REVENUE, _sum(of_line[counts], kept.revenue[counts], number)),
    ]


def _people(unit: Ints, category: Ints, units: int, number: int) -> Ints:
    """How many units are in each category, each once."""
    there = np.zeros((units, number), dtype=bool)
    there[unit, category] = True
    return np.asarray(there.sum(axis=0), dtype=np.int64)


def identified_only(dimension: Dimension) -> bool:
    """Whether sales without a customer are left out."""
    parts = dimension.parts or (dimension,)
    return any(part.level is Level.CUSTOMER and part.unidentified is None for part in parts)


def _primary(sales: Sales, dimension: Dimension, kept: Kept) -> Ints:
    """Of each line the category in which its order counts: of most of its tickets, the first of equals."""
    if dimension.parts:
        first, second = (
            _primary(sales, part, kept) if part.level is Level.LINE else sales.by_line(part)[kept.lines]
            for part in dimension.parts
        )
        return first * len(dimension.parts[1].categories) + second
    number, of_line = len(dimension.categories), sales.by_line(dimension)[kept.lines]
    order = np.cumsum(np.concatenate([[0], np.diff(sales.base.order[kept.lines]) > 0]))
    score = np.bincount(order * number + of_line, 2 * kept.tickets + 1, (order[-1] + 1) * number)
    return np.asarray(score.reshape(-1, number).argmax(axis=1)[order], dtype=np.int64)


def _sum(category: Ints, values: Ints, number: int) -> Ints:
    return np.rint(np.bincount(category, values, number)).astype(np.int64)


def _lost(sales: Sales, dimension: Dimension, number: int) -> Ints:
    """Customers who bought in the twelve months before alone: they have no line."""
    base = sales.base
    who = slice(base.customers, base.customers + base.lost)
    if not dimension.parts:
        return np.asarray(np.bincount(base.of_units[dimension.name][who], minlength=number))
    first, second = (base.of_units[part.name][who] for part in dimension.parts)
    return np.asarray(np.bincount(first * len(dimension.parts[1].categories) + second, minlength=number))
