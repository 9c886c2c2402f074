"""What each order sold, once its lines are added up: several figures of one moment need that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def sold_orders(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Meanwhile there is a temporary table `sold_orders`: order_no, unit, ordered_on, tickets, revenue_ore.

    Orders whose returns took back everything are in it too, with no tickets.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE sold_orders AS
        SELECT order_no, any_value(unit) AS unit, any_value(ordered_on) AS ordered_on,
               sum(tickets)::BIGINT AS tickets, sum(revenue_ore)::BIGINT AS revenue_ore
        FROM sales GROUP BY order_no
    """)
    yield
    connection.execute("DROP TABLE sold_orders")
