"""The studies that are shipped, before their shares and bounds are chosen: what each measures, and how well it should.

Which measures a table carries follows from the key figures of docs/kpis.md: a category of customers has revenue per
customer, purchases per customer, the average purchase and tickets per order, and so all four measures; one of orders
has the last two, and no customers; one of lines has the average price, of tickets and revenue. Crossings of customers
have what revenue per customer and purchases per customer take, those of lines the tickets: with all of it, crossings
come out a seventh further from their targets, by the same calculation (tests.bench.choose_shares).
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds
from privacy.studies.study import Study, parse

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
EVERY = tuple(Measure)
BOUGHT = (ORDERS, TICKETS, REVENUE)
SOLD = (TICKETS, REVENUE)


@dataclass(frozen=True)
class Asked:
    """A table with its measures. How it is bounded: by the study's bounds, the wide ones, or cell by cell."""

    table: str
    measures: tuple[Measure, ...]
    bounds: str = "narrow"


@dataclass(frozen=True)
class Targets:
    """The relative errors that are wanted: of customers and of the other measures."""

    totals: tuple[float, float] = (0.001, 0.003)
    one_way: tuple[float, float] = (0.005, 0.02)
    two_way: tuple[float, float] = (0.013, 0.05)
    rank: float = 0.004
    """Of a quantile: by how large a share of the customers it may be off."""

    def of(self, table: str, measure: Measure) -> float:
        """That of a table's measure."""
        two = bool(TABLES[table].dimension.parts) or table == "migration"
        pair = self.totals if table == "totals" else self.two_way if two else self.one_way
        return pair[measure is not CUSTOMERS]

    def times(self, factor: float) -> "Targets":
        """So many times as large errors."""
        totals, one_way, two_way = (
            (one * factor, other * factor) for one, other in (self.totals, self.one_way, self.two_way)
        )
        return Targets(totals, one_way, two_way, self.rank)


@dataclass(frozen=True)
class Design:
    """A study without its shares. cells: the bounds of each category, of tables that have them by cell.

    quantiles: measure and points. shares: of every part, by table and measure, and of quantiles by measure.
    """

    name: str
    title: str
    window: str
    rho: str
    asked: tuple[Asked, ...]
    narrow: Bounds
    wide: Bounds | None = None
    cells: Mapping[str, tuple[Bounds, ...]] = field(default_factory=dict)
    quantiles: tuple[tuple[Measure, tuple[str, ...]], ...] = ()
    targets: Targets = Targets()
    shares: Mapping[tuple[str, Measure], int] = field(default_factory=dict)
    cohorts: tuple[str, ...] = ("network", "industry", "county", "industry-county", "size")
    header: str = ""
    each_counts: bool = False
    """Whether an error over cells is their root mean square; else it is the median."""

    def study(self) -> Study:
        """As the product reads it."""
        return parse(self.text(), self.name)

    def text(self) -> str:
        """The TOML file."""
        lines = [*self.comment(), "", f'name = "{self.name}"', "version = 1", f'title = "{self.title}"']
        lines += [f'window = "{self.window}"']
        lines += [f'rho = "{self.rho}"', f"cohorts = [{', '.join(_quoted(each) for each in self.cohorts)}]"]
        lines += ["", "[bounds]", *_bounds(self.narrow)]
        if self.wide:
            lines += ["", "[wide_bounds]", *_bounds(self.wide)]
        lines += ["", "[disclosure]", "min_members = 5", "dominance_percent = 60", "unreliable_percent = 25"]
        if not self.asked:
            lines.insert(lines.index("[bounds]") - 1, "tables = []")
        for measure, points in self.quantiles:
            lines += ["", "[[quantiles]]", f'measure = "{measure}"', f"at = [{', '.join(map(_quoted, points))}]"]
            lines += [f"share = {self.shares.get(('quantiles', measure), 1)}"]
        for each in self.asked:
            lines += self._table(each)
        return "\n".join(lines) + "\n"

    def comment(self) -> list[str]:
        """What stands at the head of the file."""
        paragraphs = [textwrap.wrap(each, 118) for each in self.header.strip().split("\n\n")]
        lines = "\n\n".join("\n".join(each) for each in paragraphs).splitlines()
        return [f"# {line}".rstrip() for line in lines]

    def _table(self, asked: Asked) -> list[str]:
        told = [f"{measure} = {self.shares.get((asked.table, measure), 1)}" for measure in asked.measures]
        lines = ["", "[[tables]]", f'name = "{asked.table}"', f"shares = {{ {', '.join(told)} }}"]
        if asked.bounds == "wide":
            lines.append("wide = true")
        if asked.bounds == "cells":
            lines += ["", "[tables.cell_bounds]"]
            for category, bounds in zip(TABLES[asked.table].dimension.categories, self.cells[asked.table], strict=True):
                lines.append(f'"{category}" = {{ {", ".join(_bounds(bounds))} }}')
        return lines

    def with_shares(self, shares: Mapping[tuple[str, Measure], int]) -> "Design":
        """The same with these shares."""
        return replace(self, shares=shares)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _bounds(bounds: Bounds) -> list[str]:
    return [
        f"max_orders = {bounds.max_orders}",
        f"max_lines = {bounds.max_lines}",
        f"max_tickets = {bounds.max_tickets}",
        f"max_revenue_kr = {bounds.max_revenue_ore // 100}",
    ]


