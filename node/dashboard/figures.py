"""The key figures: what they are called, what they tell, how they are written, and on which page they stand."""

from dataclasses import dataclass
from typing import Final

from node.dashboard.charts.kinds import PLUS_MINUS, Unit
from node.dashboard.language import NOTHING, Language


def N_(text: str) -> str:  # noqa: N802  as gettext calls it
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class KeyFigure:
    """A figure: its name in files, its name for people, what it tells, and the page where there is more of it."""

    key: str
    label: str
    explained: str
    page: str


KEY_FIGURES: Final = {
    each.key: each
    for each in (
        KeyFigure("customers", N_("Customers"), N_("Known customers who bought in the twelve months."), "audience"),
        KeyFigure(
            "retention",
            N_("Returning"),
            N_("Of the customers of the year before, the part that bought again."),
            "loyalty",
        ),
        KeyFigure(
            "revenue_per_customer_ore",
            N_("Revenue per customer"),
            N_("What a known customer paid in twelve months."),
            "money",
        ),
        KeyFigure(
            "average_ticket_price_ore",
            N_("Average ticket price"),
            N_("Revenue per ticket that was paid for."),
            "money",
        ),
        KeyFigure(
            "first_timer_share",
            N_("First-timers"),
            N_("Of the customers, the part that had never bought before, or not for three years."),
            "loyalty",
        ),
        KeyFigure("purchase_frequency", N_("Orders per customer"), N_("How often a known customer bought."), "loyalty"),
        KeyFigure("average_purchase_ore", N_("Average purchase"), N_("Revenue per order."), "money"),
        KeyFigure("tickets_per_order", N_("Tickets per order"), N_("How many come along."), "tickets"),
        KeyFigure(
            "duration_years",
            N_("Years as a customer"),
            N_("How long a customer stays, if as many are lost each year as in this one."),
            "loyalty",
        ),
        KeyFigure(
            "identified_share",
            N_("Orders with a known customer"),
            N_("Without a customer, a sale tells nothing of audiences."),
            "quality",
        ),
        KeyFigure(
            "complimentary_share", N_("Complimentary tickets"), N_("Of all tickets, those given away."), "tickets"
        ),
        KeyFigure("orders", N_("Orders"), N_("All orders, of known customers and others."), "money"),
        KeyFigure("tickets", N_("Tickets"), N_("All tickets, less those returned."), "tickets"),
        KeyFigure("revenue_ore", N_("Revenue"), N_("What was paid for tickets, less returns and fees."), "money"),
    )
}
"""In the order in which a user may choose them."""

OF_CATEGORIES: Final = {"revenue_per_ticket_ore": N_("Revenue per ticket, the complimentary ones among them.")}
"""What a figure tells that stands at categories alone."""

SUMS: Final = ("customers", "orders", "tickets", "revenue_ore")
"""Figures that add up over members: a cohort's are shown per member."""

AT_FIRST: Final = (
    "customers",
    "retention",
    "revenue_per_customer_ore",
    "average_ticket_price_ore",
    "first_timer_share",
    "purchase_frequency",
)
"""The tiles of who has not chosen any."""


def unit_of(measure: str) -> Unit:
    """The unit of a measure, by its name."""
    if measure.endswith("_ore"):
        return "kr"
    if measure.endswith("share") or measure in ("retention", "occupancy"):
        return "share"
    return "count" if measure in SUMS or measure == "people" else "number"


def written(_: Language, value: float | None, unit: Unit) -> str:
    """A figure as people read it."""
    match unit:
        case "count":
            return _.number(value)
        case "kr":
            return _.kroner(value)
        case "share":
            return _.percent(value, 1)
        case "number":
            return _.number(value, 2)


def with_margin(_: Language, value: float | None, margin: float | None, unit: Unit) -> str:
    """A figure with how far the truth may lie from it, 19 times in 20: 34,2 ± 1,3 %."""
    if value is None:
        return NOTHING
    if margin is None:
        return written(_, value, unit)
    match unit:
        case "count":
            return f"{_.number(value)}{PLUS_MINUS}{_.number(margin)}"
        case "kr":
            return f"{written(_, value, unit)}{PLUS_MINUS}{_.number(margin / 100)}"
        case "share":
            return f"{written(_, value, unit)}{PLUS_MINUS}{_.number(100 * margin, 1)}"
        case "number":
            return f"{_.number(value, 2)}{PLUS_MINUS}{_.number(margin, 2)}"


def difference(_: Language, own: float, other: float, unit: Unit) -> str:
    """How far one figure is from another: in points for parts, in per cent for all else."""
    if unit == "share":
        return _("{points} points", points=_signed(_, 100 * (own - other), 1))
    if other <= 0:
        return ""
    sign = "\u00a0%" if _.code == "nb" else "%"
    return f"{_signed(_, 100 * (own - other) / other, 0)}{sign}"


def _signed(_: Language, value: float, decimals: int) -> str:
    shown = _.number(abs(value), decimals)
    if not any(letter in "123456789" for letter in shown):
        return shown
    return f"{'+' if value > 0 else '−'}{shown}"
