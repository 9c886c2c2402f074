"""Which twelve months `kpi` shows by itself: to the end of the newest month that the store has whole."""

from datetime import date

import duckdb
import pytest

from node.store.span import month_end_before, newest_month_end

NOW = date(2026, 11, 22)


def newest(*days: str, now: date = NOW) -> date:
    """The month's end that is chosen where there were sales on these days."""
    connection = duckdb.connect()
    try:
        connection.execute("CREATE TABLE sales (ordered_on DATE NOT NULL)")
        for day in days:
            connection.execute("INSERT INTO sales VALUES (?::DATE)", [day])
        return newest_month_end(connection, now)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 22), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 10, 31)),
        (date(2026, 10, 31), date(2026, 9, 30)),
        (date(2026, 1, 15), date(2025, 12, 31)),
        (date(2024, 3, 31), date(2024, 2, 29)),
        (date(2025, 3, 1), date(2025, 2, 28)),
    ],
)
def test_the_month_before(day: date, before: date) -> None:
    assert month_end_before(day) == before


def test_an_empty_store_has_the_month_that_is_over() -> None:
    assert newest() == date(2026, 10, 31)
    assert newest(now=date(2026, 1, 1)) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("last", "end"),
    [
        ("2026-11-21", date(2026, 10, 31)),
        ("2026-11-01", date(2026, 10, 31)),
        ("2026-10-31", date(2026, 10, 31)),
        ("2026-10-30", date(2026, 9, 30)),
        ("2026-01-30", date(2025, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-28", date(2024, 1, 31)),
        ("2025-02-28", date(2025, 2, 28)),
    ],
)
def test_a_month_is_whole_once_there_are_sales_of_its_last_day_or_later(last: str, end: date) -> None:
    assert newest(last) == end


def test_the_newest_sale_counts_and_not_the_number_of_them() -> None:
    assert newest("2025-01-31", "2026-06-30", "2026-06-30", "2024-12-24") == date(2026, 6, 30)


@pytest.mark.parametrize("last", ["2026-11-22", "2026-11-30", "2026-12-31", "2031-05-05"])
def test_a_sale_of_today_or_of_a_day_to_come_chooses_no_month_that_is_not_over(last: str) -> None:
    assert newest("2026-03-03", last) == date(2026, 10, 31)


def test_on_the_last_day_of_a_month_that_month_is_not_over() -> None:
    assert newest("2026-10-31", now=date(2026, 10, 31)) == date(2026, 9, 30)
    assert newest("2026-10-30", now=date(2026, 10, 31)) == date(2026, 9, 30)
    assert newest("2026-10-31", now=date(2026, 11, 1)) == date(2026, 10, 31)
