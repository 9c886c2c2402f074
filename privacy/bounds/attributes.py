"""Attributes of a customer: functions of that customer's own full rows, computed before anything is bounded.

So each customer lies in exactly one cell of a table over an attribute, and a cap never invents a lost or a recovered
customer (privacy contract, section 3.4).
"""

from collections.abc import Sequence

import narwhals as nw

from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import AGE_BAND, AGE_LOWER_BOUNDS, FLOW, FREQUENCY_LOWER_BOUNDS

FORGOTTEN_AFTER_MONTHS = 36
"""Somebody who stayed away so long counts as new again."""


def counted_orders(sales: Frame) -> Frame:
    """The orders that count: net quantity above zero.

    Columns: unit, order_no, ordered_on, tickets, revenue_ore (the sums of all rows of the order).
    """
    return (
        sales.group_by("unit", "order_no", "ordered_on")
        .agg(tickets=int64(nw.col("tickets").sum()), revenue_ore=int64(nw.col("revenue_ore").sum()))
        .filter(nw.col("tickets") > 0)
    )


def activity(orders: Frame, s12: Window, f12: Window) -> Frame:
    """When each unit bought.

    Columns: unit, s12_orders and f12_orders int64, flow int64 or null (index of the category; null for a unit that
    bought in neither window).
    """
    day = nw.col("ordered_on")
    in_s12, in_f12 = day.is_between(s12.first, s12.last), day.is_between(f12.first, f12.last)
    units = (
        orders.filter(day <= s12.last)
        .group_by("unit")
        .agg(
            s12_orders=int64(_count(in_s12)),
            f12_orders=int64(_count(in_f12)),
            first_s12=nw.when(in_s12).then(day).min(),
            last_before=nw.when(day < s12.first).then(day).max(),
        )
    )
    return units.with_columns(flow=_flow(s12)).select("unit", "s12_orders", "f12_orders", "flow")


def _count(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum()


def _flow(s12: Window) -> nw.Expr:
    """The category of flow: new, continuing, recovered or lost.

    Away for 36 months or more means that 36 months after the last order came no later than the first one in S12.
    Months have no fixed length, so days are compared by year, month and day.
    """
    new, continuing, recovered, lost = (nw.lit(index) for index in range(len(FLOW.categories)))
    last, first = nw.col("last_before"), nw.col("first_s12")
    months = (first.dt.year() - last.dt.year()) * 12 + (first.dt.month() - last.dt.month())
    long_gone = (months > FORGOTTEN_AFTER_MONTHS) | (
        (months == FORGOTTEN_AFTER_MONTHS) & (first.dt.day() >= last.dt.day())
    )
    return int64(
        nw.when(nw.col("s12_orders") > 0)
        .then(
            nw.when(nw.col("f12_orders") > 0)
            .then(continuing)
            .otherwise(nw.when(last.is_null() | long_gone).then(new).otherwise(recovered))
        )
        .otherwise(nw.when(nw.col("f12_orders") > 0).then(lost).otherwise(nw.lit(None)))
    )


def frequency_band(orders: nw.Expr) -> nw.Expr:
    """The category of a number of orders from 1 upwards."""
    return _band(orders, list(FREQUENCY_LOWER_BOUNDS.values()))


def age_band(birth_year: nw.Expr, last: Window) -> nw.Expr:
    """The category of the age reached in the year in which a window ends; unknown without a year of birth."""
    band = _band(nw.lit(last.last.year) - birth_year, list(AGE_LOWER_BOUNDS.values()))
    unknown = nw.lit(len(AGE_BAND.categories) - 1)
    return int64(nw.when(birth_year.is_null()).then(unknown).otherwise(band))


def _band(value: nw.Expr, lower_bounds: Sequence[int]) -> nw.Expr:
    """The index of the last lower bound that a value reaches; 0 below all of them."""
    index: nw.Expr = nw.lit(0)
    for position, lower in enumerate(lower_bounds[1:], start=1):
        index = nw.when(value >= lower).then(nw.lit(position)).otherwise(index)
    return int64(index)
