"""The bounded view: what remains of each unit after the caps of a study (privacy contract, sections 3.2 and 3.3).

Of every unit and window at most `max_orders` orders and `max_lines` lines are kept, in the keyed order; along the
same order tickets and revenue add up to their bounds, the line that crosses is cut and the rest count zero. A
sale without an identified customer is a unit of one order.

What is kept of a unit depends on its own rows alone. Orders stand in the order of their rank, then of their
lowest line's: both are keyed hashes of 60 bits, so that the number of an order, which counts other people's
orders too, in practice never decides.
"""

from dataclasses import dataclass

import narwhals as nw

from privacy.bounds.frames import Frame, Keep, clip_low, int64, smaller
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds


@dataclass(frozen=True)
class BoundedView:
    """What a window's tables are made of.

    `kept`: unit, order_no, ordered_on, ticket_type, channel, tickets, revenue_ore; one row per kept line.
    `bought`: unit and orders, the number of its orders in the window before any bound.
    """

    kept: Frame
    bought: Frame


def countable(sales: Frame) -> Frame:
    """The rows that a release may count: returns without an original of the same unit are zero, so they go."""
    return sales.filter((nw.col("tickets") > 0) | (nw.col("revenue_ore") > 0))


def bounded(sales: Frame, window: Window, bounds: Bounds, keep: Keep) -> BoundedView:
    """The bounded view of a window over `sales` (see `privacy.bounds.frames`), where every row is `countable`.

    Most units lie within every bound and are passed on as they are; only the others are put in order.
    """
    in_window = keep(
        sales.filter(nw.col("ordered_on").is_between(window.first, window.last)).with_columns(
            tickets=clip_low(nw.col("tickets")), revenue_ore=clip_low(nw.col("revenue_ore"))
        )
    )
    orders = keep(
        in_window.group_by("order_no").agg(
            unit=nw.col("unit").any_value(),
            order_rank=nw.col("order_rank").any_value(),
            first_line_rank=nw.col("line_rank").min(),
            lines=int64(nw.len()),
            tickets=int64(nw.col("tickets").sum()),
            revenue_ore=int64(nw.col("revenue_ore").sum()),
        )
    )
    counted = orders.filter(nw.col("tickets") > 0)
    totals = keep(_totals(counted))
    heavy = totals.filter(_beyond(bounds)).select("unit")
    uncounted = orders.filter(nw.col("tickets") <= 0).select("order_no")
    lines = in_window.join(uncounted, on="order_no", how="anti")
    light = lines.join(heavy, on="unit", how="anti")
    cut = _cut(lines, counted.join(heavy, on="unit", how="semi"), bounds, keep)
    columns = ["unit", "order_no", "ordered_on", "ticket_type", "channel", "tickets", "revenue_ore"]
    kept = nw.concat([light.select(columns), cut.select(columns)], how="vertical")
    return BoundedView(kept, totals.select("unit", "orders"))


def _totals(orders: Frame) -> Frame:
    """What each unit bought, before any bound."""
    return orders.group_by("unit").agg(
        orders=int64(nw.len()),
        lines=int64(nw.col("lines").sum()),
        tickets=int64(nw.col("tickets").sum()),
        revenue_ore=int64(nw.col("revenue_ore").sum()),
    )


def _beyond(bounds: Bounds) -> nw.Expr:
    """Whether a unit's totals exceed some bound."""
    return (
        (nw.col("orders") > bounds.max_orders)
        | (nw.col("lines") > bounds.max_lines)
        | (nw.col("tickets") > bounds.max_tickets)
        | (nw.col("revenue_ore") > bounds.max_revenue_ore)
    )


def _cut(lines: Frame, orders: Frame, bounds: Bounds, keep: Keep) -> Frame:
    """The lines of some orders, cut to the bounds of their units."""
    in_turn = ["order_rank", "first_line_rank", "order_no"]
    kept_orders = orders.select(
        "order_no", order_place=nw.col("order_no").cum_count().over("unit", order_by=in_turn)
    ).filter(nw.col("order_place") <= bounds.max_orders)
    keyed = ["order_place", "line_rank", "ticket_type", "tickets", "revenue_ore"]
    ordered = lines.join(kept_orders, on="order_no", how="inner").with_columns(
        place=nw.col("order_no").cum_count().over("unit", order_by=keyed)
    )
    ordered = keep(ordered.filter(nw.col("place") <= bounds.max_lines))
    return ordered.with_columns(_up_to("tickets", bounds.max_tickets), _up_to("revenue_ore", bounds.max_revenue_ore))


def _up_to(measure: str, bound: int) -> nw.Expr:
    """A measure of which, per unit and in the keyed order, no more than a bound remains."""
    amount = nw.col(measure)
    before = int64(amount.cum_sum().over("unit", order_by="place")) - amount
    return smaller(amount, clip_low(bound - before)).alias(measure)
