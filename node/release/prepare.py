"""From the store to what a release of a study would hold, exactly; and which window it covers."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from node.errors import UsageError
from node.store.derive import MOST_ORDERS_A_YEAR
from node.store.frames import Keeper, table
from node.store.span import month_end_before
from privacy.bounds.cells import Vector, exact_cells
from privacy.bounds.windows import Window, is_month_end, twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Vectors = dict[tuple[str, Measure], Vector]


def release_window(last: date, now: date) -> Window:
    """The window of a release that ends on a day. Raises UsageError unless the day ends a month and is past."""
    if not is_month_end(last):
        raise UsageError(f"A release covers whole months, and {last} is not the last day of one.")
    if last >= now:
        raise UsageError(f"{last} is not over yet. The newest whole month ends on {month_end_before(now)}.")
    return twelve_months_to(last)


def exact_vectors(
    connection: "DuckDBPyConnection", study: Study, window: Window, bounds: Bounds | None = None
) -> Vectors:
    """The exact cells of every table of a study; with other bounds than the study's where given."""
    keep = Keeper(connection)
    try:
        return exact_cells(
            table(connection, "sales"),
            table(connection, "customers"),
            study.tables,
            window,
            bounds or study.bounds,
            keep,
        )
    finally:
        keep.drop()


@dataclass(frozen=True)
class Cut:
    """What the bounds of a study cut off, exactly: for the institution's own eyes.

    `customers` counts identified customers above any bound; the shares are of the totals of the window.
    """

    customers: int
    orders: float
    tickets: float
    revenue: float


@dataclass(frozen=True)
class Sold:
    """Orders that sold tickets, tickets, and revenue in øre."""

    orders: int
    tickets: int
    revenue_ore: int


@dataclass(frozen=True)
class Placeholders:
    """What was sold under addresses that are nobody's, and in all, exactly: for the institution's own eyes.

    `addresses` placeholders sold in the window; `busy` of them have more orders in a calendar year than a person
    (`node.store.derive.MOST_ORDERS_A_YEAR`), the others are addresses of functions or of the institution's domains.
    """

    addresses: int
    busy: int
    sold: Sold
    everything: Sold

    @property
    def share(self) -> float:
        """What they are of all orders; 0 where there is none."""
        return self.sold.orders / self.everything.orders if self.everything.orders else 0.0


def placeholders(connection: "DuckDBPyConnection", window: Window) -> Placeholders:
    """What stands under placeholder customers in a window: in no figure of known customers."""
    row = connection.execute(
        f"""
        WITH busy AS (
            SELECT DISTINCT unit FROM orders WHERE unit > 0
            GROUP BY unit, year(ordered_on) HAVING count(*) > {MOST_ORDERS_A_YEAR}
        ), sold AS (
            SELECT unit, order_no, sum(tickets) AS tickets, sum(revenue_ore) AS revenue
            FROM sales WHERE ordered_on BETWEEN ? AND ? GROUP BY unit, order_no
        ), marked AS (
            SELECT s.*, s.tickets > 0 AS counts, unit IN (SELECT unit FROM customers WHERE NOT identified) AS nobody,
                   unit IN (FROM busy) AS busy
            FROM sold s
        )
        SELECT count(DISTINCT unit) FILTER (nobody), count(DISTINCT unit) FILTER (nobody AND busy),
               count(*) FILTER (nobody AND counts), coalesce(sum(tickets) FILTER (nobody), 0)::BIGINT,
               coalesce(sum(revenue) FILTER (nobody), 0)::BIGINT,
               count(*) FILTER (counts), coalesce(sum(tickets), 0)::BIGINT, coalesce(sum(revenue), 0)::BIGINT
        FROM marked
        """,
        [window.first, window.last],
    ).fetchall()[0]
    addresses, busy, *sums = map(int, row)
    return Placeholders(addresses, busy, Sold(*sums[:3]), Sold(*sums[3:]))


UNBOUNDED = Bounds(10**12, 10**12, 10**12, 10**12)


def cut_by_bounds(connection: "DuckDBPyConnection", study: Study, window: Window, bounded: Vectors) -> Cut:
    """What a study's bounds cut off from the totals of a window."""
    whole = exact_vectors(connection, study, window, UNBOUNDED)
    bounds = study.bounds
    customers = connection.execute(
        """
        WITH o AS (
            SELECT unit, order_no, count(*) AS lines, sum(tickets) AS tickets,
                   sum(greatest(revenue_ore, 0)) AS revenue
            FROM sales SEMI JOIN (SELECT unit FROM customers WHERE identified AND released) USING (unit)
            WHERE ordered_on BETWEEN ? AND ? AND (tickets > 0 OR revenue_ore > 0)
            GROUP BY ALL HAVING sum(tickets) > 0
        )
        SELECT count(*) FROM (
            SELECT unit FROM o GROUP BY unit
            HAVING count(*) > ? OR sum(lines) > ? OR sum(tickets) > ? OR sum(revenue) > ?
        )
        """,
        [
            window.first,
            window.last,
            bounds.max_orders,
            bounds.max_lines,
            bounds.max_tickets,
            bounds.max_revenue_ore,
        ],
    ).fetchall()[0][0]
    share = {measure: _share(whole, bounded, measure) for measure in (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)}
    return Cut(int(customers), share[Measure.ORDERS], share[Measure.TICKETS], share[Measure.REVENUE])


def _share(whole: Vectors, bounded: Vectors, measure: Measure) -> float:
    """The share of a measure that is gone, by the first table that holds all of it; 0 where none does."""
    for name in ("totals", "month", "channel", "age_band"):
        if (name, measure) in whole:
            everything = int(whole[name, measure].sum())
            return 1 - int(bounded[name, measure].sum()) / everything if everything else 0.0
    return 0.0
