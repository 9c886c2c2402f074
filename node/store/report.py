"""What an import left in the store, for who imported: totals, known customers, sales that stand there twice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.store.quality import Quality

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COMPARED = 200_000
"""So many lines, about, are compared between sources: a share of more says as much."""

_TWICE = 0.05
"""Two shops of one system may number alike; but not even the day and the sum of one order in twenty agree.

Reports of the same sales differ in more than that: one has no time of day, one no lines or other numbers of them.
"""


@dataclass(frozen=True)
class Totals:
    """What was derived from all imports.

    `customers` are those recognised, `joined` the profiles beyond the first of each customer, `unmatched_returns` the
    returned tickets without the sale that they take back.
    """

    customers: int
    joined: int
    orders: int
    identified_orders: int
    unmatched_returns: int


def totals(connection: "DuckDBPyConnection") -> Totals:
    """The totals once customers, orders and sales are derived."""

    def number(sql: str) -> int:
        return int(connection.execute(sql).fetchall()[0][0])

    return Totals(
        customers=number("SELECT count(*) FROM customers WHERE identified"),
        joined=number("SELECT (SELECT count(*) FROM profiles) - (SELECT count(*) FROM customers)"),
        orders=number("SELECT count(*) FROM orders"),
        identified_orders=number("SELECT count(*) FROM orders JOIN customers USING (unit) WHERE customers.identified"),
        unmatched_returns=number("SELECT coalesce(-sum(tickets), 0)::BIGINT FROM sales WHERE tickets < 0"),
    )


@dataclass(frozen=True)
class Standing:
    """The store after an import: orders that sold something, how many of them are of known customers, and doubles.

    `twice` has pairs of sources, with the share of the smaller one's orders that stand in the other one too.
    """

    orders: int
    identified: int
    twice: tuple[tuple[str, str, float], ...]


def standing(connection: "DuckDBPyConnection", quality: Quality) -> Standing:
    """Looks at the store once an import is done, whose quality was measured."""
    return Standing(quality.orders, quality.identified_orders, _twice(connection))


def _twice(connection: "DuckDBPyConnection") -> tuple[tuple[str, str, float], ...]:
    lines = dict(connection.execute("SELECT source, count(*) FROM order_lines GROUP BY source").fetchall())
    if len(lines) < 2:
        return ()
    part = max(1, sum(lines.values()) // _COMPARED)
    rows = connection.execute(f"""
        WITH drawn AS (
            SELECT source, order_id, min(ordered_on) AS ordered_on,
                   coalesce(sum(amount_ore) FILTER (NOT summary), sum(amount_ore)) AS amount_ore
            FROM order_lines WHERE hash(order_id) % {part} = 0 GROUP BY source, order_id HAVING sum(amount_ore) > 0
        ), sizes AS (SELECT source, count(*) AS n FROM drawn GROUP BY source)
        SELECT a.source, b.source, count(*) / any_value(least(x.n, y.n))
        FROM drawn a JOIN drawn b USING (order_id, ordered_on, amount_ore)
        JOIN sizes x ON x.source = a.source JOIN sizes y ON y.source = b.source
        WHERE a.source < b.source GROUP BY a.source, b.source ORDER BY ALL
    """).fetchall()
    return tuple((one, other, float(share)) for one, other, share in rows if share >= _TWICE)
