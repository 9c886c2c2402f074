"""Which key figures follow from which cells of a study: the definitions of docs/kpis.md, laid over released tables.

A key figure of a whole cohort stands at totals/all. It may need other tables: totals' customers are identified ones
while its orders include anonymous sales, so how often a customer buys takes the orders of `identity`, and the paying
tickets are those of `totals` without the complimentary ones of `ticket_type`. A category of a table has the ratios
that its own cells make. What is divided is within the same bounds, but for customers, whom no bound touches.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from privacy.catalogue.dimensions import (
    DIMENSIONS,
    FLOW,
    MIGRATION,
    NO_TICKET,
    PRICE_BAND,
    TICKET_TYPE,
    TIERS,
    VALUE_BAND,
    VALUE_TIER,
    Dimension,
    Level,
)
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds, Table
from privacy.estimate import kpis
from privacy.estimate.clipping.tail import beyond_bound
from privacy.estimate.disclosure import WHOLE, Category
from privacy.estimate.figure import Figure
from privacy.estimate.formulas import Coefficients, Formula, Products, Quotient, of_independent
from privacy.estimate.ratios import Ratio

DECIMALS = {
    "average_ticket_price_ore": 0,
    "average_purchase_ore": 0,
    "revenue_per_customer_ore": 0,
    "revenue_per_ticket_ore": 0,
    "purchase_frequency": 3,
    "tickets_per_order": 3,
    "first_timer_share": 4,
    "retention": 4,
    "duration_years": 3,
    "identified_share": 4,
    "complimentary_share": 4,
    "customer_share": 4,
    "revenue_share": 4,
    "clv_ore": 0,
    "portfolio_value_ore": 0,
    "orders_cut": 4,
    "tickets_cut": 4,
    "revenue_cut": 4,
    "revenue_beyond_wide": 4,
}
"""The key figures, with the decimals of their published values."""

OF_CLIPPING = ("orders_cut", "tickets_cut", "revenue_cut", "revenue_beyond_wide")
"""Those that say what bounds have cut off."""

QUARTILES = ("q1", "median", "q3")
SPREAD_DECIMALS = {
    f"{kpi}_{name}": DECIMALS[kpi]
    for kpi in (
        "average_ticket_price_ore",
        "average_purchase_ore",
        "revenue_per_customer_ore",
        "purchase_frequency",
        "tickets_per_order",
        "first_timer_share",
        "retention",
        "duration_years",
        "identified_share",
        "complimentary_share",
    )
    for name in QUARTILES
}
"""The quartiles over the members of key figures of the whole (`privacy.estimate.quartiles`)."""

THRESHOLD_DECIMALS = {"mean_quantile_ore": 0, "mean_quantile": 2}
"""The means over the members of a quantile that each has told."""

CROSS_USE_DECIMALS = {"people": 0, "institutions_per_person": 3, "share": 4}
"""What is estimated of cross-use beside overlaps, which are sums of customers, with the decimals."""

EVERY_DECIMALS = DECIMALS | SPREAD_DECIMALS | THRESHOLD_DECIMALS | CROSS_USE_DECIMALS
"""All measures that are no sums."""

Source = tuple[str, str, Measure]
"""A table, a category and a measure: one integer of a release."""

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
FREE: Source = ("ticket_type", "complimentary", TICKETS)
_IDENTIFIED = ("frequency_band", "flow", "value_band", "value_tier")


def is_nothing(table: str, category: str, measure: Measure) -> bool:
    """Whether a cell is nothing at every member by its definition, and so is noise in a release: nobody has a share.

    Lost customers have not bought, nothing is paid for a complimentary or a free ticket, and a line of which no ticket
    is left has none.
    """
    if category in _lost(table):
        return measure is not CUSTOMERS
    return (table, category, measure) == ("price_band", NO_TICKET, TICKETS) or (
        measure is REVENUE
        and (
            (table, category) in (FREE[:2], ("price_band", "free"))
            or (table == "ticket_type-month" and category.startswith("complimentary:"))
        )
    )


def _lost(table: str) -> Collection[str]:
    """The categories of a table that are of lost customers."""
    if table == MIGRATION.name:
        return [name for name in MIGRATION.categories if name.endswith(":lost")]
    if table.startswith(f"{FLOW.name}-"):
        return [name for name in DIMENSIONS[table].categories if name.startswith("lost:")]
    return ["lost"] if table == FLOW.name else []


@dataclass(frozen=True)
class Derived:
    """A key figure of one category: what it is made of, and how.

    `given`: the categories without which it is not published besides its own; by default those of its sources. Fewer
    where these are added up to a whole that is known whatever is withheld.
    """

    category: Category
    kpi: str
    sources: tuple[Source, ...]
    rule: Formula
    given: tuple[Category, ...] | None = None

    @cached_property
    def needs(self) -> tuple[Category, ...]:
        """The categories without which it is not published, its own first."""
        return (
            self.category,
            *(((table, name) for table, name, _ in self.sources) if self.given is None else self.given),
        )

    def formula(self, *figures: Figure) -> Ratio:
        """The key figure of sources whose noises are independent, in their order."""
        return of_independent(self.rule, figures)


def derived(
    sources: set[Source], tables: Sequence[Table], bounds: Mapping[str, tuple[Bounds, ...]] | None = None
) -> tuple[Derived, ...]:
    """The key figures that these cells give: those of the whole first, then category by category.

    bounds: of each table, by its name; None where nothing is bounded, as in an institution's own figures.
    """
    of_whole = _OfWhole(sources, tables, bounds)
    every = [*of_whole.all(), *(each for table in tables if table.name != WHOLE[0] for each in _of_table(table))]
    return tuple(each for each in every if sources.issuperset(each.sources))


def _of_sums(quotient: Quotient, *groups: Sequence[Source]) -> tuple[tuple[Source, ...], Quotient]:
    """A quotient whose every estimate is a sum of cells."""

    def spread(coefficients: Coefficients) -> Coefficients:
        return tuple(times for times, group in zip(coefficients, groups, strict=True) for _ in group)

    return tuple(cell for group in groups for cell in group), Quotient(spread(quotient.top), spread(quotient.bottom))


@dataclass(frozen=True)
class _OfWhole:
    """The key figures of a whole cohort."""

    sources: set[Source]
    tables: Sequence[Table]
    bounds: Mapping[str, tuple[Bounds, ...]] | None

    def all(self) -> Iterator[Derived]:
        customers, orders, tickets, revenue = ((*WHOLE, measure) for measure in Measure)
        known, unknown = (("identity", name, ORDERS) for name in ("identified", "anonymous"))
        new, continuing, recovered, lost = (self._flow(name) for name in FLOW.categories)
        yield self._price()
        yield Derived(WHOLE, "average_purchase_ore", (revenue, orders), kpis.average_purchase_ore)
        for kpi, measure in (("revenue_per_customer_ore", REVENUE), ("purchase_frequency", ORDERS)):
            yield Derived(WHOLE, kpi, *_of_sums(kpis.purchase_frequency, self._of_identified(measure), [customers]))
        yield Derived(WHOLE, "tickets_per_order", (tickets, orders), kpis.tickets_per_order)
        yield Derived(WHOLE, "first_timer_share", *_of_sums(kpis.first_timer_share, new, continuing, recovered))
        yield Derived(WHOLE, "retention", *_of_sums(kpis.retention, continuing, lost))
        yield Derived(WHOLE, "duration_years", *_of_sums(kpis.duration_years, continuing, lost))
        yield Derived(WHOLE, "identified_share", (known, unknown), kpis.identified_share)
        yield self._complimentary()
        yield from self._cut()
        yield from self._beyond()
        yield Derived(WHOLE, "portfolio_value_ore", *_portfolio(TIERS))

    def _price(self) -> Derived:
        """Of paying tickets: all less the complimentary ones, both within the same bounds."""
        kpi = "average_ticket_price_ore"
        if self._alike(WHOLE[0], TICKET_TYPE.name):
            return Derived(WHOLE, kpi, ((*WHOLE, REVENUE), (*WHOLE, TICKETS), FREE), kpis.price_of_paying_ore)
        revenue, tickets = (
            [(TICKET_TYPE.name, name, each) for name in TICKET_TYPE.categories] for each in (REVENUE, TICKETS)
        )
        paying = [cell for cell in tickets if cell != FREE]
        return Derived(WHOLE, kpi, *_of_sums(kpis.average_ticket_price_ore, revenue, paying), given=(FREE[:2],))

    def _complimentary(self) -> Derived:
        kpi = "complimentary_share"
        if self._alike(WHOLE[0], TICKET_TYPE.name):
            return Derived(WHOLE, kpi, (FREE, (*WHOLE, TICKETS)), kpis.complimentary_share)
        paying = [(TICKET_TYPE.name, name, TICKETS) for name in TICKET_TYPE.categories if name != FREE[1]]
        return Derived(WHOLE, kpi, *_of_sums(kpis.part_of_all, [FREE], paying), given=(FREE[:2],))

    def _alike(self, one: str, other: str) -> bool:
        """Whether two tables are within the same bounds."""
        if self.bounds is None:
            return True
        first, second = self.bounds.get(one), self.bounds.get(other)
        return first == second and (first is None or len(first) == 1)

    def _flow(self, name: str) -> list[Source]:
        """The customers of a flow, of the smallest table that has them."""
        crossed = [
            (table.name, cell)
            for table in self.tables
            if table.dimension.parts[:1] == (FLOW,)
            for cell in table.dimension.categories
        ]
        moved = [cell for cell in MIGRATION.categories if _flow_of(cell) == name]
        ways = [
            [(FLOW.name, name, CUSTOMERS)],
            [(MIGRATION.name, cell, CUSTOMERS) for cell in moved],
            [(table, cell, CUSTOMERS) for table, cell in crossed if cell.startswith(f"{name}:")],
        ]
        return next((way for way in ways if way and self.sources.issuperset(way)), ways[0])

    def _of_identified(self, measure: Measure) -> list[Source]:
        """What identified customers bought, of the first table that tells it."""
        ways = [[("identity", "identified", measure)]]
        for name in _IDENTIFIED:
            dimension = DIMENSIONS[name]
            ways.append([(name, cell, measure) for cell in dimension.categories if cell not in _lost(name)])
        return next((way for way in ways if self.sources.issuperset(way)), ways[0])

    def _cut(self) -> Iterator[Derived]:
        """1 − narrow/wide, where the whole is within wider bounds than a table that divides it."""
        for measure in (ORDERS, TICKETS, REVENUE):
            narrow = self._narrow(measure)
            if narrow:
                sources, quotient = _of_sums(Quotient((1, -1), (1, 0)), [(*WHOLE, measure)], narrow)
                yield Derived(WHOLE, f"{measure}_cut", sources, quotient, given=())

    def _narrow(self, measure: Measure) -> list[Source]:
        """All cells of the smallest table that divides the whole of a measure within narrower bounds than totals'."""
        wide = (self.bounds or {}).get(WHOLE[0])
        found: list[list[Source]] = []
        for table in self.tables:
            its = (self.bounds or {}).get(table.name)
            cells = [(table.name, name, measure) for name in table.dimension.categories]
            if (
                wide
                and its
                and _within(its, wide[0])
                and not table.dimension.identified_only
                and self.sources.issuperset(cells)
            ):
                found.append(cells)
        return min(found, key=len, default=[])

    def _beyond(self) -> Iterator[Derived]:
        """What customers spend beyond a wide bound of the whole, by the customers of the highest bands."""
        wide = (self.bounds or {}).get(WHOLE[0])
        tail = beyond_bound(wide[0].max_revenue_ore) if wide else None
        if wide and tail and any(_within(its, wide[0]) for its in (self.bounds or {}).values()):
            rule, bands = tail
            sources = ((*WHOLE, REVENUE), *((VALUE_BAND.name, name, CUSTOMERS) for name in bands))
            yield Derived(WHOLE, "revenue_beyond_wide", sources, rule)


