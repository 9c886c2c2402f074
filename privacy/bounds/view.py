"""The bounded view: what remains of each unit after the caps of a study (privacy contract, section 3.2 and 3.3).

Of every unit and window at most `max_orders` orders and `max_lines` lines are kept, in the keyed order; along the
same order tickets and revenue add up to their bounds, the line that crosses is cut and the rest count zero. A sale
without an identified customer is a unit of one order.
"""

from dataclasses import dataclass

import narwhals as nw

from privacy.bounds.frames import Frame, Keep, clip_low, int64, smaller
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds


@dataclass(frozen=True)
class BoundedView:
    """`kept`: unit, order_no, ordered_on, ticket_type, channel, tickets, revenue_ore; one row per kept line."""

    kept: Frame


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
        in_window.group_by("unit", "order_no", "order_rank").agg(
            lines=int64(nw.len()),
            tickets=int64(nw.col("tickets").sum()),
            revenue_ore=int64(nw.col("revenue_ore").sum()),
        )
    )
    counted = orders.filter(nw.col("tickets") > 0)
    heavy = keep(_beyond_a_bound(counted, bounds))
    uncounted = orders.filter(nw.col("tickets") <= 0).select("order_no")
    lines = in_window.join(uncounted, on="order_no", how="anti")
    light = lines.join(heavy, on="unit", how="anti")
    cut = _cut(lines.join(heavy, on="unit", how="semi"), counted.join(heavy, on="unit", how="semi"), bounds, keep)
    columns = ["unit", "order_no", "ordered_on", "ticket_type", "channel", "tickets", "revenue_ore"]
    return BoundedView(keep(nw.concat([light.select(columns), cut.select(columns)], how="vertical")))


def _beyond_a_bound(orders: Frame, bounds: Bounds) -> Frame:
    """The units that exceed some bound."""
    totals = orders.group_by("unit").agg(
        orders=int64(nw.len()),
        lines=int64(nw.col("lines").sum()),
        tickets=int64(nw.col("tickets").sum()),
        revenue_ore=int64(nw.col("revenue_ore").sum()),
    )
    return totals.filter(
        (nw.col("orders") > bounds.max_orders)
        | (nw.col("lines") > bounds.max_lines)
        | (nw.col("tickets") > bounds.max_tickets)
        | (nw.col("revenue_ore") > bounds.max_revenue_ore)
    ).select("unit")


def _cut(lines: Frame, orders: Frame, bounds: Bounds, keep: Keep) -> Frame:
    """The lines of units beyond a bound, cut to it."""
    kept_orders = (
        orders.with_columns(place=nw.col("order_no").cum_count().over("unit", order_by=["order_rank", "order_no"]))
        .filter(nw.col("place") <= bounds.max_orders)
        .select("order_no")
    )
    keyed = ["order_rank", "order_no", "line_rank", "ticket_type", "tickets", "revenue_ore"]
    ordered = lines.join(kept_orders, on="order_no", how="semi").with_columns(
        place=nw.col("order_no").cum_count().over("unit", order_by=keyed),
    )
    ordered = keep(ordered.filter(nw.col("place") <= bounds.max_lines))
    for measure, bound in (("tickets", bounds.max_tickets), ("revenue_ore", bounds.max_revenue_ore)):
        before = int64(nw.col(measure).cum_sum().over("unit", order_by="place")) - nw.col(measure)
        ordered = ordered.with_columns(before.alias(f"{measure}_before"))
    return ordered.with_columns(
        tickets=smaller(nw.col("tickets"), clip_low(bounds.max_tickets - nw.col("tickets_before"))),
        revenue_ore=smaller(nw.col("revenue_ore"), clip_low(bounds.max_revenue_ore - nw.col("revenue_ore_before"))),
    )
