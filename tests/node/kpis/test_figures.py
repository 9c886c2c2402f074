"""The own figures against a count in plain Python, written from docs/kpis.md, over small stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.kpis.figures import Figures, figures
from node.store.frames import Keeper, table

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
)
CUSTOMERS = pa.schema(
    [("unit", pa.int64()), ("identified", pa.bool_()), ("released", pa.bool_())]
    + [(name, pa.int64()) for name in ("birth_year", "gender", "county")]
)

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


def _load(store: Store) -> "DuckDBPyConnection":
    sales: list[dict[str, object]] = []
    for number, order in enumerate(store.orders, start=1):
        for kind, tickets, ore in order.rows:
            sales.append(
                {"unit": order.unit or -number, "order_no": number, "ordered_on": order.day, "order_rank": number}
                | {"line_rank": len(sales), "ticket_type": kind, "channel": 0}
                | {"tickets": tickets, "revenue_ore": ore}
            )
    customers: list[dict[str, object]] = [
        {"unit": unit, "identified": unit in store.known, "released": unit % 2 == 0}
        | {"birth_year": None, "gender": 0, "county": 0}
        for unit in sorted(store.known | store.placeholders)
    ]
    connection = _connection()
    for name, schema, values in (("sales", SALES, sales), ("customers", CUSTOMERS, customers)):
        connection.register("arriving", pa.Table.from_pylist(values, schema=schema))
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
        connection.unregister("arriving")
    return connection


def computed(store: Store, last: date) -> Figures:
    connection = _load(store)
    keep = Keeper(connection)
    try:
        return figures(table(connection, "sales"), table(connection, "customers"), last, keep)
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


def expected(store: Store, last: date) -> dict[str, object]:
    """Every figure of twelve months, by the definitions, one after the other."""
    first = year_to(last)
    before = year_to(first - timedelta(days=1))
    counted = [order for order in store.orders if sum(row[1] for row in order.rows) > 0]
    in_window = [order for order in counted if first <= order.day <= last]
    sold = [(order.unit, row) for order in store.orders if first <= order.day <= last for row in order.rows]
    flows, bands = dict.fromkeys(FLOWS, 0), dict.fromkeys(BANDS, 0)
    for unit in store.known:
        found = flow([order.day for order in counted if order.unit == unit], first, before, last)
        if found is not None:
            flows[found] += 1
        times = sum(order.unit == unit for order in in_window)
        for band, (least, most) in BANDS.items():
            bands[band] += least <= times <= most
    orders = len(in_window)
    known_orders = sum(order.unit in store.known for order in in_window)
    customers = len({order.unit for order in in_window} & store.known)
    tickets, ore = sum(row[1] for _, row in sold), sum(row[2] for _, row in sold)
    free = sum(row[1] for _, row in sold if row[0] == COMPLIMENTARY)
    known_ore = sum(row[2] for unit, row in sold if unit in store.known)
    active = flows["continuing"] + flows["lost"]
    return {
        "first": first,
        "last": last,
        "customers": customers,
        "orders": orders,
        "tickets": tickets,
        "revenue_ore": ore,
        "anonymous_orders": orders - known_orders,
        "complimentary_tickets": free,
        "identified_revenue_ore": known_ore,
        "flows": flows,
        "frequency_bands": bands,
        "active_before": active,
        "retention": ratio(flows["continuing"], active),
        "duration_years": ratio(active, flows["lost"]),
        "first_timer_share": ratio(flows["new"], customers),
        "purchase_frequency": ratio(known_orders, customers),
        "average_purchase_ore": ratio(ore, orders),
        "revenue_per_customer_ore": ratio(known_ore, customers),
        "average_ticket_price_ore": ratio(ore, tickets - free),
        "tickets_per_order": ratio(tickets, orders),
        "complimentary_share": ratio(free, tickets),
        "identified_share": ratio(known_orders, orders),
    }


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def shown(found: Figures) -> dict[str, object]:
    """Every field and every property of the figures, by name."""
    derived = {name: getattr(found, name) for name, value in vars(Figures).items() if isinstance(value, property)}
    fields = {name: value for name, value in vars(found).items() if name != "window"}
    return {"first": found.window.first, "last": found.window.last} | fields | derived


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


@settings(max_examples=40)
@given(cases())
@example((Store((), frozenset()), date(2025, 12, 31)))
def test_every_figure_is_that_of_a_plain_count(case: tuple[Store, date]) -> None:
    store, last = case
    found = computed(store, last)
    assert shown(found) == expected(store, last)
    assert found.customers == sum(count for name, count in found.flows.items() if name != "lost")


def test_an_empty_store_has_zeros_and_no_ratios() -> None:
    found = shown(computed(Store((), frozenset()), date(2025, 12, 31)))
    assert {name for name, value in found.items() if value is None} == {
        "retention",
        "duration_years",
        "first_timer_share",
        "purchase_frequency",
        "average_purchase_ore",
        "revenue_per_customer_ore",
        "average_ticket_price_ore",
        "tickets_per_order",
        "complimentary_share",
        "identified_share",
    }
    assert found["customers"] == found["orders"] == found["tickets"] == found["revenue_ore"] == 0


def test_the_ratios_of_a_small_year_by_hand() -> None:
    paid, free = (ORDINARY, 2, 80_000), (COMPLIMENTARY, 2, 0)
    orders = (
        Order(1, date(2024, 6, 1)),
        Order(1, date(2025, 3, 1), (paid,)),
        Order(1, date(2025, 4, 1), (free,)),
        Order(2, date(2024, 1, 1)),
        Order(0, date(2025, 5, 1), (paid,)),
        Order(3, date(2025, 5, 2), (paid,)),
    )
    found = computed(Store(orders, frozenset({1, 2}), frozenset({3})), date(2025, 12, 31))
    assert (found.customers, found.orders, found.anonymous_orders) == (1, 4, 2)
    assert found.flows == {"new": 0, "continuing": 1, "recovered": 0, "lost": 1}
    assert (found.tickets, found.complimentary_tickets, found.revenue_ore) == (8, 2, 240_000)
    assert found.average_ticket_price_ore == 40_000  # the two free ones pay nothing and are not counted
    assert found.revenue_per_customer_ore == 80_000  # neither the anonymous order nor the placeholder's is in it
    assert (found.retention, found.duration_years) == (0.5, 2.0)
    assert (found.purchase_frequency, found.average_purchase_ore, found.tickets_per_order) == (2.0, 60_000, 2.0)
    assert (found.complimentary_share, found.identified_share, found.first_timer_share) == (0.25, 0.5, 0.0)


def test_duration_is_unknown_while_nobody_is_lost_and_retention_while_nobody_was_there() -> None:
    stays = (Order(1, date(2024, 6, 1)), Order(1, date(2025, 6, 1)))
    found = computed(Store(stays, frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years) == (1.0, None)
    found = computed(Store(stays[1:], frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years, found.first_timer_share) == (None, None, 1.0)
    found = computed(Store(stays[:1], frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years, found.first_timer_share) == (0.0, 1.0, None)


def test_a_return_without_its_sale_lowers_the_sums_and_makes_no_customer() -> None:
    back = (Order(1, date(2025, 5, 1), ((ORDINARY, -1, -30_000),)), Order(2, date(2025, 6, 1)))
    found = computed(Store(back, frozenset({1, 2})), date(2025, 12, 31))
    assert (found.tickets, found.revenue_ore, found.identified_revenue_ore) == (0, -20_000, -20_000)
    assert (found.customers, found.orders) == (1, 1)
    assert found.average_ticket_price_ore is None


@pytest.mark.parametrize(
    ("left", "back", "what"),
    [
        (date(2022, 3, 15), date(2025, 3, 14), "recovered"),
        (date(2022, 3, 15), date(2025, 3, 15), "new"),
        (date(2020, 2, 29), date(2023, 2, 28), "recovered"),
        (date(2020, 2, 29), date(2023, 3, 1), "new"),
    ],
)
def test_who_stayed_away_for_36_months_is_new_again(left: date, back: date, what: str) -> None:
    found = computed(Store((Order(1, left), Order(1, back)), frozenset({1})), date(back.year, 12, 31))
    assert {name for name, count in found.flows.items() if count} == {what}


WINDOWS = [
    (date(2025, 2, 28), date(2024, 3, 1), date(2023, 3, 1)),
    (date(2024, 2, 29), date(2023, 3, 1), date(2022, 3, 1)),
    (date(2024, 2, 28), date(2023, 3, 1), date(2022, 3, 1)),  # there is no 29 February 2023
    (date(2025, 12, 31), date(2025, 1, 1), date(2024, 1, 1)),
]


@pytest.mark.parametrize(("last", "first", "before"), WINDOWS)
def test_the_edges_of_both_windows(last: date, first: date, before: date) -> None:
    day = timedelta(days=1)
    orders = (
        Order(1, first),
        Order(2, last),
        Order(3, last + day),
        Order(4, first - day),
        Order(5, before),
        Order(6, before - day),
    )
    found = computed(Store(orders, frozenset(range(1, 7))), last)
    assert (found.window.first, found.window.last) == (first, last)
    assert found.orders == found.customers == 2
    assert found.flows == {"new": 2, "continuing": 0, "recovered": 0, "lost": 2}


def test_the_bands_of_frequency() -> None:
    times = (1, 2, 4, 5, 7, 8, 30)
    orders = tuple(
        Order(unit, date(2025, 1, 1) + timedelta(days=step))
        for unit, number in enumerate(times, start=1)
        for step in range(number)
    )
    found = computed(Store(orders, frozenset(range(1, 8))), date(2025, 12, 31))
    assert found.frequency_bands == {"1": 1, "2-4": 2, "5-7": 2, "8+": 2}
