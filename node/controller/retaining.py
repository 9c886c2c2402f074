"""Retention: what is older than so many months, counted back from the newest line, leaves the store and its file.

Never by itself. An order goes when its last line is older, and nothing that stays takes any of it back. Customers of
whom nothing stays go too; of the others the day of the first order is kept (`profiles.first_on`), and no more.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from node.controller.register import registered
from node.home import Home
from node.store.database import connected, locked
from node.store.rewrite import Stays, rewrite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Old:
    """What is older than `before`: None for an empty store. Customers are those of whom nothing stays."""

    before: date | None
    lines: int
    orders: int
    customers: int


def look(home: Home, months: int) -> Old:
    """What `retain` would take out."""
    with locked(home), connected(home) as connection:
        return _old(connection, months)


def retain(home: Home, months: int) -> Old:
    """Takes out what is older, and writes the store's file anew without it, where there is anything.

    Raises FileNotWritten where the register cannot be written; then nothing was changed.
    """
    with locked(home):
        with connected(home) as connection:
            old = _old(connection, months)
        if not (old.lines or old.customers):
            return old
        counts: dict[str, int | str] = {
            "months": months,
            "before": str(old.before),
            "customers": old.customers,
            "orders": old.orders,
            "lines": old.lines,
        }

        def stays(connection: "DuckDBPyConnection") -> Stays:
            _mark(connection, months, "old.")
            return {
                "order_lines": "FROM old.order_lines l ANTI JOIN old_orders o USING (source, order_id)",
                "profiles": """
                    SELECT p.* REPLACE (least(p.first_on, f.first_on) AS first_on)
                    FROM old.profiles p LEFT JOIN first_days f USING (source, customer_key)
                    WHERE coalesce(p.match_id, encode(p.source || chr(31) || p.customer_key)) IN (FROM staying)
                """,
            }

        with registered(home, "retain", counts):
            rewrite(home, stays)
    return old


def _old(connection: "DuckDBPyConnection", months: int) -> Old:
    before = _mark(connection, months, "")
    lines, orders, customers = connection.execute("""
        SELECT (SELECT count(*) FROM order_lines SEMI JOIN old_orders USING (source, order_id)),
               (SELECT count(*) FROM old_orders),
               (SELECT count(DISTINCT coalesce(match_id, encode(source || chr(31) || customer_key))) FROM profiles
                WHERE coalesce(match_id, encode(source || chr(31) || customer_key)) NOT IN (FROM staying))
    """).fetchall()[0]
    for name in ("old_orders", "owned", "staying", "first_days"):
        connection.execute(f"DROP TABLE {name}")
    return Old(before, int(lines), int(orders), int(customers))


def _mark(connection: "DuckDBPyConnection", months: int, store: str) -> date | None:
    """Makes temporary tables of the orders that go, of who stays, and of the first days of what goes."""
    ((before,),) = connection.execute(
        f"SELECT (max(ordered_on) - to_months(?))::DATE FROM {store}order_lines", [months]
    ).fetchall()
    connection.execute(
        f"""
        CREATE TEMP TABLE old_orders AS
        WITH aged AS (
            SELECT source, order_id, max(ordered_on) < $before AS old FROM {store}order_lines GROUP BY ALL
        ), returned AS (
            SELECT l.source, l.original_order_id, l.ticket_id
            FROM {store}order_lines l JOIN aged a USING (source, order_id)
            WHERE NOT a.old AND (l.quantity < 0 OR l.amount_ore < 0)
        )
        SELECT source, order_id FROM aged WHERE old
        EXCEPT SELECT source, original_order_id FROM returned
        EXCEPT SELECT l.source, l.order_id FROM {store}order_lines l JOIN returned r USING (source, ticket_id)
        """,
        {"before": before},
    )
    connection.execute(f"""
        CREATE TEMP TABLE owned AS
        WITH summaries AS (
            SELECT source, order_id, customer_key AS summary_key FROM {store}order_lines
            WHERE summary AND customer_key IS NOT NULL
        )
        SELECT l.source, l.order_id, coalesce(l.customer_key, s.summary_key) AS customer_key, l.ordered_on,
               o.order_id IS NOT NULL AS goes
        FROM {store}order_lines l LEFT JOIN summaries s USING (source, order_id)
        LEFT JOIN old_orders o USING (source, order_id)
        WHERE coalesce(l.customer_key, s.summary_key) IS NOT NULL
    """)
    connection.execute(f"""
        CREATE TEMP TABLE staying AS
        SELECT DISTINCT coalesce(p.match_id, encode(p.source || chr(31) || p.customer_key)) AS who
        FROM {store}profiles p SEMI JOIN (FROM owned WHERE NOT goes) o USING (source, customer_key)
    """)
    connection.execute("""
        CREATE TEMP TABLE first_days AS
        SELECT source, customer_key, min(ordered_on) AS first_on FROM owned WHERE goes GROUP BY ALL
    """)
    return None if before is None else date.fromisoformat(str(before))
