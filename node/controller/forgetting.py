"""Erasure: everything of some customers leaves the store, and the bytes of it leave its file.

What was released already stays as it is: a release holds noisy sums, of which nobody's part can be taken out again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.controller.people import Someone, match_ids
from node.controller.register import registered
from node.home import Home
from node.ingest.people import stored_key
from node.store.database import connected, locked
from node.store.leave import chain_of
from node.store.rewrite import Stays, rewrite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Found:
    """How much of some people the store has: how many of them it knows, their profiles, orders and order lines."""

    asked: int
    known: int
    profiles: int
    orders: int
    lines: int


def look(home: Home, people: Sequence[Someone], source: str | None) -> Found:
    """What `forget` would take out."""
    with locked(home), connected(home) as connection:
        return _found(connection, home, people, source, "")


def forget(home: Home, people: Sequence[Someone], source: str | None) -> Found:
    """Takes out every profile and every order line of some people, and writes the store's file anew without them.

    The copy for an undo goes too. The file is written anew also where nobody is found, for DuckDB leaves in it what
    earlier imports have replaced. Raises FileNotWritten where the register cannot be written; then nothing was changed.
    """
    with locked(home):
        with connected(home) as connection:
            found = _found(connection, home, people, source, "")
        counts: dict[str, int | str] = {"customers": found.known, "orders": found.orders, "lines": found.lines}

        def stays(connection: "DuckDBPyConnection") -> Stays:
            _gone(connection, home, people, source, "old.")
            return {
                "profiles": "FROM old.profiles p ANTI JOIN gone g USING (source, customer_key)",
                "order_lines": f"FROM old.order_lines l WHERE NOT ({_OF_GONE})",
            }

        with registered(home, "forget", counts):
            rewrite(home, stays)
    return found


_OF_GONE = """(l.source, l.customer_key) IN (SELECT (source, customer_key) FROM gone)
    OR (l.customer_key IS NULL AND (l.source, l.order_id) IN (SELECT (source, order_id) FROM gone_orders))"""
"""Lines of those who go: their own, and those without a customer of orders whose summary names them."""


def _found(
    connection: "DuckDBPyConnection", home: Home, people: Sequence[Someone], source: str | None, store: str
) -> Found:
    known = _gone(connection, home, people, source, store)
    profiles, lines, orders = connection.execute(f"""
        SELECT (SELECT count(*) FROM gone), count(*), count(DISTINCT (l.source, l.order_id))
        FROM {store}order_lines l WHERE {_OF_GONE}
    """).fetchall()[0]
    connection.execute("DROP TABLE gone; DROP TABLE gone_orders; DROP TABLE gone_ids")
    return Found(len(people), known, int(profiles), int(orders), int(lines))


def _gone(
    connection: "DuckDBPyConnection", home: Home, people: Sequence[Someone], source: str | None, store: str
) -> int:
    """Makes the temporary tables of the profiles that go, and of orders of theirs; tells how many people are known."""
    chain = chain_of(home, connection)
    ids = match_ids(people, chain)
    keys = [stored_key(each.number, chain) for each in people if each.number]
    connection.execute("CREATE TEMP TABLE gone_ids AS SELECT unnest($ids::BLOB[]) AS match_id", {"ids": ids})
    connection.execute(
        f"""
        CREATE TEMP TABLE gone AS
        WITH named AS (
            SELECT DISTINCT match_id FROM {store}profiles
            WHERE match_id IS NOT NULL
              AND (match_id IN (FROM gone_ids) OR (source = $source AND list_contains($keys, customer_key)))
        )
        SELECT source, customer_key, match_id FROM {store}profiles
        WHERE match_id IN (FROM named) OR (source = $source AND list_contains($keys, customer_key))
        """,
        {"source": source or "", "keys": keys or [""]},
    )
    connection.execute(f"""
        CREATE TEMP TABLE gone_orders AS
        SELECT DISTINCT l.source, l.order_id FROM {store}order_lines l SEMI JOIN gone g USING (source, customer_key)
        WHERE l.summary
    """)
    rows = connection.execute("SELECT DISTINCT coalesce(match_id, encode(source || chr(31) || customer_key)) FROM gone")
    return len(rows.fetchall())
