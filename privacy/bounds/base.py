"""What was bought in a window, at three levels: the one base from which every bounded view of it is cut.

Each line and each order has the categories that it lies in, from the order's own full rows. Nothing here is bounded.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import narwhals as nw

from privacy.bounds.frames import Frame, Keep, clip_low, int64, sums
from privacy.bounds.purchases import basket_size, first_start, lead_time, month, order_weekday, price_band
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Table

OF_PERFORMANCE = ("genre", "weekday", "daypart")
"""Dimensions of the performance of a line, which `sales` must have as columns where a table is about them."""


@dataclass(frozen=True)
class Base:
    """The sales of a window, of everybody whom a release may count; orders that count alone.

    `rows`: the rows of `sales` of all times that a release may count, as they are
    `customers`: as in `privacy.bounds.frames`
    `lines`: unit, order_no, identified (0 or 1), order_rank, line_rank, event_no, tickets, revenue_ore, and a column
        of categories for each dimension of lines that is asked for
    `orders`: unit, order_no, identified, order_rank, first_line_rank, lines, tickets, revenue_ore, and a column of
        categories for each dimension of orders that is asked for
    `units`: unit, identified, orders, lines, tickets, revenue_ore; everybody who bought in the window
    """

    window: Window
    keep: Keep
    rows: Frame
    customers: Frame
    lines: Frame
    orders: Frame
    units: Frame


def names_of(tables: Iterable[Table]) -> frozenset[str]:
    """The names of the plain dimensions that some tables are about."""
    return frozenset(plain.name for table in tables for plain in (table.dimension.parts or (table.dimension,)))


def base_of(sales: Frame, customers: Frame, window: Window, keep: Keep, names: Collection[str]) -> Base:
    """The base of a window; `names` are the dimensions that it is asked for (`names_of`).

    `sales` and `customers` are as in `privacy.bounds.frames`.
    """
    hidden = keep(customers.filter(~nw.col("released")).select("unit"))
    rows = countable(sales).join(hidden, on="unit", how="anti")
    lines = keep(_lines(rows, customers, window, names))
    orders = keep(_orders(lines, names))
    counted = orders.filter(nw.col("tickets") > 0)
    uncounted = keep(orders.filter(nw.col("tickets") <= 0).select("order_no"))
    units = keep(
        counted.group_by("unit").agg(
            identified=nw.col("identified").any_value(),
            orders=int64(nw.len()),
            **sums("lines", "tickets", "revenue_ore"),
        )
    )
    return Base(window, keep, rows, customers, lines.join(uncounted, on="order_no", how="anti"), counted, units)


def countable(sales: Frame) -> Frame:
    """The rows that a release may count: returns without an original of the same unit are zero, so they go."""
    return sales.filter((nw.col("tickets") > 0) | (nw.col("revenue_ore") > 0))


def spent_in(base: Base, window: Window) -> Frame:
    """What each unit paid in another window, before any bound: unit, revenue_ore; of orders that count."""
    orders = (
        base.rows.filter(nw.col("ordered_on").is_between(window.first, window.last))
        .with_columns(tickets=clip_low(nw.col("tickets")), revenue_ore=clip_low(nw.col("revenue_ore")))
        .group_by("order_no")
        .agg(unit=nw.col("unit").any_value(), **sums("tickets", "revenue_ore"))
    )
    return orders.filter(nw.col("tickets") > 0).group_by("unit").agg(**sums("revenue_ore"))


def small(expression: nw.Expr) -> nw.Expr:
    """A category in one byte: a base has many of them."""
    return expression.cast(nw.Int8)


def _lines(rows: Frame, customers: Frame, window: Window, names: Collection[str]) -> Frame:
    identified = customers.filter(nw.col("identified")).select("unit", identified=nw.lit(1))
    tickets, revenue = clip_low(nw.col("tickets")), clip_low(nw.col("revenue_ore"))
    asked = {name: small(nw.col(name)) for name in OF_PERFORMANCE if name in names}
    if "lead_time" in names:
        asked["start_on"] = nw.col("start_on")
    if "price_band" in names:
        asked["price_band"] = small(price_band(tickets, revenue))
    return (
        rows.filter(nw.col("ordered_on").is_between(window.first, window.last))
        .join(identified, on="unit", how="left")
        .select(
            "unit",
            "order_no",
            "ordered_on",
            "order_rank",
            "line_rank",
            "event_no",
            small(nw.col("ticket_type")),
            small(nw.col("channel")),
            small(nw.col("identified").fill_null(0)),
            tickets=tickets,
            revenue_ore=revenue,
            **asked,
        )
    )


def _orders(lines: Frame, names: Collection[str]) -> Frame:
    starts = {"start_on": first_start(nw.col("start_on"), nw.col("tickets"))} if "lead_time" in names else {}
    gathered = lines.group_by("order_no").agg(
        unit=nw.col("unit").any_value(),
        identified=nw.col("identified").any_value(),
        ordered_on=nw.col("ordered_on").any_value(),
        channel=nw.col("channel").any_value(),
        order_rank=nw.col("order_rank").any_value(),
        first_line_rank=nw.col("line_rank").min(),
        lines=int64(nw.len()),
        **sums("tickets", "revenue_ore"),
        **starts,
    )
    day = nw.col("ordered_on")
    known = {
        "month": month(day),
        "order_weekday": order_weekday(day),
        "basket_size": basket_size(nw.col("tickets")),
        "lead_time": lead_time(day, nw.col("start_on")),
    }
    asked = {name: small(category) for name, category in known.items() if name in names}
    left_out = {"ordered_on", *starts}
    return gathered.select(*(name for name in gathered.collect_schema().names() if name not in left_out), **asked)
