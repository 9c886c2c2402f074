"""The exact vectors of a study's tables over one bounded view: what a mechanism is handed, before any noise."""

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from privacy.bounds.attributes import age_band, flows, frequency_band
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.view import bounded, countable
from privacy.bounds.windows import Window, year_before
from privacy.catalogue.dimensions import DIMENSIONS, FLOW, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds, Table

Vector = NDArray[np.int64]
"""Shape (cells,), one integer per category in the catalogue's order."""


Columns = dict[str, Vector]
"""Columns of equal length, by their names."""


@dataclass(frozen=True)
class Facts:
    """The bounded view at three levels, each with the category of every dimension of its level.

    `people`: identified and active (0 or 1), one column per customer-level dimension, and the sums of customers,
        orders, tickets and revenue over the units that share all of these; a few thousand rows at most
    `orders`: unit, order_no, identified, one column per order-level dimension, tickets, revenue
    `lines`: unit, order_no, identified, one column per line-level dimension, tickets, revenue
    """

    people: Columns
    orders: Frame
    lines: Frame


def exact_cells(
    sales: Frame, customers: Frame, tables: Iterable[Table], window: Window, bounds: Bounds, keep: Keep
) -> dict[tuple[str, Measure], Vector]:
    """The vector of every table and measure, keyed by the table's name and the measure.

    `sales` and `customers` are as in `privacy.bounds.frames`. The vectors depend on one unit by no more than
    `Table.sensitivity` declares.
    """
    facts = facts_of(sales, customers, window, bounds, keep)
    vectors: dict[tuple[str, Measure], Vector] = {}
    for table in tables:
        for measure, vector in _table(table, facts).items():
            if measure in table.measures:
                vectors[table.name, measure] = vector
    return vectors


def facts_of(sales: Frame, customers: Frame, window: Window, bounds: Bounds, keep: Keep) -> Facts:
    """The bounded view of a window with the attributes of its units; customers not released are left out."""
    hidden = keep(customers.filter(~nw.col("released")).select("unit"))
    rows = countable(sales).join(hidden, on="unit", how="anti")
    view = bounded(rows, window, bounds, keep)
    known = keep(_known(rows, customers, window))
    lines = keep(
        view.kept.join(known.select("unit", identified=int64(nw.lit(1))), on="unit", how="left").select(
            "unit",
            "order_no",
            "ordered_on",
            "channel",
            "ticket_type",
            "tickets",
            int64(nw.col("identified").fill_null(0)),
            revenue=nw.col("revenue_ore"),
        )
    )
    orders = keep(
        lines.group_by("order_no").agg(
            unit=nw.col("unit").any_value(),
            identified=nw.col("identified").any_value(),
            month=int64(nw.col("ordered_on").any_value().dt.month() - 1),
            channel=nw.col("channel").any_value(),
            **_sums("tickets", "revenue"),
        )
    )
    return Facts(_columns(_people(orders, view.bought, known)), orders, lines)


def _known(rows: Frame, customers: Frame, window: Window) -> Frame:
    """The identified customers that bought up to the window's end, with their attributes.

    Every row that carries a ticket stands for an order that counts, since no row is negative: so days need no sums.
    """
    days = rows.filter((nw.col("tickets") > 0) & (nw.col("unit") > 0)).select("unit", "ordered_on")
    attributes = customers.filter(nw.col("identified")).select(
        "unit", "gender", "county", age_band=age_band(nw.col("birth_year"), window)
    )
    return flows(days, window, year_before(window)).join(attributes, on="unit", how="inner")


