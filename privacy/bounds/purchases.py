"""Attributes of an order and of a line: functions of that order's own net rows, computed before anything is bounded.

The own figures and a release share these definitions.
"""

import narwhals as nw

from privacy.bounds.attributes import band
from privacy.bounds.frames import clip_low, int64
from privacy.catalogue.dimensions import (
    BASKET_LOWER_BOUNDS,
    LEAD_LOWER_BOUNDS,
    LEAD_TIME,
    NO_TICKET,
    PRICE_BAND,
    PRICE_LOWER_BOUNDS_ORE,
    UNKNOWN,
)


def month(ordered_on: nw.Expr) -> nw.Expr:
    """The category of the day of an order: its month of the calendar."""
    return int64(ordered_on.dt.month() - 1)


def order_weekday(ordered_on: nw.Expr) -> nw.Expr:
    """The category of the day of an order: its day of the week."""
    return int64(ordered_on.dt.weekday() - 1)


def basket_size(tickets: nw.Expr) -> nw.Expr:
    """The category of an order's tickets, from 1 upwards."""
    return band(tickets, BASKET_LOWER_BOUNDS.values())


def first_start(start_on: nw.Expr, tickets: nw.Expr) -> nw.Expr:
    """Of the lines of an order, gathered: the day of the first performance of which a ticket is left, or null."""
    return nw.when(tickets > 0).then(start_on).min()


def lead_time(ordered_on: nw.Expr, start_on: nw.Expr) -> nw.Expr:
    """The category of the days from an order to its `first_start`."""
    days = _day_number(start_on) - _day_number(ordered_on)
    unknown = nw.lit(LEAD_TIME.categories.index(UNKNOWN))
    return int64(nw.when(start_on.is_null()).then(unknown).otherwise(band(days, LEAD_LOWER_BOUNDS.values())))


def price_band(tickets: nw.Expr, revenue_ore: nw.Expr) -> nw.Expr:
    """The category of what a line's tickets cost each, in whole øre rounded down."""
    each = nw.when(tickets > 0).then(revenue_ore // clip_low(tickets, 1)).otherwise(nw.lit(0))
    none = nw.lit(PRICE_BAND.categories.index(NO_TICKET))
    return int64(nw.when(tickets > 0).then(band(each, PRICE_LOWER_BOUNDS_ORE.values())).otherwise(none))


def _day_number(day: nw.Expr) -> nw.Expr:
    """Days since the year 1, as `date.toordinal` counts them: engines disagree on what two days' difference is."""
    year = int64(day.dt.year()) - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + int64(day.dt.ordinal_day())
