"""The exact vectors of tables within their bounds: what a mechanism is handed, before any noise.

One base serves all bounds; per distinct bounds only the units beyond them are cut again. Every vector depends on one
unit by no more than its `BoundedTable.sensitivities` declare.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from privacy.bounds.base import Base, names_of
from privacy.bounds.cut import beyond, in_turn, within
from privacy.bounds.frames import Frame, int64, sums
from privacy.bounds.people import category, crowded_in_turn, limits_of, people_of, within_limits
from privacy.catalogue.dimensions import FLOW, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Bounds, Needs, Table

Vector = NDArray[np.int64]
"""Shape (cells,), one integer per category in the catalogue's order."""

Vectors = dict[tuple[str, Measure], Vector]
"""By the table's name and the measure."""

Columns = dict[str, Vector]
"""Columns of equal length, by their names."""


def without_tiers(bounded_tables: Iterable[BoundedTable]) -> list[BoundedTable]:
    """The tables that need no thresholds."""
    return [each for each in bounded_tables if Needs.TIERS not in each.table.needs]


def cells_of(base: Base, tables: Sequence[BoundedTable]) -> Vectors:
    """The vector of every table and each measure that it carries.

    The base was asked for the tables' dimensions; none of them takes the thresholds of tiers: `privacy.bounds.tiers`.
    """
    people = people_of(base, names_of(each.table for each in tables))
    of_customers = [each for each in tables if each.table.dimension.level is Level.CUSTOMER]
    others = [each for each in tables if each.table.dimension.level is not Level.CUSTOMER]
    found = _of_customers(base, people, of_customers) | _of_purchases(base, people, others)
    return {
        (each.table.name, measure): found[each.table.name, measure]
        for each in tables
        for measure in each.table.measures
    }


def _of_customers(base: Base, people: Frame, tables: Sequence[BoundedTable]) -> Vectors:
    """Tables of equal bounds share one sum over everybody; one with bounds by cell has its own."""
    if not tables:
        return {}
    runs: dict[object, list[BoundedTable]] = {}
    for each in tables:
        runs.setdefault(each if each.by_cell else each.bounds, []).append(each)
    limits = [limits_of(run[0]) for run in runs.values()]
    placed = crowded_in_turn(base, people, limits, {bounds for each in tables for bounds in each.bounds})
    vectors: Vectors = {}
    for limit, run in zip(limits, runs.values(), strict=True):
        kinds = ["active", "identified", *sorted(names_of(each.table for each in run))]
        kept = (
            within_limits(people, placed, limit)
            .group_by(kinds)
            .agg(
                customers=int64(nw.col("identified").sum()),
                revenue=int64(nw.col("revenue_ore").sum()),
                **sums("orders", "tickets"),
            )
        )
        columns = columns_of(kept)
        for each in run:
            vectors |= _by_customer(each.table, columns)
    return vectors


def _by_customer(table: Table, people: Columns) -> Vectors:
    dimension = table.dimension
    parts = dimension.parts or (dimension,)
    counted = np.ones(len(people["active"]), dtype=bool) if FLOW in parts else people["active"] == 1
    if dimension.unidentified is None:
        counted &= people["identified"] == 1
    at = people[parts[0].name]
    for part in parts[1:]:
        at = at * len(part.categories) + people[part.name]
    vectors: Vectors = {}
    for measure in Measure:
        vector = np.zeros(table.cells, dtype=np.int64)
        np.add.at(vector, at[counted], people[measure][counted])
        vectors[table.name, measure] = vector
    return vectors


@dataclass(frozen=True)
class _View:
    """What some bounds keep: orders and lines, with the categories of each, tickets and revenue_ore."""

    orders: Frame
    lines: Frame
    people: Frame


def _of_purchases(base: Base, people: Frame, tables: Sequence[BoundedTable]) -> Vectors:
    """Tables of orders and of lines; they have one bounds each."""
    bounds = list(dict.fromkeys(each.bounds[0] for each in tables))
    if not bounds:
        return {}
    heavy = base.keep(base.units.filter(nw.any_horizontal(*map(beyond, bounds), ignore_nulls=False)).select("unit"))
    placed = in_turn(base, heavy, bounds)
    views = {each: _view(base, people, heavy, placed, each) for each in bounds}
    vectors: Vectors = {}
    for each in tables:
        by_level = _by_order if each.table.dimension.level is Level.ORDER else _by_line
        for frame in by_level(each.table, views[each.bounds[0]]):
            vectors |= _vectors(each.table, frame)
    return vectors