def _within(bounds: tuple[Bounds, ...], wide: Bounds) -> bool:
    """Whether bounds are one for all cells, and narrower."""
    return len(bounds) == 1 and bounds[0].narrower_than(wide)


def _flow_of(moved: str) -> str:
    """The flow of a cell of migration."""
    origin, _, to = moved.partition(":")
    if to == "lost":
        return "lost"
    return "continuing" if origin in TIERS else origin


def _portfolio(tiers: Sequence[str], *, each_customer: bool = False) -> tuple[tuple[Source, ...], Products]:
    """What the customers of some tiers are worth: revenue × active/lost of the tier of the year before, added up.

    each_customer: of one of them: revenue per customer.
    """
    sources: list[Source] = []
    for tier in tiers:
        sources += [(VALUE_TIER.name, tier, REVENUE), (VALUE_TIER.name, tier, CUSTOMERS)]
        sources += [(MIGRATION.name, name, CUSTOMERS) for name in _of_origin(tier)]

    def of(*cells: Source) -> Coefficients:
        return tuple(int(source in cells) for source in sources)

    terms = tuple(
        (
            (of((VALUE_TIER.name, tier, REVENUE)), of((VALUE_TIER.name, tier, CUSTOMERS)) if each_customer else None),
            (
                of(*((MIGRATION.name, name, CUSTOMERS) for name in _of_origin(tier))),
                of((MIGRATION.name, f"{tier}:lost", CUSTOMERS)),
            ),
        )
        for tier in tiers
    )
    return tuple(sources), Products(terms)


