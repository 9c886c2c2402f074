"""What is sold under addresses that are nobody's: tills, billett@… and the like."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.store.derive import MOST_ORDERS_A_YEAR
from node.store.sold import sold_orders
from privacy.bounds.windows import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_SUMS = """
    count(*) FILTER (tickets > 0), coalesce(sum(tickets), 0)::BIGINT, coalesce(sum(revenue_ore), 0)::BIGINT
"""


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
    with sold_orders(connection):
        return placeholders_of(connection, window)


def placeholders_of(connection: "DuckDBPyConnection", window: Window) -> Placeholders:
    """The same, where there is `sold_orders` already (`node.store.sold`)."""
    days = [window.first, window.last]
    everything = connection.execute(f"SELECT {_SUMS} FROM sold_orders WHERE ordered_on BETWEEN ? AND ?", days)
    in_all = Sold(*map(int, everything.fetchall()[0]))
    nobodys = connection.execute(
        f"""
        WITH nobody AS (SELECT unit FROM customers WHERE NOT identified),
        busy AS (
            SELECT DISTINCT unit FROM orders WHERE unit > 0 AND unit IN (FROM nobody)
            GROUP BY unit, year(ordered_on) HAVING count(*) > {MOST_ORDERS_A_YEAR}
        )
        SELECT count(DISTINCT unit), count(DISTINCT unit) FILTER (unit IN (FROM busy)), {_SUMS}
        FROM sold_orders WHERE unit IN (FROM nobody) AND ordered_on BETWEEN ? AND ?
        """,
        days,
    )
    addresses, busy, *sums = map(int, nobodys.fetchall()[0])
    return Placeholders(addresses, busy, Sold(*sums), in_all)
