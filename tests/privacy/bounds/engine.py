"""The Narwhals path over DuckDB, for small stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from node.store.frames import Keeper, table
from privacy.bounds import cells, netting
from privacy.bounds.windows import Window
from privacy.catalogue.tables import TABLES, Bounds
from tests.privacy.bounds.reference import Vectors
from tests.privacy.bounds.stores import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINES = pa.schema(
    [
        ("unit", pa.int64()),
        ("order_no", pa.int64()),
        ("line_no", pa.int64()),
        ("original_no", pa.int64()),
        ("ordered_on", pa.date32()),
        ("order_rank", pa.int64()),
        ("line_rank", pa.int64()),
        ("event", pa.string()),
        ("sold_as", pa.string()),
        ("ticket_type", pa.int64()),
        ("channel", pa.int64()),
        ("tickets", pa.int64()),
        ("revenue_ore", pa.int64()),
    ]
)
CUSTOMERS = pa.schema(
    [
        ("unit", pa.int64()),
        ("identified", pa.bool_()),
        ("released", pa.bool_()),
        ("birth_year", pa.int64()),
        ("gender", pa.int64()),
        ("county", pa.int64()),
    ]
)


@cache
def _connection() -> "DuckDBPyConnection":
    """One for all tests of a process: to open one takes longer than to fill it."""
    return duckdb.connect(config={"threads": 1})


@contextmanager
def loaded(store: Store) -> "Iterator[DuckDBPyConnection]":
    """A connection with a store's `customers`, and its `sales` after netting."""
    connection = _connection()
    put(connection, "lines", pa.Table.from_pylist([asdict(line) for line in store.lines], LINES))
    put(connection, "customers", pa.Table.from_pylist([asdict(one) for one in store.customers], CUSTOMERS))
    keep = Keeper(connection)
    put(connection, "sales", netting.net(table(connection, "lines"), keep).collect("pyarrow").to_native())
    keep.drop()
    yield connection


def put(connection: "DuckDBPyConnection", name: str, rows: pa.Table) -> None:
    """Replaces a table."""
    connection.register("arriving", rows)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving").fetchall()
    connection.unregister("arriving")


def vectors_of(connection: "DuckDBPyConnection", window: Window, bounds: Bounds) -> Vectors:
    """The vectors of every table over a connection's `sales` and `customers`."""
    keep = Keeper(connection)
    vectors = cells.exact_cells(
        table(connection, "sales"), table(connection, "customers"), TABLES.values(), window, bounds, keep
    )
    keep.drop()
    return vectors


def exact_cells(store: Store, window: Window, bounds: Bounds) -> Vectors:
    """The vectors of every table over a store's lines."""
    with loaded(store) as connection:
        return vectors_of(connection, window, bounds)


SalesRow = tuple[int, int, date, int, int, int, int, int, int]


def sales_in(connection: "DuckDBPyConnection") -> list[SalesRow]:
    """A connection's `sales`, in no order; columns as in privacy.bounds.netting.SALES."""
    rows: list[SalesRow] = connection.execute(f"SELECT {', '.join(netting.SALES)} FROM sales").fetchall()
    return rows


def sales(store: Store) -> list[SalesRow]:
    """A store's `sales`."""
    with loaded(store) as connection:
        return sales_in(connection)