def _of_origin(tier: str) -> list[str]:
    return [name for name in MIGRATION.categories if name.startswith(f"{tier}:")]


def _of_table(table: Table) -> Iterator[Derived]:
    dimension = table.dimension
    for name in dimension.categories:
        if name not in _lost(table.name):
            yield from _of_line(table, name) if dimension.level is Level.LINE else _of_orders(table, name)
    if dimension is VALUE_TIER:
        yield from _of_tiers()
    if dimension is MIGRATION:
        for tier in TIERS:
            stayed = [(MIGRATION.name, name, CUSTOMERS) for name in _of_origin(tier) if not name.endswith(":lost")]
            yield from _durations((MIGRATION.name, tier), stayed, [(MIGRATION.name, f"{tier}:lost", CUSTOMERS)])
    if dimension.parts[:1] == (FLOW,):
        yield from _of_flows(table.name, dimension.parts[1])


def _of_line(table: Table, name: str) -> Iterator[Derived]:
    """An order of several categories counts in one of them alone, so there is nothing per order.

    The price of a ticket is told where complimentary ones are apart; elsewhere they are among the tickets.
    """
    cell, sources = (table.name, name), ((table.name, name, REVENUE), (table.name, name, TICKETS))
    parts = table.dimension.parts or (table.dimension,)
    if TICKET_TYPE not in parts and PRICE_BAND not in parts:
        yield Derived(cell, "revenue_per_ticket_ore", sources, kpis.revenue_per_ticket_ore)
    elif name.partition(":")[0] not in (FREE[1], "free", NO_TICKET):
        yield Derived(cell, "average_ticket_price_ore", sources, kpis.average_ticket_price_ore)


