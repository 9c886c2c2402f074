"""Which key figures follow from which cells of a study: the definitions of docs/kpis.md, laid over released tables.

A key figure of a whole cohort stands at totals/all. It may need other tables: totals' customers are identified ones
while its orders include anonymous sales, so how often a customer buys takes the orders of `identity`, and the paying
tickets are those of `totals` without the complimentary ones of `ticket_type`. A category of a table has the ratios
that its own cells make. Numerator and denominator are different cells, so their noises are independent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Table
from privacy.estimate import kpis
from privacy.estimate.complementary import WHOLE
from privacy.estimate.disclosure import Category
from privacy.estimate.figure import Figure
from privacy.estimate.ratios import Ratio

DECIMALS = {
    "average_ticket_price_ore": 0,
    "average_purchase_ore": 0,
    "revenue_per_customer_ore": 0,
    "purchase_frequency": 3,
    "tickets_per_order": 3,
    "first_timer_share": 4,
    "retention": 4,
    "duration_years": 3,
    "identified_share": 4,
    "complimentary_share": 4,
}
"""The key figures, in the order in which a cell shows them, with the decimals of their published values."""

CROSS_USE_DECIMALS = {"people": 0, "institutions_per_person": 3, "share": 4}
"""What is estimated of cross-use beside overlaps, which are sums of customers, with the decimals."""

EVERY_DECIMALS = DECIMALS | CROSS_USE_DECIMALS
"""All measures that are no sums."""

Source = tuple[str, str, Measure]
"""A table, a category and a measure: one integer of a release."""

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
LOST: Category = ("flow", "lost")
FREE: Source = ("ticket_type", "complimentary", TICKETS)

NOTHING: frozenset[Source] = frozenset(
    {(*LOST, ORDERS), (*LOST, TICKETS), (*LOST, REVENUE), ("ticket_type", "complimentary", REVENUE)}
)
"""What is nothing at every member by its definition, and so is noise in a release: nobody has a share in it. Lost
customers have not bought, and nothing is paid for a complimentary ticket."""


@dataclass(frozen=True)
class Derived:
    """A key figure of one category: what it is made of, and how."""

    category: Category
    kpi: str
    sources: tuple[Source, ...]
    formula: Callable[..., Ratio]

    @cached_property
    def needs(self) -> tuple[Category, ...]:
        """The categories without which it is not published: its own first, and those of its sources."""
        return (self.category, *((table, name) for table, name, _ in self.sources))


def derived(sources: set[Source], tables: Sequence[Table]) -> tuple[Derived, ...]:
    """The key figures that these cells give: those of the whole first, then category by category."""
    every = [*_of_whole(), *(each for table in tables if table.name != WHOLE[0] for each in _of_table(table))]
    return tuple(each for each in every if sources.issuperset(each.sources))


def _of_whole() -> Iterator[Derived]:
    customers, orders, tickets, revenue = ((*WHOLE, measure) for measure in Measure)
    known, unknown = (("identity", name, ORDERS) for name in ("identified", "anonymous"))
    new, continuing, recovered, lost = (
        ("flow", name, CUSTOMERS) for name in ("new", "continuing", "recovered", "lost")
    )
    yield Derived(WHOLE, "average_ticket_price_ore", (revenue, tickets, FREE), _price_of_paying)
    yield Derived(WHOLE, "average_purchase_ore", (revenue, orders), kpis.average_purchase_ore)
    known_revenue = ("identity", "identified", REVENUE)
    yield Derived(WHOLE, "revenue_per_customer_ore", (known_revenue, customers), kpis.revenue_per_customer_ore)
    yield Derived(WHOLE, "purchase_frequency", (known, customers), kpis.purchase_frequency)
    yield Derived(WHOLE, "tickets_per_order", (tickets, orders), kpis.tickets_per_order)
    yield Derived(WHOLE, "first_timer_share", (new, continuing, recovered), kpis.first_timer_share)
    yield Derived(WHOLE, "retention", (continuing, lost), kpis.retention)
    yield Derived(WHOLE, "duration_years", (continuing, lost), kpis.duration_years)
    yield Derived(WHOLE, "identified_share", (known, unknown), kpis.identified_share)
    yield Derived(WHOLE, "complimentary_share", (FREE, tickets), kpis.complimentary_share)


def _of_table(table: Table) -> Iterator[Derived]:
    dimension = table.dimension
    for name in dimension.categories:
        customers, orders, tickets, revenue = ((table.name, name, measure) for measure in Measure)
        if (table.name, name) == LOST:
            continue
        cell = (table.name, name)
        if dimension.level is Level.LINE:  # an order of several categories counts in one of them alone
            if (table.name, name, TICKETS) != FREE:
                yield Derived(cell, "average_ticket_price_ore", (revenue, tickets), kpis.average_ticket_price_ore)
            continue
        yield Derived(cell, "average_purchase_ore", (revenue, orders), kpis.average_purchase_ore)
        if dimension.level is Level.CUSTOMER and name != dimension.unidentified:  # nobody anonymous is in it
            yield Derived(cell, "revenue_per_customer_ore", (revenue, customers), kpis.revenue_per_customer_ore)
            yield Derived(cell, "purchase_frequency", (orders, customers), kpis.purchase_frequency)
        yield Derived(cell, "tickets_per_order", (tickets, orders), kpis.tickets_per_order)


def _price_of_paying(revenue: Figure, tickets: Figure, complimentary: Figure) -> Ratio:
    paying = Figure(tickets.value - complimentary.value, tickets.variance + complimentary.variance)
    return kpis.average_ticket_price_ore(revenue, paying)
