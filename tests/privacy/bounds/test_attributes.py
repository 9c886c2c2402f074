"""Flow, bands and what counts as an order, by example."""

from datetime import date

import duckdb
import narwhals as nw
import pyarrow as pa

from node.store.frames import table
from privacy.bounds.attributes import age_band, counted_orders, flows, frequency_band
from privacy.bounds.frames import Frame
from privacy.bounds.windows import twelve_months_to, year_before
from privacy.catalogue.dimensions import AGE_BAND, FLOW, FREQUENCY_BAND
from tests.privacy.bounds.engine import put
from tests.privacy.bounds.stores import WINDOW

F12 = year_before(WINDOW)

# The days on which somebody bought, and the flow that follows in the twelve months to 31 October 2026.
CASES: list[tuple[list[str], str | None]] = [
    (["2025-11-01"], "new"),
    (["2026-10-31"], "new"),
    (["2026-11-01"], None),
    (["2025-10-31"], "lost"),
    (["2024-11-01"], "lost"),
    (["2024-10-31"], None),
    (["2024-10-31", "2026-11-01"], None),
    (["2025-10-31", "2025-11-01"], "continuing"),
    (["2024-11-01", "2026-10-31"], "continuing"),
    (["2015-01-01", "2025-01-01", "2026-01-01"], "continuing"),
    (["2024-10-31", "2025-11-01"], "recovered"),
    (["2023-01-02", "2026-01-01"], "recovered"),
    (["2023-01-01", "2026-01-01"], "new"),
    (["2022-12-31", "2026-01-01"], "new"),
    (["2022-12-31", "2023-01-02", "2026-01-01"], "recovered"),
    (["2023-01-02", "2026-01-01", "2026-05-05"], "recovered"),
    (["2023-02-28", "2026-02-28"], "new"),
    (["2023-03-01", "2026-02-28"], "recovered"),
    (["2023-01-31", "2026-01-30"], "recovered"),
]


def _frame(rows: pa.Table) -> Frame:
    connection = duckdb.connect()
    put(connection, "rows", rows)
    return table(connection, "rows")


def _values(frame: Frame) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = frame.collect("pyarrow").to_native().to_pylist()
    return rows


def _purchases() -> Frame:
    rows = [
        {"unit": unit, "ordered_on": date.fromisoformat(day)}
        for unit, (days, _) in enumerate(CASES, start=1)
        for day in days
    ]
    return _frame(pa.Table.from_pylist(rows))


def test_where_customers_come_from_and_go() -> None:
    found = {row["unit"]: row["flow"] for row in _values(flows(_purchases(), WINDOW, F12))}
    for unit, (days, flow) in enumerate(CASES, start=1):
        expected = None if flow is None else FLOW.categories.index(flow)
        assert found.get(unit) == expected, days


def test_a_leap_day_three_years_ago() -> None:
    window = twelve_months_to(date(2027, 10, 31))
    for first, flow in (("2027-02-28", "recovered"), ("2027-03-01", "new")):
        days = pa.table({"unit": [1, 1], "ordered_on": [date(2024, 2, 29), date.fromisoformat(first)]})
        (row,) = _values(flows(_frame(days), window, year_before(window)))
        assert row["flow"] == FLOW.categories.index(flow)


def test_an_order_counts_if_tickets_remain() -> None:
    rows = [
        {"unit": 1, "order_no": order, "ordered_on": date(2026, 1, 1), "tickets": tickets, "revenue_ore": revenue}
        for order, tickets, revenue in [(1, 1, 0), (2, 0, 500), (3, 2, 200), (3, -2, -200), (4, 2, 200), (4, -1, -300)]
    ]
    counted = _values(counted_orders(_frame(pa.Table.from_pylist(rows))))
    assert sorted((row["order_no"], row["tickets"], row["revenue_ore"]) for row in counted) == [(1, 1, 0), (4, 1, -100)]


def test_age_bands_change_with_the_year_of_birth() -> None:
    ages = {-1: "0-15", 0: "0-15", 15: "0-15", 16: "16-24", 24: "16-24", 25: "25-34", 44: "35-44", 45: "45-54"}
    ages |= {54: "45-54", 55: "55-66", 66: "55-66", 67: "67+", 126: "67+"}
    years = pa.table({"birth_year": pa.array([None, *(2026 - age for age in ages)], pa.int64())})
    found = [row["band"] for row in _values(_frame(years).select(band=age_band(nw.col("birth_year"), WINDOW)))]
    assert [AGE_BAND.categories[index] for index in found if isinstance(index, int)] == ["unknown", *ages.values()]


def test_frequency_bands() -> None:
    orders = {1: "1", 2: "2-4", 4: "2-4", 5: "5-7", 7: "5-7", 8: "8+", 10**6: "8+"}
    counts = pa.table({"orders": pa.array(orders, pa.int64())})
    found = [row["band"] for row in _values(_frame(counts).select(band=frequency_band(nw.col("orders"))))]
    assert [FREQUENCY_BAND.categories[index] for index in found if isinstance(index, int)] == [*orders.values()]
