"""What the own figures are broken down by, beyond the dimensions of the catalogue: categories in a fixed order."""

import narwhals as nw

from privacy.bounds.frames import int64
from privacy.catalogue.dimensions import UNKNOWN, Dimension, Level

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ORDER_WEEKDAY = Dimension("order_weekday", Level.ORDER, _DAYS)
"""The day on which it was ordered."""

BASKET_LOWER_BOUNDS = {"1": 1, "2": 2, "3-4": 3, "5-9": 5, "10+": 10}
BASKET_SIZE = Dimension("basket_size", Level.ORDER, tuple(BASKET_LOWER_BOUNDS))
"""Tickets of the order, net of returns."""

LEAD_LOWER_BOUNDS = {"same day": 0, "1-7": 1, "8-30": 8, "31-90": 31, "91+": 91}
LEAD_TIME = Dimension("lead_time", Level.ORDER, (*LEAD_LOWER_BOUNDS, UNKNOWN))
"""Days from the order to its first performance; where that was before the order, the same day."""

PRICE_LOWER_BOUNDS_ORE = {
    "free": 0,
    "1-99": 1,
    "100-199": 100_00,
    "200-299": 200_00,
    "300-499": 300_00,
    "500-799": 500_00,
    "800+": 800_00,
}
NO_TICKET = "no ticket"
PRICE_BAND = Dimension("price_band", Level.LINE, (*PRICE_LOWER_BOUNDS_ORE, NO_TICKET))
"""Kroner paid per ticket of the line, net of what was taken back; a line of which no ticket is left has its own."""

WEEKDAY = Dimension("weekday", Level.LINE, (*_DAYS, UNKNOWN))
"""The day of the performance, where the institution is."""

DAYPART_FIRST_HOURS = {"morning": 5, "afternoon": 12, "evening": 17, "night": 22}
DAYPART = Dimension("daypart", Level.LINE, (*DAYPART_FIRST_HOURS, UNKNOWN))
"""When the performance starts, where the institution is: from 5, 12, 17 and 22 o'clock."""


def band(value: nw.Expr, lower_bounds: dict[str, int]) -> nw.Expr:
    """The index of the last lower bound that a value reaches; 0 below all of them."""
    index: nw.Expr = nw.lit(0)
    for position, lower in enumerate(list(lower_bounds.values())[1:], start=1):
        index = nw.when(value >= lower).then(nw.lit(position)).otherwise(index)
    return int64(index)
