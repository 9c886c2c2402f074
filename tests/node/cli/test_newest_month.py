"""Which twelve months `kpi` shows by itself: to the end of the newest month that the store has whole."""

from datetime import date

import duckdb
import pytest

from node.store.span import Newest, month_end_before, newest_month

NOW = date(2026, 11, 22)


def newest(*days: str, now: date = NOW, imported: str | None = None) -> date:
    """The month's end that is chosen where there were sales on these days, and the newest import was on another."""
    return told(*days, now=now, imported=imported).end


def told(*days: str, now: date = NOW, imported: str | None = None) -> Newest:
    """The same with what it was told by."""
    connection = duckdb.connect()
    try:
        connection.execute("CREATE TABLE sales (ordered_on DATE NOT NULL)")
        for day in days:
            connection.execute("INSERT INTO sales VALUES (?::DATE)", [day])
        connection.execute("CREATE TABLE imports (imported_at TIMESTAMP NOT NULL)")
        if imported is not None:
            connection.execute("INSERT INTO imports VALUES (?::TIMESTAMP)", [imported])
        return newest_month(connection, now)
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
        ("2026-10-28", date(2026, 10, 31)),
        ("2026-10-27", date(2026, 9, 30)),
        ("2026-01-27", date(2025, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-26", date(2024, 2, 29)),
        ("2024-02-25", date(2024, 1, 31)),
        ("2025-02-28", date(2025, 2, 28)),
    ],
)
def test_a_month_is_whole_where_its_sales_end_with_it_or_a_weekend_earlier(last: str, end: date) -> None:
    assert newest("2023-05-05", last) == end


PLAYS_ON_FRIDAYS = [f"2026-{month:02d}-{day:02d}" for month in range(1, 9) for day in (4, 11, 18)]
"""Ten days or more without a sale from every 18th on."""


def test_who_often_sells_nothing_for_so_long_has_a_whole_month() -> None:
    assert newest(*PLAYS_ON_FRIDAYS, "2026-09-18") == date(2026, 9, 30)
    assert told(*PLAYS_ON_FRIDAYS, "2026-09-18").left_out is None


def test_who_never_sells_nothing_for_so_long_does_not_and_is_told() -> None:
    assert newest(*PLAYS_ON_FRIDAYS, "2026-09-04") == date(2026, 8, 31)
    assert told(*PLAYS_ON_FRIDAYS, "2026-09-04") == Newest(date(2026, 8, 31), date(2026, 9, 4), date(2026, 9, 30))


def test_one_summer_without_sales_makes_no_quiet_month_usual() -> None:
    days = [f"2026-{month:02d}-{day:02d}" for month in (1, 2, 3, 4, 5, 8, 9) for day in range(1, 29)]
    assert newest(*days, "2026-10-12") == date(2026, 9, 30)


def test_the_first_month_of_all_is_shown_where_there_is_nothing_else() -> None:
    assert newest("2026-10-02") == date(2026, 10, 31)
    assert newest("2026-09-30", "2026-10-02") == date(2026, 9, 30)


def test_a_month_that_was_imported_before_it_ended_is_not_whole() -> None:
    assert newest("2026-05-05", "2026-10-29", imported="2026-10-29 15:00:00") == date(2026, 9, 30)
    assert newest("2026-05-05", "2026-10-29", imported="2026-11-02 08:00:00") == date(2026, 10, 31)


def test_the_newest_sale_counts_and_not_the_number_of_them() -> None:
    assert newest("2025-01-31", "2026-06-30", "2026-06-30", "2024-12-24") == date(2026, 6, 30)


@pytest.mark.parametrize("last", ["2026-11-01", "2026-11-21", "2026-11-22"])
def test_sales_of_this_month_show_that_the_one_before_is_whole(last: str) -> None:
    assert newest("2026-03-03", last) == date(2026, 10, 31)


@pytest.mark.parametrize("last", ["2026-11-23", "2026-12-31", "2031-05-05"])
def test_a_sale_of_a_day_to_come_tells_nothing(last: str) -> None:
    assert newest("2026-03-03", "2026-08-31", last) == date(2026, 8, 31)
    assert newest(last) == date(2026, 10, 31)


def test_on_the_last_day_of_a_month_that_month_is_not_over() -> None:
    assert newest("2026-10-31", now=date(2026, 10, 31)) == date(2026, 9, 30)
    assert newest("2026-10-30", now=date(2026, 10, 31)) == date(2026, 9, 30)
    assert newest("2026-10-31", now=date(2026, 11, 1)) == date(2026, 10, 31)
