"""What is sold under addresses that are nobody's: tills, billett@… and the like."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.store.derive import MOST_ORDERS_A_YEAR
from privacy.bounds.windows import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