def _view(base: Base, people: Frame, heavy: Frame, placed: Frame, bounds: Bounds) -> _View:
    """Most units lie within the bounds: their lines and orders are passed on as they are."""
    cut = base.keep(within(placed, bounds).select(*base.lines.collect_schema().names()))
    left = cut.group_by("order_no").agg(
        cut_tickets=int64(nw.col("tickets").sum()), cut_revenue=int64(nw.col("revenue_ore").sum())
    )
    names = base.orders.collect_schema().names()
    orders = base.orders.join(left, on="order_no", how="inner").with_columns(
        tickets="cut_tickets", revenue_ore="cut_revenue"
    )
    return _View(
        nw.concat([base.orders.join(heavy, on="unit", how="anti"), base.keep(orders.select(names))], how="vertical"),
        nw.concat([base.lines.join(heavy, on="unit", how="anti"), cut], how="vertical"),
        people,
    )


def _by_order(table: Table, view: _View) -> Iterator[Frame]:
    orders = _crossed(view.orders, table.dimension, Level.ORDER, view)
    if Measure.CUSTOMERS in table.measures:
        yield _buyers(orders)
    yield _amounts(orders).with_columns(orders=nw.col("rows"))


def _by_line(table: Table, view: _View) -> Iterator[Frame]:
    """Tickets and revenue by category of the line; an order once, in the category of most of its kept tickets."""
    lines = _crossed(view.lines, table.dimension, Level.LINE, view)
    if Measure.CUSTOMERS in table.measures:
        yield _buyers(lines)
    if Measure.ORDERS in table.measures:
        last = table.cells - 1
        score = nw.col("tickets") * (last + 1) + (last - nw.col("category"))
        yield (
            lines.group_by("order_no", "category")
            .agg(**sums("tickets"))
            .group_by("order_no")
            .agg(best=int64(score).max())
            .group_by((last - nw.col("best") % (last + 1)).alias("category"))
            .agg(orders=int64(nw.len()))
        )
    yield _amounts(lines)


def _amounts(rows: Frame) -> Frame:
    return rows.group_by("category").agg(
        rows=int64(nw.len()),
        tickets=int64(nw.col("tickets").sum()),
        revenue=int64(nw.col("revenue_ore").sum()),
    )


def _crossed(rows: Frame, dimension: Dimension, own: Level, view: _View) -> Frame:
    """The rows with their category; what a part says of the customer or the order comes from there.

    A sale without an identified customer lies where the part has it, and nowhere if the part describes customers only.
    """
    for part in dimension.parts or (dimension,):
        if part.level is Level.CUSTOMER:
            rows = rows.join(
                view.people.filter(nw.col("active") == 1).select("unit", part.name), on="unit", how="inner"
            )
            if part.unidentified is None:
                rows = rows.filter(nw.col("identified") == 1)
        elif part.level is not own and part.name not in rows.collect_schema().names():
            rows = rows.join(view.orders.select("order_no", part.name), on="order_no", how="inner")
    return rows.with_columns(category=category(dimension))


def _buyers(rows: Frame) -> Frame:
    """Identified customers per category, each once in every category that they bought in."""
    return rows.filter(nw.col("identified") == 1).group_by("category").agg(customers=int64(nw.col("unit").n_unique()))


def _vectors(table: Table, grouped: Frame) -> Vectors:
    """Dense vectors from the rows of a grouped frame, of the table's measures; categories without a row are zero."""
    columns = columns_of(grouped)
    vectors: Vectors = {}
    for measure in table.measures:
        if measure in columns:
            vectors[table.name, measure] = np.zeros(table.cells, dtype=np.int64)
            vectors[table.name, measure][columns["category"]] = columns[measure]
    return vectors


def columns_of(frame: Frame) -> Columns:
    """The columns of a frame of whole numbers."""
    found = frame.collect("pyarrow")
    return {name: found[name].to_numpy().astype(np.int64, copy=False) for name in found.columns}
