"""Attributes of a customer: functions of that customer's own full rows, computed before anything is bounded.

So each customer lies in exactly one cell of a table over an attribute, and a cap never invents a lost or a
recovered customer (privacy contract, section 3.4).
"""

from collections.abc import Iterable

import narwhals as nw

from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import (
    AGE_BAND,
    AGE_LOWER_BOUNDS,
    FLOW,
    FREQUENCY_LOWER_BOUNDS,
    SEGMENT,
    UNKNOWN,
    VALUE_LOWER_BOUNDS_KR,
)

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


def flows(purchases: Frame, s12: Window, f12: Window) -> Frame:
    """Where each unit came from or went; of rows with unit and ordered_on, one or more for each purchase.

    Columns: unit, flow int64 or null (index of the category; null for a unit that bought in neither window).
    """
    return (
        purchases.filter(nw.col("ordered_on") <= s12.last)
        .group_by("unit")
        .agg(**_days(s12))
        .select("unit", flow=_flow(f12))
    )


def _days(s12: Window) -> dict[str, nw.Expr]:
    """Of rows up to S12's end: a unit's first day in S12 and its last day before; null where there is none."""
    day = nw.col("ordered_on")
    return {
        "first_s12": nw.when(day >= s12.first).then(day).min(),
        "last_before": nw.when(day < s12.first).then(day).max(),
    }


def _flow(f12: Window) -> nw.Expr:
    """The category of flow (new, continuing, recovered or lost) by the days of `_days`.

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
        nw.when(first.is_null())
        .then(nw.when(last >= f12.first).then(lost).otherwise(nw.lit(None)))
        .otherwise(
            nw.when(last.is_null())
            .then(new)
            .otherwise(
                nw.when(last >= f12.first).then(continuing).otherwise(nw.when(long_gone).then(new).otherwise(recovered))
            )
        )
    )


def frequency_band(orders: nw.Expr) -> nw.Expr:
    """The category of a number of orders from 1 upwards."""
    return band(orders, FREQUENCY_LOWER_BOUNDS.values())


def value_band(revenue_ore: nw.Expr) -> nw.Expr:
    """The category of what a customer paid in a window, in øre."""
    return band(revenue_ore, (100 * kroner for kroner in VALUE_LOWER_BOUNDS_KR.values()))


def age_band(birth_year: nw.Expr, last: Window) -> nw.Expr:
    """The category of the age reached in the year in which a window ends; unknown without a year of birth."""
    reached = band(nw.lit(last.last.year) - birth_year, AGE_LOWER_BOUNDS.values())
    unknown = nw.lit(AGE_BAND.categories.index(UNKNOWN))
    return int64(nw.when(birth_year.is_null()).then(unknown).otherwise(reached))


def segment(told: nw.Expr) -> nw.Expr:
    """The category of a culture segment by the text of it; unknown for a text that is none, and without one."""
    index: nw.Expr = nw.lit(SEGMENT.categories.index(UNKNOWN))
    for place, name in enumerate(SEGMENT.categories):
        index = nw.when(told == name).then(nw.lit(place)).otherwise(index)
    return int64(index)


def band(value: nw.Expr, lower_bounds: Iterable[int]) -> nw.Expr:
    """The index of the last lower bound that a value reaches; 0 below all of them."""
    index: nw.Expr = nw.lit(0)
    for position, lower in enumerate(lower_bounds):
        if position:
            index = nw.when(value >= lower).then(nw.lit(position)).otherwise(index)
    return int64(index)
