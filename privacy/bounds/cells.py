"""The exact vectors of a study's tables over one bounded view: what the mechanism is handed, before any noise."""

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from privacy.bounds.attributes import activity, age_band, counted_orders, frequency_band
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.view import bounded, countable
from privacy.bounds.windows import Window, year_before
from privacy.catalogue import dimensions
from privacy.catalogue.dimensions import Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds, Table

Vector = NDArray[np.int64]
"""Shape (cells,), one integer per category in the catalogue's order."""


@dataclass(frozen=True)
class Facts:
    """The bounded view at three levels, each with the category of every dimension of its level.

    `units`: unit, identified, active, one column per customer-level dimension, orders, tickets, revenue
    `orders`: unit, order_no, identified, one column per order-level dimension, tickets, revenue
    `lines`: unit, order_no, identified, one column per line-level dimension, tickets, revenue
    """

    units: Frame
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
    hidden = customers.filter(~nw.col("released")).select("unit")
    rows = keep(countable(sales).join(hidden, on="unit", how="anti"))
    acts = keep(activity(keep(counted_orders(rows)), window, year_before(window)))
    people = customers.with_columns(age_band=age_band(nw.col("birth_year"), window)).select(
        "unit", "identified", "age_band", "gender", "county"
    )
    identified = customers.filter(nw.col("identified")).select("unit", identified=nw.lit(1))

    kept = bounded(rows, window, bounds, keep).kept
    lines = keep(kept.join(identified, on="unit", how="left").with_columns(nw.col("identified").fill_null(0)))
    orders = keep(
        lines.group_by("unit", "order_no", "ordered_on", "channel", "identified")
        .agg(tickets=int64(nw.col("tickets").sum()), revenue=int64(nw.col("revenue_ore").sum()))
        .with_columns(month=int64(nw.col("ordered_on").dt.month() - 1))
    )
    bought = orders.group_by("unit").agg(
        orders=int64(nw.len()), tickets=int64(nw.col("tickets").sum()), revenue=int64(nw.col("revenue").sum())
    )
    units = keep(
        acts.filter(~nw.col("flow").is_null())
        .join(bought, on="unit", how="left")
        .join(people, on="unit", how="left")
        .with_columns(
            nw.col("identified").fill_null(value=False),
            active=nw.col("s12_orders") > 0,
            all=nw.lit(0),
            frequency_band=frequency_band(nw.col("s12_orders")),
            **{measure: nw.col(measure).fill_null(0) for measure in ("orders", "tickets", "revenue")},
        )
        .with_columns(identity=nw.when(nw.col("identified")).then(nw.lit(0)).otherwise(nw.lit(1)))
    )
    return Facts(units, orders, lines.rename({"revenue_ore": "revenue"}))


def _table(table: Table, facts: Facts) -> dict[Measure, Vector]:
    match table.dimension.level:
        case Level.CUSTOMER:
            return _by_customer(table.dimension, facts.units)
        case Level.ORDER:
            return _by_order(table.dimension, facts.orders)
        case Level.LINE:
            return _by_line(table.dimension, facts.lines)


def _by_customer(dimension: Dimension, units: Frame) -> dict[Measure, Vector]:
    if dimension is not dimensions.FLOW:
        units = units.filter(nw.col("active"))
    category = nw.col(dimension.name)
    if dimension.unidentified is None:
        units = units.filter(nw.col("identified"))
    else:
        elsewhere = nw.lit(dimension.categories.index(dimension.unidentified))
        category = nw.when(nw.col("identified")).then(category).otherwise(elsewhere)
    person = nw.when(nw.col("identified")).then(nw.lit(1)).otherwise(nw.lit(0))
    grouped = (
        units.with_columns(category=int64(category), person=person)
        .group_by("category")
        .agg(
            customers=int64(nw.col("person").sum()),
            **{measure: int64(nw.col(measure).sum()) for measure in ("orders", "tickets", "revenue")},
        )
    )
    return _vectors(grouped, dimension)


def _by_order(dimension: Dimension, orders: Frame) -> dict[Measure, Vector]:
    grouped = (
        orders.group_by(dimension.name)
        .agg(
            orders=int64(nw.len()),
            tickets=int64(nw.col("tickets").sum()),
            revenue=int64(nw.col("revenue").sum()),
        )
        .rename({dimension.name: "category"})
    )
    return {**_vectors(grouped, dimension), **_people(orders, dimension)}


def _by_line(dimension: Dimension, lines: Frame) -> dict[Measure, Vector]:
    """Tickets and revenue by the category of the line; an order once, in the category of most of its tickets."""
    per_order = lines.group_by("order_no", dimension.name).agg(tickets=int64(nw.col("tickets").sum()))
    last = len(dimension.categories) - 1
    score = nw.col("tickets") * (last + 1) + (last - nw.col(dimension.name))
    primary = (
        per_order.with_columns(score=int64(score))
        .group_by("order_no")
        .agg(best=nw.col("score").max())
        .with_columns(category=int64(last - nw.col("best") % (last + 1)))
        .group_by("category")
        .agg(orders=int64(nw.len()))
    )
    amounts = (
        lines.group_by(dimension.name)
        .agg(tickets=int64(nw.col("tickets").sum()), revenue=int64(nw.col("revenue").sum()))
        .rename({dimension.name: "category"})
    )
    return {
        **_people(lines, dimension),
        **_vectors(primary, dimension),
        **_vectors(amounts, dimension),
    }


def _people(frame: Frame, dimension: Dimension) -> dict[Measure, Vector]:
    """Identified customers per category, each once in every category that they bought in."""
    grouped = (
        frame.filter(nw.col("identified") == 1)
        .select("unit", category=nw.col(dimension.name))
        .unique()
        .group_by("category")
        .agg(customers=int64(nw.len()))
    )
    return _vectors(grouped, dimension)


def _vectors(grouped: Frame, dimension: Dimension) -> dict[Measure, Vector]:
    """Dense vectors from the rows of a grouped frame; categories without a row are zero."""
    rows = grouped.collect("pyarrow").to_dict(as_series=False)
    at = np.asarray(rows.pop("category"), dtype=np.int64)
    vectors = {}
    for name, values in rows.items():
        vector = np.zeros(len(dimension.categories), dtype=np.int64)
        vector[at] = np.asarray(values, dtype=np.int64)
        vectors[Measure(name)] = vector
    return vectors
