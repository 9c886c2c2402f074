"""Price and revenue."""

from node.dashboard.charts.kinds import Lines, Point
from node.dashboard.model import Block, Page, Table, Value
from node.dashboard.pages.parts import by_category, figures_table, shares
from node.dashboard.view import View, why_no_own

_WANTED = (
    "revenue_ore",
    "revenue_per_customer_ore",
    "average_purchase_ore",
    "average_ticket_price_ore",
    "orders",
    "complimentary_share",
)


def money(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks = (
        figures_table(view, _WANTED, key="figures", title=_("At a glance")),
        _months(view),
        by_category(
            view, "ticket_type", "average_ticket_price_ore", key="price", title=_("Average price by ticket type")
        ),
        shares(view, "price_band", "tickets", key="bands", title=_("What a ticket costs")),
        by_category(view, "age_band", "revenue_per_customer_ore", key="age", title=_("Revenue per customer by age")),
        by_category(view, "channel", "average_purchase_ore", key="channel", title=_("Average purchase by channel")),
    )
    return Page("money", _("Price and revenue"), _("What people pay, and for what."), blocks)


def _months(view: View) -> Block:
    _ = view.language
    title = _("Your revenue month by month")
    if view.own is None:
        return Block("months", title, empty=why_no_own(view))
    points, rows = [], []
    for each in view.own.months:
        year, month = str(each["period"]).split("-")
        label = f"{_.month_name(int(month))} {year}"
        points.append(Point(label, view.you, float(each["revenue_ore"]), _.kroner(each["revenue_ore"])))
        price = each["average_ticket_price_ore"]
        rows.append(
            (
                Value(label),
                Value(_.kroner(each["revenue_ore"]), each["revenue_ore"]),
                Value(_.number(each["tickets"]), each["tickets"]),
                Value(_.kroner(price), price),
            )
        )
    chart = Lines(title, "kr", (view.you,), tuple(points), brush=True)
    heads = (_("Month"), _("Revenue"), _("Tickets"), _("Average ticket price"))
    return Block("months", title, chart=chart, table=Table(heads, tuple(rows)))