def of(kroner: int, orders: int, lines: int, tickets: int) -> Bounds:
    """Bounds, in kroner."""
    return Bounds(orders, lines, tickets, kroner * 100)


def asked(names: Sequence[str], measures: tuple[Measure, ...], bounds: str = "narrow") -> tuple[Asked, ...]:
    """Several tables alike."""
    return tuple(Asked(name, measures, bounds) for name in names)


_CHOSEN = """\
Bounds and shares are calculated: `python -m tests.bench.choose_shares` writes this file. On a
simulated base of ten members with 20 000 customers each, with the tiers, flows and revenue of a
published customer portfolio, it makes the largest ratio of error to target least, over totals,
tables of one dimension and crossings, of customers and of the other measures. An error is the
median over cells of the noise after least squares and of what clipping leaves once it is corrected
by the release's own figures. Shares: an A-optimal design, by the multiplicative algorithm of
Silvey, Titterington and Torsney (1978); they are millionths of rho. Bounds: one step on a grid
after the other. What came out, and what it comes to, is in docs/catalogue-errors.md.
"""

YEAR = Design(
    "benchmark-year",
    "Benchmark of twelve months: every dimension of the catalogue, and six crossings",
    "year",
    "0.05",
    (
        Asked("totals", EVERY, "wide"),
        Asked("identity", BOUGHT, "wide"),
        *asked(("age_band", "gender", "county", "segment"), EVERY),
        Asked("frequency_band", EVERY, "cells"),
        Asked("flow", EVERY, "wide"),
        Asked("value_band", (CUSTOMERS, REVENUE), "cells"),
        *asked(("month", "channel", "lead_time", "basket_size", "order_weekday"), BOUGHT),
        *asked(("ticket_type", "genre", "price_band", "weekday", "daypart"), SOLD),
        *asked(("age_band-gender", "age_band-county", "segment-frequency_band"), (CUSTOMERS, ORDERS, REVENUE)),
        Asked("flow-age_band", (CUSTOMERS, ORDERS, REVENUE)),
        *asked(("genre-age_band", "ticket_type-month"), (TICKETS,)),
    ),
    narrow=of(7_000, 10, 40, 20),
    wide=of(24_000, 20, 80, 80),
    targets=Targets(totals=(0.001, 0.0026)),  # the estimate of the tail adds a seventh to their noise: 0.003 then
    header="""\
Twelve months in every dimension of the catalogue, and in six crossings.

Most tables are within narrow bounds, for little noise. The whole, identified sales and the flow are
told within wide ones as well: what the narrow ones cut off is the difference. Tables by how often
people buy, and by how much, have bounds for each category: whoever buys once moves no cell by more
than one order. The bands of revenue tell the tail.

"""
    + _CHOSEN
    + """
Where crossings tell a table of one dimension already, its own share is the least that there is
(25).
""",
)

