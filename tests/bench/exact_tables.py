"""The exact tables of the whole study over ten million lines, against the same tables in hand-written DuckDB SQL."""

import sys
from datetime import date
from pathlib import Path

import duckdb

from node.store.frames import Keeper, table
from privacy.bounds.base import base_of, names_of
from privacy.bounds.cells import cells_of, without_tiers
from privacy.bounds.windows import twelve_months_to
from privacy.studies.study import find
from tests.bench.exact_cells_sql import tables_sql
from tests.bench.measure import report

WINDOW = twelve_months_to(date(2026, 10, 31))
MEMORY = "1200MB"


def make(file: Path, lines: int, customers: int) -> None:
    """Writes a store's `sales` and `customers`: two lines an order, three years, one order in eight anonymous."""
    connection = duckdb.connect(str(file))
    connection.execute(f"""
        CREATE TABLE sales AS
        WITH orders AS (
            SELECT i + 1 AS order_no, DATE '2023-11-01' + (hash(i) % 1096)::INTEGER AS ordered_on,
                   CASE WHEN hash(i + 1) % 8 = 0 THEN -i - 1
                        ELSE 1 + floor(pow((hash(i + 2) % 1000003) / 1000003.0, 2) * {customers})::BIGINT END AS unit,
                   (hash(i + 3) % 1000000000000)::BIGINT AS order_rank, (hash(i + 4) % 6)::BIGINT AS channel
            FROM range({lines} // 2) t(i)
        )
        SELECT unit, order_no, ordered_on, order_rank, (hash(order_no * 2 + k) % 1000000000000)::BIGINT AS line_rank,
               (hash(order_no * 3 + k) % 12)::BIGINT AS ticket_type, channel, 1 + (order_no % 3) AS tickets,
               (10000 + hash(order_no * 5 + k) % 40000)::BIGINT AS revenue_ore,
               (1 + hash(order_no * 7) % 5000)::BIGINT AS event_no
        FROM orders, range(2) r(k)
    """)
    connection.execute(f"""
        CREATE TABLE customers AS
        SELECT i AS unit, true AS identified, true AS released, 1940 + i % 70 AS birth_year, i % 4 AS gender,
               i % 18 AS county, ['essence', 'release', NULL][1 + i % 3] AS segment
        FROM range(1, {customers} + 1) t(i)
    """)
    connection.close()


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(file), read_only=True, config={"memory_limit": MEMORY, "threads": 2})


def ours(file: Path) -> None:
    """The node's path: Narwhals expressions."""
    connection, tables = _open(file), without_tiers(find("benchmark").bounded_tables)
    sales, customers = table(connection, "sales"), table(connection, "customers")
    names = names_of(each.table for each in tables)
    report(lambda: cells_of(base_of(sales, customers, WINDOW, Keeper(connection), names), tables))


def peer(file: Path) -> None:
    """The same by hand."""
    connection = _open(file)
    report(lambda: tables_sql(connection, WINDOW, find("benchmark").bounds))


if __name__ == "__main__":
    {"ours": ours, "peer": peer}[sys.argv[1]](Path(sys.argv[2]))