def _people(orders: Frame, bought: Frame, known: Frame) -> Frame:
    """The units by what they are, in as many rows as there are different kinds."""
    kept = orders.group_by("unit").agg(
        identified=nw.col("identified").any_value(), orders=int64(nw.len()), **_sums("tickets", "revenue")
    )
    attributes = ["flow", "age_band", "gender", "county"]
    active = (
        kept.join(bought.select("unit", bought="orders"), on="unit", how="inner")
        .join(known, on="unit", how="left")
        .select(
            "identified",
            "orders",
            "tickets",
            "revenue",
            *(int64(nw.col(name).fill_null(_elsewhere(DIMENSIONS[name]))) for name in attributes),
            active=int64(nw.lit(1)),
            frequency_band=frequency_band(nw.col("bought")),
        )
    )
    nothing = ("orders", "tickets", "revenue", "active", "frequency_band")
    lost = known.filter(nw.col("flow") == FLOW.categories.index("lost")).select(
        *attributes, identified=int64(nw.lit(1)), **{name: int64(nw.lit(0)) for name in nothing}
    )
    kinds = [*attributes, "identified", "active", "frequency_band"]
    columns = [*kinds, "orders", "tickets", "revenue"]
    return (
        nw.concat([active.select(columns), lost.select(columns)], how="vertical")
        .group_by(kinds)
        .agg(customers=int64(nw.col("identified").sum()), **_sums("orders", "tickets", "revenue"))
        .with_columns(all=nw.lit(0), identity=1 - nw.col("identified"))
    )


def _sums(*names: str) -> dict[str, nw.Expr]:
    return {name: int64(nw.col(name).sum()) for name in names}


def _elsewhere(dimension: Dimension) -> int:
    """The category of sales without an identified customer; the first where such are left out anyway."""
    return 0 if dimension.unidentified is None else dimension.categories.index(dimension.unidentified)


def _table(table: Table, facts: Facts) -> dict[Measure, Vector]:
    match table.dimension.level:
        case Level.CUSTOMER:
            return _by_customer(table.dimension, facts.people)
        case Level.ORDER:
            return _by_order(table.dimension, facts.orders)
        case Level.LINE:
            return _by_line(table.dimension, facts.lines)


def _by_customer(dimension: Dimension, people: Columns) -> dict[Measure, Vector]:
    counted = np.ones(len(people["active"]), dtype=bool) if dimension is FLOW else people["active"] == 1
    if dimension.unidentified is None:
        counted &= people["identified"] == 1
    vectors = {}
    for measure in Measure:
        vector = np.zeros(len(dimension.categories), dtype=np.int64)
        np.add.at(vector, people[dimension.name][counted], people[measure][counted])
        vectors[measure] = vector
    return vectors


def _by_order(dimension: Dimension, orders: Frame) -> dict[Measure, Vector]:
    amounts = orders.group_by(_category(dimension)).agg(orders=int64(nw.len()), **_sums("tickets", "revenue"))
    return _vectors(amounts, dimension) | _vectors(_buyers(orders, dimension), dimension)


def _category(dimension: Dimension) -> nw.Expr:
    return nw.col(dimension.name).alias("category")


def _by_line(dimension: Dimension, lines: Frame) -> dict[Measure, Vector]:
    """Tickets and revenue by category of the line; an order once, in the category of most of its tickets."""
    last = len(dimension.categories) - 1
    score = nw.col("tickets") * (last + 1) + (last - nw.col(dimension.name))
    primary = (
        lines.group_by("order_no", dimension.name)
        .agg(**_sums("tickets"))
        .group_by("order_no")
        .agg(best=int64(score).max())
        .group_by((last - nw.col("best") % (last + 1)).alias("category"))
        .agg(orders=int64(nw.len()))
    )
    amounts = lines.group_by(_category(dimension)).agg(**_sums("tickets", "revenue"))
    frames = (_buyers(lines, dimension), primary, amounts)
    return {measure: vector for frame in frames for measure, vector in _vectors(frame, dimension).items()}


def _buyers(frame: Frame, dimension: Dimension) -> Frame:
    """Identified customers per category, each once in every category that they bought in."""
    return (
        frame.filter(nw.col("identified") == 1)
        .group_by(_category(dimension))
        .agg(customers=int64(nw.col("unit").n_unique()))
    )


def _vectors(grouped: Frame, dimension: Dimension) -> dict[Measure, Vector]:
    """Dense vectors from the rows of a grouped frame; categories without a row are zero."""
    columns = _columns(grouped)
    at = columns.pop("category")
    vectors = {}
    for name, values in columns.items():
        vector = np.zeros(len(dimension.categories), dtype=np.int64)
        vector[at] = values
        vectors[Measure(name)] = vector
    return vectors


def _columns(frame: Frame) -> Columns:
    """The columns of a small frame of integers."""
    columns = frame.collect("pyarrow").to_dict(as_series=False)
    return {name: np.asarray(values, dtype=np.int64) for name, values in columns.items()}
