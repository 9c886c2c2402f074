"""The pages in the order of the navigation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from node.dashboard.figures import N_
from node.dashboard.house import Need
from node.dashboard.model import Page
from node.dashboard.pages.assessment import assessment
from node.dashboard.pages.audience import audience, segments
from node.dashboard.pages.crossing import crossing
from node.dashboard.pages.development import development
from node.dashboard.pages.events import happened
from node.dashboard.pages.insights import insights
from node.dashboard.pages.loyalty import loyalty
from node.dashboard.pages.money import money
from node.dashboard.pages.overview import overview
from node.dashboard.pages.privacy import privacy
from node.dashboard.pages.quality import quality
from node.dashboard.pages.tickets import tickets
from node.dashboard.pages.value import value
from node.dashboard.pages.year import year
from node.dashboard.view import View


@dataclass(frozen=True)
class Entry:
    """A page: its key, which is its address, its short name, the function that makes it, and what that takes."""

    key: str
    label: str
    make: Callable[[View], Page]
    needs: tuple[Need, ...] = ()


PAGES: Final = {
    each.key: each
    for each in (
        Entry("overview", N_("Overview"), overview),
        Entry("money", N_("Price and revenue"), money),
        Entry("loyalty", N_("Frequency and loyalty"), loyalty),
        Entry("value", N_("Value and forecast"), value),
        Entry("audience", N_("Audience and place"), audience),
        Entry("segments", N_("Culture segments"), segments),
        Entry("tickets", N_("Tickets and channels"), tickets),
        Entry("year", N_("Calendar and lead time"), year),
        Entry("cross-use", N_("Cross-use"), crossing),
        Entry("development", N_("Development and position"), development, ("history",)),
        Entry("events", N_("Effect of local events"), happened, ("happened",)),
        Entry("insights", N_("Insights"), insights, ("told",)),
        Entry("self-assessment", N_("Self-assessment"), assessment, ("told",)),
        Entry("quality", N_("Data quality"), quality),
        Entry("privacy", N_("Privacy"), privacy, ("spending",)),
    )
}
