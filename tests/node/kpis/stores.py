"""Small stores of a few customers, loaded into an engine, and the definitions of flows written once more in Python."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from node.kpis.orders import orders_of
from node.store.frames import Keeper, table
from privacy.bounds.frames import Frame

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ORDINARY, COMPLIMENTARY = 0, 10
FLOWS = ("new", "continuing", "recovered", "lost")
BANDS = {"1": (1, 1), "2-4": (2, 4), "5-7": (5, 7), "8+": (8, 10**6)}
LASTS = [date(2025, 12, 31), date(2025, 2, 28), date(2024, 2, 28), date(2024, 2, 29), date(2023, 2, 28)]

SALES = pa.schema(
    [(name, pa.int64()) for name in ("unit", "order_no")]
    + [("ordered_on", pa.date32())]
    + [(name, pa.int64()) for name in ("order_rank", "line_rank", "ticket_type", "channel", "tickets", "revenue_ore")]
    + [("event_no", pa.int64())]
)
CUSTOMERS = pa.schema(
    [("unit", pa.int64()), ("identified", pa.bool_()), ("released", pa.bool_())]
    + [(name, pa.int64()) for name in ("birth_year", "gender", "county")]
    + [("segment", pa.string())]
)
SEGMENTS = (None, "essence", "release")
EVENTS = {
    1: ("Teater", "2025-02-28 18:00:00", 2, False),
    2: ("Dans", "2025-06-30 22:30:00", 100, False),
    3: (None, "2024-12-31 22:59:00", None, False),
    4: ("Teater", None, 100, False),
    5: ("Dans", "2025-03-01 11:00:00", 100, True),
}
"""Genre, start in UTC, seats, and whether it was called off. In summer half past ten is half past midnight at home."""

PERFORMANCES = """
    CREATE OR REPLACE TABLE performances (
        event_no BIGINT, genre VARCHAR, event_start TIMESTAMP, capacity BIGINT, cancelled BOOLEAN
    )
"""

Row = tuple[int, int, int]
"""Ticket type, tickets and øre."""


@dataclass(frozen=True)
class Order:
    """An order of a customer (above zero) or of nobody (0), with its net rows."""

    unit: int
    day: date
    rows: tuple[Row, ...] = ((ORDINARY, 1, 10_000),)


@dataclass(frozen=True)
class Store:
    """All orders, and which customers are known; the others are placeholders."""

    orders: tuple[Order, ...]
    known: frozenset[int]
    placeholders: frozenset[int] = frozenset()


@cache
def _connection() -> "DuckDBPyConnection":
    """One for all examples: to open one takes longer than to fill it."""
    return duckdb.connect(config={"threads": 1})


def load(store: Store) -> "DuckDBPyConnection":
    sales: list[dict[str, object]] = []
    for number, order in enumerate(store.orders, start=1):
        for kind, tickets, ore in order.rows:
            sales.append(
                {"unit": order.unit or -number, "order_no": number, "ordered_on": order.day, "order_rank": number}
                | {"line_rank": len(sales), "ticket_type": kind, "channel": number % 6}
                | {"event_no": event_of(number, kind)}
                | {"tickets": tickets, "revenue_ore": ore}
            )
    customers: list[dict[str, object]] = [
        {"unit": unit, "identified": unit in store.known, "released": unit % 2 == 0}
        | {"birth_year": birth_year(unit), "gender": unit % 4, "county": unit % 18, "segment": SEGMENTS[unit % 3]}
        for unit in sorted(store.known | store.placeholders)
    ]
    connection = _connection()
    for name, schema, values in (("sales", SALES, sales), ("customers", CUSTOMERS, customers)):
        connection.register("arriving", pa.Table.from_pylist(values, schema=schema))
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
        connection.unregister("arriving")
    connection.execute(PERFORMANCES)
    connection.executemany(
        "INSERT INTO performances VALUES (?, ?, ?, ?, ?)", [[no, *each] for no, each in EVENTS.items()]
    )
    return connection


def birth_year(unit: int) -> int | None:
    """Some have one."""
    return None if unit % 3 == 0 else 1940 + 20 * unit


def event_of(number: int, kind: int) -> int | None:
    """The event of a row of an order, by the order's number and the ticket type; some have none."""
    return (number + kind) % 6 or None


@contextmanager
def loaded(store: Store) -> Iterator[tuple[Frame, Keeper]]:
    """The orders of a store, as `node.kpis.orders` has them."""
    connection = load(store)
    keep = Keeper(connection)
    try:
        yield orders_of(table(connection, "sales"), table(connection, "customers"), keep), keep
    finally:
        keep.drop()


def year_to(last: date) -> date:
    """The first day of the twelve months that end with a day."""
    after = last + timedelta(days=1)
    try:
        return after.replace(year=after.year - 1)
    except ValueError:  # 29 February
        return date(after.year - 1, 3, 1)


def flow(days: Sequence[date], first: date, before: date, last: date) -> str | None:
    now = [day for day in days if first <= day <= last]
    earlier = [day for day in days if day < first]
    if not now:
        return "lost" if earlier and max(earlier) >= before else None
    if not earlier:
        return "new"
    if max(earlier) >= before:
        return "continuing"
    left, back = max(earlier), min(now)
    away = (left.year + 3, left.month, left.day) <= (back.year, back.month, back.day)
    return "new" if away else "recovered"


def near(last: date) -> list[date]:
    """The days on which something changes for a window, and those around them."""
    first = year_to(last)
    before = year_to(first - timedelta(days=1))
    edges = [first, last, before]
    for day in (first, last):
        edges.append(date(day.year - 3, day.month, min(day.day, 28)))
    return sorted({edge + timedelta(days=step) for edge in edges for step in (-1, 0, 1)} | {date(2020, 2, 29)})


ROWS = st.tuples(st.sampled_from([ORDINARY, 3, COMPLIMENTARY]), st.integers(-1, 4), st.integers(-20_000, 90_000))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Store, date]:
    """A window and a store of a few customers, with placeholders, anonymous orders and returns without their sale."""
    last = draw(st.sampled_from(LASTS))
    days = st.sampled_from(near(last)) | st.dates(date(2019, 1, 1), date(2026, 1, 31))
    rows = st.lists(ROWS, min_size=1, max_size=3).map(tuple)
    number = draw(st.sampled_from([3, 12, 25]))
    orders = draw(st.lists(st.builds(Order, st.integers(0, 4), days, rows), min_size=number, max_size=number))
    known = draw(st.frozensets(st.integers(1, 4), min_size=1))
    return Store(tuple(orders), known, frozenset({1, 2, 3, 4}) - known), last
