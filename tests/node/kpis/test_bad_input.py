"""Stores and windows that nobody hopes for: each has the figures that docs/kpis.md defines, and every table works."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.home import Home
from node.kpis.as_json import report_json
from node.kpis.as_rows import as_csv, as_parquet, rows_of
from node.kpis.report import Asked, Section, report_of
from node.kpis.windows import Period
from node.store.database import opened
from privacy.bounds.windows import Window, twelve_months_to
from tests.node.ingest.house import asked as rows
from tests.node.ingest.house import import_, new_home

HEADER = "order_id,line_id,ordered_at,ticket_type,quantity,amount,channel,state,customer_key"
YEAR = date(2025, 12, 31)
EMPTY = dict.fromkeys(("super", "top", "middle", "bottom"), 0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def take(home: Home, *lines: str) -> None:
    file = home.path.parent / "file.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    assert [each.rejected for each in import_(home, file).files] == [0]


def sale(order: str, at: str, who: str = "", kroner: int = 100, quantity: int = 1, kind: str = "Ordinær") -> str:
    return f"{order},{at}{quantity}{kroner},{at},{kind},{quantity},{kroner}.00,web,paid,{who}"


def kpi(home: Home, last: date = YEAR, by: Period | None = None) -> Mapping[str, Any]:
    """The whole report of twelve months, in every form."""
    window = twelve_months_to(last)
    with opened(home) as connection:
        report = report_of(connection, "Europe/Oslo", Asked(window, tuple(Section), by, window))
    told = rows_of(report)
    assert as_csv(told)
    assert as_parquet(told)
    return report_json(report)


def of_day(home: Home, day: date) -> Mapping[str, Any]:
    """The key figures of a day, and its orders by weekday."""
    with opened(home) as connection:
        report = report_of(connection, "Europe/Oslo", Asked(Window(day, day), (Section.ORDERS,)))
    return report_json(report)


def tiers(found: Mapping[str, Any], what: str = "customers") -> dict[str, Any]:
    return {name: tier[what] for name, tier in found["tiers"].items()}


@pytest.mark.parametrize("last", [date(1900, 1, 1), date(2020, 12, 31), date(2999, 12, 31)])
def test_a_window_before_or_after_all_sales_has_zeros_and_no_ratios(home: Home, last: date) -> None:
    take(home, sale("A", "2025-03-01", "K1"))
    found = kpi(home, last, Period.MONTH)
    assert (found["customers"], found["orders"], found["tickets"], found["revenue_ore"]) == (0, 0, 0, 0)
    assert [
        name for name in found if name.endswith(("_share", "retention", "_years")) and found[name] is not None
    ] == []
    assert tiers(found) == EMPTY
    assert found["portfolio_value_ore"] == 0
    assert len(found["series"]) in (11, 12)  # twelve months to 1 January begin on the second
    assert {point["customers"] for point in found["series"]} == {0}


def test_a_store_that_is_empty(home: Home) -> None:
    found = kpi(home)
    assert (found["customers"], found["rfm"], found["occupancy"]["genre"]) == (0, [], {})
    assert found["migration"]["new"] == EMPTY


def test_one_customer_is_in_the_middle(home: Home) -> None:
    take(home, sale("A", "2025-03-01", "K1"))
    found = kpi(home)
    assert tiers(found) == EMPTY | {"middle": 1}
    assert (found["retention"], found["first_timer_share"], found["clv_ore"]) == (None, 1.0, None)
    assert found["portfolio_value_ore"] is None
    assert found["rfm"] == [
        {"recency": 1, "frequency": 1, "monetary": 1, "customers": 1, "orders": 1, "revenue_ore": 10_000}
    ]


def test_all_anonymous_is_revenue_without_customers(home: Home) -> None:
    take(home, *(sale(f"A{month}", f"2025-{month:02d}-10") for month in range(1, 13)))
    found = kpi(home)
    assert (found["customers"], found["orders"], found["anonymous_orders"]) == (0, 12, 12)
    assert (found["revenue_ore"], found["identified_revenue_ore"], found["identified_share"]) == (120_000, 0, 0.0)
    assert (found["purchase_frequency"], found["revenue_per_customer_ore"]) == (None, None)
    assert found["average_purchase_ore"] == 10_000
    assert tiers(found) == EMPTY
    age = {cell["age_band"]: cell for cell in found["tables"]["age_band"]}
    assert age["unknown"] == {
        "age_band": "unknown",
        "customers": 0,
        "orders": 12,
        "tickets": 12,
        "revenue_ore": 120_000,
    }
    assert sum(cell["orders"] for cell in found["tables"]["frequency_band"]) == 0


def test_revenue_of_zero_ties_all_of_them_so_all_are_super(home: Home) -> None:
    take(
        home,
        *(sale(f"A{who}", "2025-03-01", f"K{who}", 0, kind="Fribillett") for who in range(20)),
        *(sale(f"B{who}", "2024-03-01", f"K{who}", 0, kind="Fribillett") for who in range(10, 30)),
    )
    found = kpi(home)
    assert tiers(found) == EMPTY | {"super": 20}
    assert (found["revenue_ore"], found["average_purchase_ore"], found["average_ticket_price_ore"]) == (0, 0, None)
    assert (found["clv_ore"], found["portfolio_value_ore"], found["tiers"]["super"]["index"]) == (0, 0, None)
    assert found["complimentary_share"] == 1.0


def test_negative_revenue_after_returns_is_the_lowest_and_stays_negative(home: Home) -> None:
    take(
        home,
        *(sale(f"A{who}", "2025-03-01", f"K{who}", 100 + who) for who in range(9)),
        sale("B", "2025-03-01", "K9", 10),
        sale("C", "2025-04-01", "K9", -9_000, -30),  # of a sale that was never imported
        *(sale(f"D{who}", "2024-03-01", f"K{who}") for who in range(9, 11)),
    )
    found = kpi(home)
    assert found["revenue_ore"] == 936_00 + 10_00 - 9_000_00
    assert (found["customers"], found["orders"]) == (10, 10)  # the return is no order, and the customer's other one is
    assert tiers(found) == {"super": 1, "top": 2, "middle": 5, "bottom": 2}
    assert tiers(found, "revenue_ore")["bottom"] == 100_00 - 8_990_00
    assert found["average_purchase_ore"] == found["revenue_ore"] / 10
    assert found["average_ticket_price_ore"] is None  # more tickets went back than were sold
    assert (found["tickets_per_order"], found["complimentary_share"]) == (-2.0, None)
    assert found["clv_ore"] < 0
    (lowest,) = [cell for cell in found["tables"]["price_band"] if cell["price_band"] == "no-ticket"]
    assert (lowest["orders"], lowest["tickets"], lowest["revenue_ore"]) == (0, -30, -9_000_00)


def test_a_year_with_a_leap_day_and_the_month_of_one(home: Home) -> None:
    take(
        home,
        sale("A", "2024-02-29T12:00:00+01:00", "K1"),
        sale("B", "2023-02-28T12:00:00+01:00", "K1"),
        sale("C", "2023-03-01T12:00:00+01:00", "K1"),
    )
    leap = kpi(home, date(2024, 2, 29), Period.MONTH)
    assert leap["window"] == {"first": "2023-03-01", "last": "2024-02-29"}
    assert (leap["orders"], leap["flows"]["continuing"]) == (2, 1)
    assert [point["orders"] for point in leap["series"]] == [1, *[0] * 10, 1]
    assert leap["series"][-1]["window"] == {"first": "2024-02-01", "last": "2024-02-29"}
    after = kpi(home, date(2025, 2, 28))
    assert (after["window"]["first"], after["orders"]) == ("2024-03-01", 0)
    day = of_day(home, date(2024, 2, 29))
    assert (day["orders"], day["flows"]) == (1, {"new": 0, "continuing": 1, "recovered": 0, "lost": None})


def test_days_are_the_institutions_while_clocks_change(home: Home) -> None:
    moments = {
        "2025-03-29T23:30:00Z": date(2025, 3, 30),  # winter: an hour ahead
        "2025-03-30T21:59:59Z": date(2025, 3, 30),  # summer has begun: two
        "2025-03-30T22:00:00Z": date(2025, 3, 31),
        "2025-10-25T22:30:00Z": date(2025, 10, 26),
        "2025-10-26T22:30:00Z": date(2025, 10, 26),  # winter again
        "2025-10-26T23:00:00Z": date(2025, 10, 27),
        "2025-12-31T22:59:59Z": date(2025, 12, 31),
        "2025-12-31T23:00:00Z": date(2026, 1, 1),
    }
    take(home, *(sale(f"A{number}", at, "K1") for number, at in enumerate(moments)))
    for day in set(moments.values()):
        found = of_day(home, day)
        orders = list(moments.values()).count(day)
        assert found["orders"] == orders
        weekdays = [cell["orders"] for cell in found["tables"]["order_weekday"]]
        assert weekdays == [orders if place == day.weekday() else 0 for place in range(7)]


def test_a_customer_with_ten_thousand_orders_is_nobody(home: Home) -> None:
    take(
        home,
        *(sale(f"A{number}", f"2025-{1 + number % 12:02d}-01", "K1") for number in range(10_000)),
        sale("B", "2025-03-01", "K2"),
    )
    assert rows(home, "SELECT count(*) FROM customers WHERE NOT identified") == [(1,)]
    found = kpi(home)
    assert (found["customers"], found["orders"], found["anonymous_orders"]) == (1, 10_001, 10_000)
    assert (found["identified_revenue_ore"], found["purchase_frequency"]) == (10_000, 1.0)
    assert tiers(found) == EMPTY | {"middle": 1}


def test_a_customer_of_five_hundred_orders_is_one(home: Home) -> None:
    take(home, *(sale(f"A{number}", f"2025-{1 + number % 12:02d}-01", "K1") for number in range(500)))
    found = kpi(home)
    assert (found["customers"], found["purchase_frequency"], found["frequency_bands"]["8+"]) == (1, 500.0, 1)


@pytest.mark.parametrize(("customers", "sizes"), [(2, (0, 0, 1, 1)), (3, (0, 0, 2, 1)), (4, (0, 1, 2, 1))])
def test_fewer_customers_than_tiers_leave_the_best_ones_empty(
    home: Home, customers: int, sizes: tuple[int, ...]
) -> None:
    take(home, *(sale(f"A{who}", "2025-03-01", f"K{who}", 100 + who) for who in range(customers)))
    assert tuple(tiers(kpi(home)).values()) == sizes
