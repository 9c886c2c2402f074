"""The Narwhals path over DuckDB, for small stores."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from node.store.frames import Keeper, sold, table
from privacy.bounds import cells, netting, quantiles, tiers
from privacy.bounds.base import base_of, names_of
from privacy.bounds.frames import Frame
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import FLOW
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import BoundedTable, Bounds
from tests.privacy.bounds.reference import Vectors, bounded_tables
from tests.privacy.bounds.stores import EVENTS, Store

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
        ("event_no", pa.int64()),
        ("event_start", pa.timestamp("us")),
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
        ("segment", pa.string()),
    ]
)
EVENT_COLUMNS = pa.schema([("event_no", pa.int64()), ("genre", pa.int64())])
START_COLUMNS = pa.schema(
    [("event_start", pa.timestamp("us")), ("start_on", pa.date32()), ("weekday", pa.int64()), ("daypart", pa.int64())]
)


@cache
def _connection() -> "DuckDBPyConnection":
    """One for all tests of a process: to open one takes longer than to fill it."""
    return duckdb.connect(config={"threads": 1})


@contextmanager
def loaded(store: Store) -> "Iterator[DuckDBPyConnection]":
    """A connection with a store's `customers`, and its `sales` after netting."""
    connection = _connection()
    lines = [asdict(line) | {"event_start": start_of(line.event_no)} for line in store.lines]
    put(connection, "lines", pa.Table.from_pylist(lines, LINES))
    put(connection, "customers", pa.Table.from_pylist([asdict(one) for one in store.customers], CUSTOMERS))
    rows = [{"event_no": number, "event_start": start_of(number), **asdict(event)} for number, event in EVENTS.items()]
    for name, schema in (("events_framed", EVENT_COLUMNS), ("starts_framed", START_COLUMNS)):
        put(connection, name, pa.Table.from_pylist([{key: row[key] for key in schema.names} for row in rows], schema))
    keep = Keeper(connection)
    put(connection, "sales", netting.net(table(connection, "lines"), keep).collect("pyarrow").to_native())
    keep.drop()
    yield connection


def start_of(event_no: int | None) -> datetime | None:
    """A moment of each event's own."""
    return None if event_no is None else datetime(2000, 1, event_no)  # noqa: DTZ001  the store's times have no zone


def put(connection: "DuckDBPyConnection", name: str, rows: pa.Table) -> None:
    """Replaces a table."""
    connection.register("arriving", rows)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving").fetchall()
    connection.unregister("arriving")


@contextmanager
def frames(connection: "DuckDBPyConnection") -> Iterator[tuple[Frame, Frame, Keeper]]:
    """A connection's `sales` and `customers`, as `privacy.bounds.frames` has them, and its keeper."""
    keep = Keeper(connection)
    framed = (table(connection, name) for name in ("events_framed", "starts_framed"))
    yield sold(connection, *framed), table(connection, "customers"), keep
    keep.drop()


def vectors_of(connection: "DuckDBPyConnection", window: Window, bounds: Bounds | Sequence[BoundedTable]) -> Vectors:
    """The vectors of some tables, or of every table within the same bounds, over a connection's store."""
    with frames(connection) as (sales, customers, keep):
        tables = cells.without_tiers(bounded_tables(bounds))
        names = names_of(each.table for each in tables)
        return cells.cells_of(base_of(sales, customers, window, keep, names), tables)


def exact_cells(store: Store, window: Window, bounds: Bounds | Sequence[BoundedTable]) -> Vectors:
    """The vectors over a store's lines; those of tiers are left out."""
    with loaded(store) as connection:
        return vectors_of(connection, window, bounds)


Thresholds = tuple[Sequence[int], Sequence[int]]


def tier_cells(store: Store, window: Window, bounds: Sequence[BoundedTable], thresholds: Thresholds) -> Vectors:
    """The vectors of tables of tiers."""
    with loaded(store) as connection, frames(connection) as (sales, customers, keep):
        base = base_of(sales, customers, window, keep, {FLOW.name})
        return tiers.tier_vectors(tiers.tier_facts_of(base, bounds), *thresholds, bounds)


def quantile_counts(store: Store, window: Window) -> dict[Measure, cells.Vector]:
    """The counts of every measure that there are quantiles of."""
    with loaded(store) as connection, frames(connection) as (sales, customers, keep):
        return quantiles.quantile_counts_of(base_of(sales, customers, window, keep, ()), CANDIDATES)


SalesRow = tuple[int, int, date, int, int, int, int, int, int, int | None, datetime | None]


def sales_in(connection: "DuckDBPyConnection") -> list[SalesRow]:
    """A connection's `sales`, in no order; columns as in privacy.bounds.netting.SALES."""
    rows: list[SalesRow] = connection.execute(f"SELECT {', '.join(netting.SALES)} FROM sales").fetchall()
    return rows


def sales(store: Store) -> list[SalesRow]:
    """A store's `sales`."""
    with loaded(store) as connection:
        return sales_in(connection)