def _of_orders(table: Table, name: str) -> Iterator[Derived]:
    cell = (table.name, name)
    customers, orders, tickets, revenue = ((table.name, name, measure) for measure in Measure)
    yield Derived(cell, "average_purchase_ore", (revenue, orders), kpis.average_purchase_ore)
    if table.dimension.level is Level.CUSTOMER and name != table.dimension.unidentified:  # nobody anonymous is in it
        yield Derived(cell, "revenue_per_customer_ore", (revenue, customers), kpis.revenue_per_customer_ore)
        yield Derived(cell, "purchase_frequency", (orders, customers), kpis.purchase_frequency)
    yield Derived(cell, "tickets_per_order", (tickets, orders), kpis.tickets_per_order)


def _of_tiers() -> Iterator[Derived]:
    """Each tier's part of the customers and of what they paid, and what a customer of it is worth."""
    for tier in TIERS:
        category = (VALUE_TIER.name, tier)
        for kpi, measure in (("customer_share", CUSTOMERS), ("revenue_share", REVENUE)):
            others = [(VALUE_TIER.name, other, measure) for other in TIERS if other != tier]
            yield Derived(category, kpi, *_of_sums(kpis.part_of_all, [(*category, measure)], others))
        yield Derived(category, "clv_ore", *_portfolio([tier], each_customer=True))


def _of_flows(table: str, by: Dimension) -> Iterator[Derived]:
    """Of each category that flows are crossed with, at its own place: who is new, and who stayed."""
    for name in by.categories:
        new, continuing, recovered, lost = ([(table, f"{flow}:{name}", CUSTOMERS)] for flow in FLOW.categories)
        sources, quotient = _of_sums(kpis.first_timer_share, new, continuing, recovered)
        yield Derived((by.name, name), "first_timer_share", sources, quotient)
        yield from _durations((by.name, name), continuing, lost)


def _durations(category: Category, stayed: Sequence[Source], lost: Sequence[Source]) -> Iterator[Derived]:
    yield Derived(category, "retention", *_of_sums(kpis.retention, stayed, lost))
    yield Derived(category, "duration_years", *_of_sums(kpis.duration_years, stayed, lost))
