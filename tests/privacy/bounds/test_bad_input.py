"""What stores of an odd kind give: a defined result in every table, every tier and every count of quantiles."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from privacy.bounds.windows import Window, quarter_to, twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.privacy.bounds import engine
from tests.privacy.bounds.reference import bounded_tables
from tests.privacy.bounds.stores import LOOSE, WINDOW, Customer, Line, Store, sale

GRID = CANDIDATES[Measure.REVENUE]
LEAST = [GRID[2], GRID[1], GRID[0]]
DAY = date(2026, 3, 1)
Filled = dict[tuple[str, Measure], dict[str, int]]


def filled(lines: Sequence[Line], customers: Sequence[Customer], window: Window = WINDOW) -> Filled:
    """The cells that are not zero, of every table."""
    store, tables = Store(tuple(lines), tuple(customers)), bounded_tables(LOOSE, tiers=True)
    vectors = engine.exact_cells(store, window, tables)
    vectors |= engine.tier_cells(store, window, tables, (LEAST, LEAST))
    assert vectors.keys() == {(each.table.name, measure) for each in tables for measure in each.table.measures}
    return {
        (name, measure): {
            category: value
            for category, value in zip(TABLES[name].dimension.categories, vector.tolist(), strict=True)
            if value
        }
        for (name, measure), vector in vectors.items()
    }


def counted(lines: Sequence[Line], customers: Sequence[Customer]) -> dict[Measure, dict[int, int]]:
    """The places of quantiles in which somebody is."""
    counts = engine.quantile_counts(Store(tuple(lines), tuple(customers)), WINDOW)
    return {key: {place: int(value) for place, value in enumerate(vector) if value} for key, vector in counts.items()}


@pytest.mark.parametrize("last", [date(1, 12, 31), date(1999, 12, 31), date(2024, 2, 29), date(2090, 12, 31)])
def test_a_window_without_sales_is_empty_but_for_those_who_are_lost(last: date) -> None:
    window = Window(date(1, 1, 1), last) if last.year == 1 else twelve_months_to(last)
    if last.year == 1:
        window = Window(date(3, 1, 1), date(3, 12, 31))
    assert not any(filled([sale(1, 1, 1, DAY), sale(-2, 2, 2, DAY)], [Customer(1)], window).values())


def test_nothing_but_lost_customers() -> None:
    found = filled([sale(1, 1, 1, date(2025, 3, 1), revenue_ore=GRID[-1])], [Customer(1)])
    assert {key: cells for key, cells in found.items() if cells} == {
        ("flow", Measure.CUSTOMERS): {"lost": 1},
        ("flow-age_band", Measure.CUSTOMERS): {"lost:unknown": 1},
        ("migration", Measure.CUSTOMERS): {"super:lost": 1},
    }
    assert not any(counted([sale(1, 1, 1, date(2025, 3, 1))], [Customer(1)]).values())


def test_one_customer_is_once_in_every_table() -> None:
    found = filled([sale(1, 1, 1, DAY, event_no=1)], [Customer(1, birth_year=1960, gender=0, county=0)])
    customers = {name: cells for (name, measure), cells in found.items() if measure is Measure.CUSTOMERS}
    assert all(list(cells.values()) == [1] for cells in customers.values())
    assert customers["age_band-gender"] == {"55-66:female": 1}
    assert customers["lead_time"] == {"same-day": 1}
    assert customers["value_tier"] == {"bottom": 1}
    assert customers["migration"] == {"new:bottom": 1}
    assert customers["genre-age_band"] == {"theatre:55-66": 1}


def test_all_anonymous() -> None:
    lines = [sale(-order, order, order, DAY, revenue_ore=10**9) for order in (1, 2)]
    found = filled(lines, [])
    assert not any(cells for (_, measure), cells in found.items() if measure is Measure.CUSTOMERS)
    assert found["identity", Measure.ORDERS] == {"anonymous": 2}
    assert found["totals", Measure.REVENUE] == {"all": 2 * LOOSE.max_revenue_ore}
    assert found["age_band-county", Measure.ORDERS] == {"unknown:unknown": 2}
    assert found["segment-frequency_band", Measure.ORDERS] == {}
    assert found["value_tier", Measure.REVENUE] == found["value_band", Measure.REVENUE] == {}
    assert not any(counted(lines, []).values())


def test_revenue_zero() -> None:
    lines = [sale(1, 1, 1, DAY, tickets=2, revenue_ore=0)]
    found = filled(lines, [Customer(1)])
    assert not any(cells for (_, measure), cells in found.items() if measure is Measure.REVENUE)
    assert found["value_band", Measure.CUSTOMERS] == {"0-249": 1}
    assert found["price_band", Measure.TICKETS] == {"free": 2}
    assert found["value_tier", Measure.CUSTOMERS] == {"bottom": 1}
    assert counted(lines, [Customer(1)]) == {Measure.ORDERS: {1: 1}, Measure.TICKETS: {2: 1}, Measure.REVENUE: {0: 1}}


def test_more_given_back_than_was_paid_is_nothing_paid() -> None:
    lines = [
        sale(1, 1, 1, DAY, tickets=2, revenue_ore=100_00),
        sale(1, 1, 2, DAY, original_no=1, tickets=-1, revenue_ore=-900_00),
    ]
    found = filled(lines, [Customer(1)])
    assert found["totals", Measure.TICKETS] == {"all": 1}
    assert found["totals", Measure.REVENUE] == {}
    assert found["price_band", Measure.TICKETS] == {"free": 1}
    assert counted(lines, [Customer(1)])[Measure.REVENUE] == {0: 1}


def test_leap_days() -> None:
    leap = date(2024, 2, 29)
    lines = [sale(1, 1, 1, leap - timedelta(days=1), event_no=5), sale(2, 2, 2, leap, event_no=5)]
    found = filled(lines, [Customer(1), Customer(2)], quarter_to(date(2024, 3, 31)))
    assert found["month", Measure.ORDERS] == {"02": 2}
    assert found["order_weekday", Measure.ORDERS] == {"wednesday": 1, "thursday": 1}
    assert found["lead_time", Measure.ORDERS] == {"1-7": 1, "same-day": 1}
    assert found["totals", Measure.ORDERS] == {"all": 2}
    ends = filled(lines, [Customer(1), Customer(2)], twelve_months_to(leap - timedelta(days=1)))
    assert ends["totals", Measure.ORDERS] == {"all": 1}


def test_a_customer_with_ten_thousand_orders() -> None:
    lines = [
        sale(1, order, order, WINDOW.first + timedelta(days=order % 365), channel=order % 6, event_no=1 + order % 5)
        for order in range(1, 10_001)
    ]
    found = filled(lines, [Customer(1)])
    assert found["totals", Measure.ORDERS] == {"all": LOOSE.max_orders}
    assert found["frequency_band", Measure.ORDERS] == {"8+": LOOSE.max_orders}
    assert found["value_band", Measure.CUSTOMERS] == {"8000-11999": 1}
    for name in ("month", "channel", "genre", "lead_time"):
        assert sum(found[name, Measure.TICKETS].values()) == LOOSE.max_orders
    narrow = [BoundedTable(TABLES["month"], (Bounds(10_000, 10_000, 9_999, 10**12),))]
    whole = engine.exact_cells(Store(tuple(lines), (Customer(1),)), WINDOW, narrow)
    assert whole["month", Measure.ORDERS].sum() == 10_000
    assert whole["month", Measure.TICKETS].sum() == 9_999
    assert counted(lines, [Customer(1)])[Measure.ORDERS] == {len(CANDIDATES[Measure.ORDERS]): 1}