QUARTER = Design(
    "benchmark-quarter",
    "Benchmark of three months: totals, audience, genres, ticket types, channels",
    "quarter",
    "0.004",
    (
        Asked("totals", EVERY, "wide"),
        Asked("identity", BOUGHT, "wide"),
        *asked(("age_band", "county"), (CUSTOMERS, ORDERS, REVENUE)),
        Asked("channel", (ORDERS, REVENUE)),
        *asked(("ticket_type", "genre"), SOLD),
    ),
    narrow=of(5_000, 5, 20, 12),
    wide=of(16_000, 10, 40, 40),
    targets=Targets().times(4),
    header="""\
Three months, in the few tables that are followed through the year. Four of them, one benchmark-year
and one portfolio-year cost at most rho 0.071 in twelve months, epsilon 1.8 at delta 0.000001.

Month, flow, frequency and bands of revenue are of twelve months and are not here.

"""
    + _CHOSEN
    + """
The targets are four times those of the year, for the cells hold about a quarter of it; the budget
is what they take.
""",
)

PORTFOLIO = Design(
    "portfolio-year",
    "Customer portfolio of twelve months: value tiers, migration, flow, frequency",
    "year",
    "0.01",
    (
        Asked("totals", EVERY, "wide"),
        Asked("identity", BOUGHT, "wide"),
        Asked("value_tier", EVERY, "cells"),
        Asked("migration", (CUSTOMERS,)),
        Asked("flow", (CUSTOMERS,)),
        Asked("frequency_band", (CUSTOMERS,)),
        Asked("value_band", (CUSTOMERS,)),
    ),
    narrow=of(7_000, 10, 40, 20),
    wide=of(24_000, 20, 80, 80),
    quantiles=((REVENUE, ("0.95", "0.8", "0.3")),),
    each_counts=True,
    targets=Targets((0.002, 0.006), (0.01, 0.035), (0.02, 0.05), rank=0.004),
    header="""\
The customer portfolio of twelve months: value tiers, who moves between them, who is new, comes back
and is lost.

The limits of the tiers are three quantiles of what a customer spends, told by the release itself;
each within half a percent of the customers in rank, at 20 000 of them. Each tier has bounds of its
own. An institution whose prices are far from the usual has tiers of which these cut off more.

"""
    + _CHOSEN
    + """
The targets are root mean squares over cells in place of medians, for each of the few counts: of
customers 1 %, of a crossing 2 %, of the others 3.5 %, of the whole 0.2 and 0.6 %. The budget is what
they take. Nothing but customers, whom no bound cuts, is within the narrow bounds. The bands of
revenue are there for the tail: what is spent beyond the wide bound.
""",
)

BOUNDS = Design(
    "bounds-year",
    "What customers buy in twelve months, by quantile: to choose the bounds of a study",
    "year",
    "0.006",
    (),
    narrow=of(30_000, 24, 96, 60),
    cohorts=("network", "industry", "county", "industry-county"),
    quantiles=tuple((measure, ("0.995", "0.98", "0.95", "0.8", "0.5")) for measure in BOUGHT),
    header="""\
What customers buy in twelve months, by quantile: to choose the bounds of a study by figures instead
of by guess. It has no tables. How to read what it tells: docs/studies.md.

Three measures at five points, with rho 0.0004 for each: a rank is off by 50 customers at most (one
standard error), a quarter of a percent of 20 000. At a small member the highest points tell little.
The bounds below bind nothing here.
""",
)
