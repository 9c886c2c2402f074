"""What remains of each unit after the caps of a study (privacy contract, sections 3.2 and 3.3).

Of every unit and window at most `max_orders` orders and `max_lines` lines are kept, in the keyed order; along the
same order tickets and revenue add up to their bounds, the line that crosses is cut and the rest count zero. A
sale without an identified customer is a unit of one order.

What is kept of a unit depends on its own rows alone. Orders stand in the order of their rank, then of their
lowest line's: both are keyed hashes of 60 bits, so that the number of an order, which counts other people's
orders too, in practice never decides.

Most units lie within every bound and are passed on as they are. The others are put in order once; whatever the bounds,
what is kept of them is a beginning of that order.
"""

from collections.abc import Collection

import narwhals as nw

from privacy.bounds.base import Base
from privacy.bounds.frames import Frame, clip_low, int64, smaller
from privacy.catalogue.tables import Bounds

_ORDERS_IN_TURN = ["order_rank", "first_line_rank", "order_no"]
_LINES_IN_TURN = ["order_place", "line_rank", "ticket_type", "tickets", "revenue_ore", "event_no"]
"""Ranks hardly ever tie; lines that tie in all of this are interchangeable."""


def crowded(bounds: Bounds) -> nw.Expr:
    """Whether a unit has more orders or lines than some bounds allow: which of them are kept then takes their order."""
    return (nw.col("orders") > bounds.max_orders) | (nw.col("lines") > bounds.max_lines)


def beyond(bounds: Bounds) -> nw.Expr:
    """Whether a unit's totals exceed any of some bounds."""
    return crowded(bounds) | (nw.col("tickets") > bounds.max_tickets) | (nw.col("revenue_ore") > bounds.max_revenue_ore)


def in_turn(base: Base, units: Frame, most: Collection[Bounds]) -> Frame:
    """The lines of some units in the keyed order, as far as any of some bounds can reach.

    Columns: those of the base's lines, and order_place, place (both from 1, within the unit), tickets_before and
    revenue_before (what the lines before it had).
    """
    max_orders = max((bounds.max_orders for bounds in most), default=0)
    max_lines = max((bounds.max_lines for bounds in most), default=0)
    orders = (
        base.orders.join(units.select("unit"), on="unit", how="semi")
        .select("order_no", order_place=nw.col("order_no").cum_count().over("unit", order_by=_ORDERS_IN_TURN))
        .filter(nw.col("order_place") <= max_orders)
    )
    lines = base.lines.join(orders, on="order_no", how="inner").with_columns(
        place=nw.col("order_no").cum_count().over("unit", order_by=_LINES_IN_TURN)
    )
    placed = base.keep(lines.filter(nw.col("place") <= max_lines))
    return base.keep(placed.with_columns(tickets_before=_before("tickets"), revenue_before=_before("revenue_ore")))


def within(placed: Frame, bounds: Bounds) -> Frame:
    """What some bounds keep of lines `in_turn`."""
    return placed.filter(
        (nw.col("order_place") <= bounds.max_orders) & (nw.col("place") <= bounds.max_lines)
    ).with_columns(
        tickets=smaller(nw.col("tickets"), clip_low(bounds.max_tickets - nw.col("tickets_before"))),
        revenue_ore=smaller(nw.col("revenue_ore"), clip_low(bounds.max_revenue_ore - nw.col("revenue_before"))),
    )


def _before(measure: str) -> nw.Expr:
    amount = nw.col(measure)
    return int64(amount.cum_sum().over("unit", order_by="place")) - amount
