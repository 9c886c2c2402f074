"""Twelve months, to the day, also where February has one more."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.bounds.windows import (
    Window,
    is_month_end,
    is_quarter_end,
    months_before,
    quarter_to,
    twelve_months_to,
    window_of,
    year_before,
)

LAST_DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-10-31", "2025-11-01"),
        ("2024-02-29", "2023-03-01"),
        ("2024-02-28", "2023-03-01"),  # 29 February 2023 was not: the twelve months begin the day after
        ("2025-02-28", "2024-03-01"),
        ("2025-02-27", "2024-02-28"),
        ("2024-03-01", "2023-03-02"),
        ("2025-12-31", "2025-01-01"),
        ("2100-02-28", "2099-03-01"),
    ],
)
def test_twelve_months_to_a_day(last: str, first: str) -> None:
    assert str(twelve_months_to(date.fromisoformat(last))) == f"{first}/{last}"


@given(LAST_DAYS)
def test_a_window_has_twelve_months_of_days(last: date) -> None:
    window = twelve_months_to(last)
    days = (window.last - window.first).days + 1
    a_leap_day_within = any(
        window.first <= date(year, 2, 29) <= window.last
        for year in (window.first.year, window.last.year)
        if year % 4 == 0 and (year % 100 or year % 400 == 0)
    )
    assert days == 365 + a_leap_day_within


@given(LAST_DAYS)
def test_a_window_of_whole_months_has_each_calendar_month_once(day: date) -> None:
    window = twelve_months_to(day.replace(day=1) - timedelta(days=1))
    assert is_month_end(window.last)
    days = [window.first + timedelta(days=step) for step in range((window.last - window.first).days + 1)]
    assert window.first.day == 1
    assert len({(day.year, day.month) for day in days}) == 12


@given(LAST_DAYS)
def test_the_year_before_ends_where_the_window_begins(last: date) -> None:
    window = twelve_months_to(last)
    before = year_before(window)
    assert before.last + timedelta(days=1) == window.first
    assert before == twelve_months_to(before.last)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-03-31", 1, "2026-03-01"),
        ("2024-03-31", 1, "2024-03-01"),
        ("2024-03-29", 1, "2024-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-01-15", 24, "2024-01-15"),
        ("2026-05-31", 0, "2026-05-31"),
    ],
)
def test_months_before(day: str, months: int, expected: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "is_last"), [("2024-02-28", False), ("2024-02-29", True), ("2025-02-28", True), ("2026-10-30", False)]
)
def test_month_ends(day: str, *, is_last: bool) -> None:
    assert is_month_end(date.fromisoformat(day)) is is_last


def test_a_window_prints_as_its_two_days() -> None:
    assert str(Window(date(2025, 11, 1), date(2026, 10, 31))) == "2025-11-01/2026-10-31"


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-03-31", "2026-01-01"),
        ("2024-06-30", "2024-04-01"),
        ("2025-09-30", "2025-07-01"),
        ("2023-12-31", "2023-10-01"),
    ],
)
def test_quarters_of_the_calendar(last: str, first: str) -> None:
    day = date.fromisoformat(last)
    assert str(quarter_to(day)) == str(window_of("quarter", day)) == f"{first}/{last}"
    assert is_quarter_end(day)
    assert window_of("year", day) == twelve_months_to(day)


@given(LAST_DAYS)
def test_four_quarters_are_the_twelve_months(day: date) -> None:
    assert is_quarter_end(day) == (is_month_end(day) and day.month in (3, 6, 9, 12))
    last = date(day.year, 12, 31)
    quarters = [quarter_to(last)]
    while quarters[-1].first != twelve_months_to(last).first:
        quarters.append(quarter_to(quarters[-1].first - timedelta(days=1)))
    assert len(quarters) == 4
    assert all(is_quarter_end(quarter.last) for quarter in quarters)
