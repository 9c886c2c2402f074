"""Everybody in a window with what they are, and what of their purchases some bounds keep.

What a customer is follows from the customer's own full rows, before anything is bounded.
"""

from collections.abc import Collection, Iterable

import narwhals as nw

from privacy.bounds.attributes import age_band, flows, frequency_band, segment, value_band
from privacy.bounds.base import Base, small
from privacy.bounds.cut import in_turn
from privacy.bounds.frames import Frame, int64, smaller
from privacy.bounds.windows import year_before
from privacy.catalogue.dimensions import DIMENSIONS, FLOW, Dimension
from privacy.catalogue.tables import BoundedTable, Bounds

Limits = dict[str, nw.Expr]
"""The four bounds by their names, as expressions over people: numbers, or what depends on a person's cell."""

_TOTALS = ("orders", "lines", "tickets", "revenue_ore")


def people_of(base: Base, names: Collection[str]) -> Frame:
    """One row per unit that bought in the window, and per identified customer who is lost, if flow is asked for.

    Columns: unit, identified and active (0 or 1), orders, lines, tickets, revenue_ore (the unit's own in the window,
    before any bound), and the category of each asked dimension of customers; sales without an identified customer
    lie in the category that the dimension has for them, else in its first one, for they are left out there.
    """
    known, told = _known(base, names)
    bands = {"frequency_band": frequency_band(nw.col("orders")), "value_band": value_band(nw.col("revenue_ore"))}
    made = {name: band for name, band in bands.items() if name in names}
    active = base.units.join(known, on="unit", how="left").select(
        "unit",
        *_TOTALS,
        *(small(nw.col(name).fill_null(elsewhere(DIMENSIONS[name]))) for name in told),
        identified=small(nw.col("identified")),
        active=small(nw.lit(1)),
        all=small(nw.lit(0)),
        identity=small(1 - nw.col("identified")),
        **{name: small(band) for name, band in made.items()},
    )
    if FLOW.name not in names:
        return base.keep(active)
    lost = known.filter(nw.col("flow") == FLOW.categories.index("lost")).select(
        "unit",
        *(int64(nw.lit(0)).alias(name) for name in _TOTALS),
        *(small(nw.col(name)) for name in told),
        identified=small(nw.lit(1)),
        **{name: small(nw.lit(0)) for name in ("active", "all", "identity", *made)},
    )
    return base.keep(nw.concat([active, lost], how="vertical"))


def elsewhere(dimension: Dimension) -> int:
    """The category of sales without an identified customer; the first where such are left out anyway."""
    return 0 if dimension.unidentified is None else dimension.categories.index(dimension.unidentified)


def category(dimension: Dimension) -> nw.Expr:
    """The category of a plain or a crossed dimension, by the columns of its parts."""
    if not dimension.parts:
        return int64(nw.col(dimension.name))
    first, second = dimension.parts
    return int64(nw.col(first.name)) * len(second.categories) + int64(nw.col(second.name))


def limits_of(table: BoundedTable) -> Limits:
    """The bounds of a table; by cell, those of the cell that a person lies in."""
    return {
        name: _chosen(table.table.dimension, [getattr(bounds, name) for bounds in table.bounds])
        for name in vars(table.bounds[0])
    }


def limits(bounds: Bounds) -> Limits:
    """The same bounds for everybody."""
    return {name: int64(nw.lit(value)) for name, value in vars(bounds).items()}


def crowded_in_turn(base: Base, people: Frame, each: Iterable[Limits], most: Collection[Bounds]) -> Frame:
    """The lines, in turn, of whoever has more orders or lines than any of some limits, at least one of them.

    `most` has all the bounds that these limits can be.
    """
    too_many = [(nw.col("orders") > limit["max_orders"]) | (nw.col("lines") > limit["max_lines"]) for limit in each]
    return in_turn(base, people.filter(nw.any_horizontal(*too_many, ignore_nulls=False)), most)


def within_limits(people: Frame, placed: Frame, limit: Limits) -> Frame:
    """People with what their limits keep of their orders, tickets and revenue_ore, and all other columns as they are.

    `placed` has the lines in turn of at least all who have more orders or lines than that.
    """
    limited = people.with_columns(**limit)
    kept = (
        placed.join(limited.select("unit", "max_orders", "max_lines"), on="unit", how="inner")
        .filter((nw.col("order_place") <= nw.col("max_orders")) & (nw.col("place") <= nw.col("max_lines")))
        .group_by("unit")
        .agg(
            kept_orders=int64(nw.col("order_place").max()),
            kept_tickets=int64(nw.col("tickets").sum()),
            kept_revenue=int64(nw.col("revenue_ore").sum()),
        )
    )
    return limited.join(kept, on="unit", how="left").with_columns(
        orders=nw.coalesce("kept_orders", "orders"),
        tickets=smaller(nw.coalesce("kept_tickets", "tickets"), nw.col("max_tickets")),
        revenue_ore=smaller(nw.coalesce("kept_revenue", "revenue_ore"), nw.col("max_revenue_ore")),
    )


def _known(base: Base, names: Collection[str]) -> tuple[Frame, list[str]]:
    """The identified customers with what they are, by column; with flow only those that bought up to the window's end.

    Every row that carries a ticket stands for an order that counts, since no row is negative: so days need no sums.
    """
    told = {
        "age_band": age_band(nw.col("birth_year"), base.window),
        "gender": nw.col("gender"),
        "county": nw.col("county"),
        "segment": segment(nw.col("segment")),
    }
    asked = {name: expression for name, expression in told.items() if name in names}
    known = base.customers.filter(nw.col("identified")).select("unit", **asked)
    if FLOW.name not in names:
        return known, list(asked)
    days = base.rows.filter((nw.col("tickets") > 0) & (nw.col("unit") > 0)).select("unit", "ordered_on")
    moved = flows(days, base.window, year_before(base.window)).join(known, on="unit", how="inner")
    return base.keep(moved), [*asked, FLOW.name]


def _chosen(dimension: Dimension, values: list[int]) -> nw.Expr:
    """The value of a person's cell, of one for each cell or one for all."""
    chosen: nw.Expr = nw.lit(values[0])
    if len(set(values)) > 1:
        cell = category(dimension)
        for place, value in enumerate(values[1:], start=1):
            chosen = nw.when(cell == place).then(nw.lit(value)).otherwise(chosen)
    return int64(chosen)
