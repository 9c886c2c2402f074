"""Calendar and lead time."""

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Point
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.pages.parts import by_category, shares
from node.dashboard.view import View, why_no_own


def year(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks = (
        shares(view, "month", "orders", key="months", title=_("When orders are made"), along=True),
        shares(view, "lead_time", "orders", key="lead", title=_("How long before the performance")),
        shares(view, "order_weekday", "orders", key="order-day", title=_("The day of the order")),
        shares(view, "weekday", "tickets", key="day", title=_("The day of the performance")),
        shares(view, "daypart", "tickets", key="daypart", title=_("The time of the performance")),
        by_category(view, "month", "average_purchase_ore", key="purchase", title=_("Average purchase by month")),
        *(occupancy(view, by) for by in ("weekday", "genre")),
    )
    return Page("year", _("Calendar and lead time"), _("When people buy, and when they come."), blocks)


def occupancy(view: View, by: str) -> Block:
    """Tickets sold of the seats on sale, by a table of performances."""
    _ = view.language
    key, title = f"occupancy-{by}", _("Occupancy: {by}", by=names.table(_, by).lower())
    if view.own is None:
        return Block(key, title, empty=why_no_own(view))
    found = {name: each for name, each in view.own.occupancy.get(by, {}).items() if each["share"] is not None}
    if not found:
        return Block(
            key,
            title,
            empty=Empty(
                _("How many seats were on sale is not known."),
                _("Import a list of performances with their capacity: one row each, with the number of seats."),
            ),
        )
    points, rows = [], []
    for name, each in found.items():
        label = names.category(_, by, name)
        points.append(Point(label, view.you, each["share"], _.percent(each["share"], 1)))
        rows.append(
            (
                Value(label),
                Value(_.number(each["with_capacity"]), each["with_capacity"]),
                Value(_.number(each["capacity"]), each["capacity"]),
                Value(_.number(each["sold"]), each["sold"]),
                Value(_.percent(each["share"], 1), each["share"]),
            )
        )
    heads = (names.table(_, by), _("Performances"), _("Seats"), _("Sold"), _("Occupancy"))
    return Block(key, title, chart=Bars(title, "share", (view.you,), tuple(points)), table=Table(heads, tuple(rows)))
