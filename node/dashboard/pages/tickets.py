"""Ticket types and channels."""

from node.dashboard.model import Block, Page
from node.dashboard.pages.audience import crossed_of_cohort
from node.dashboard.pages.parts import by_category, figures_table, shares
from node.dashboard.view import View

_WANTED = ("tickets", "tickets_per_order", "average_ticket_price_ore", "complimentary_share", "orders")


def tickets(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks: tuple[Block, ...] = (
        figures_table(view, _WANTED, key="figures", title=_("At a glance")),
        shares(view, "ticket_type", "tickets", key="types", title=_("Ticket types")),
        shares(view, "channel", "orders", key="channels", title=_("Channels")),
        by_category(view, "channel", "tickets_per_order", key="size", title=_("Tickets per order by channel")),
        shares(view, "basket_size", "orders", key="baskets", title=_("How many tickets are bought together")),
        shares(view, "genre", "tickets", key="genre", title=_("Genres")),
        *crossed_of_cohort(view, "ticket_type-month", "type-month-cohort"),
    )
    if view.published("genre", "revenue_per_ticket_ore"):
        title = _("Revenue per ticket by genre")
        blocks = (*blocks, by_category(view, "genre", "revenue_per_ticket_ore", key="genre-price", title=title))
    return Page("tickets", _("Tickets and channels"), _("Which tickets are sold, and how."), blocks)
