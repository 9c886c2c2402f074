"""Windows and periods: months, quarters, seasons and years, the year before, and leap days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kpis.windows import Period, before, begin, is_twelve_months, periods, year_earlier
from privacy.bounds.windows import Window, twelve_months_to, year_before

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


def test_the_periods_of_two_years() -> None:
    span = Window(date(2023, 8, 1), date(2025, 7, 31))
    shown = {by: [(each.label, each.window) for each in periods(by, span)] for by in Period}
    assert len(shown[Period.MONTH]) == 24
    assert shown[Period.MONTH][6] == ("2024-02", Window(date(2024, 2, 1), date(2024, 2, 29)))
    assert shown[Period.MONTH][-1] == ("2025-07", Window(date(2025, 7, 1), date(2025, 7, 31)))
    assert [label for label, _ in shown[Period.QUARTER]] == [
        *("2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"),
        *("2025-Q1", "2025-Q2"),
    ]
    assert shown[Period.QUARTER][-1][1] == Window(date(2025, 4, 1), date(2025, 6, 30))
    assert shown[Period.SEASON] == [
        ("2023/24", Window(date(2023, 8, 1), date(2024, 7, 31))),
        ("2024/25", Window(date(2024, 8, 1), date(2025, 7, 31))),
    ]
    assert shown[Period.YEAR] == [("2024", Window(date(2024, 1, 1), date(2024, 12, 31)))]


@pytest.mark.parametrize(
    ("by", "span"),
    [
        (Period.MONTH, Window(date(2024, 2, 1), date(2024, 2, 28))),
        (Period.QUARTER, Window(date(2024, 1, 2), date(2024, 6, 29))),
        (Period.SEASON, Window(date(2024, 1, 1), date(2024, 12, 31))),
        (Period.YEAR, Window(date(2024, 1, 2), date(2025, 12, 30))),
    ],
)
def test_a_period_that_is_not_whole_is_left_out(by: Period, span: Window) -> None:
    assert periods(by, span) == []


def test_the_turn_of_a_century_has_two_digits() -> None:
    (season,) = periods(Period.SEASON, Window(date(2099, 8, 1), date(2100, 7, 31)))
    assert season.label == "2099/00"


@given(DAYS, st.integers(0, 1500), st.sampled_from(Period))
def test_periods_follow_each_other_and_begin_where_they_say(first: date, days: int, by: Period) -> None:
    span = Window(first, first + timedelta(days=days))
    found = periods(by, span)
    for one, other in pairwise(found):
        assert other.window.first == one.window.last + timedelta(days=1)
    for each in found:
        assert span.first <= each.window.first <= each.window.last <= span.last
        assert begin(by, each.window.last) == begin(by, each.window.first) == each.window.first
        assert is_twelve_months(each.window) == (by in (Period.SEASON, Period.YEAR))


@given(DAYS)
def test_the_year_before_twelve_months_is_f12(last: date) -> None:
    window = twelve_months_to(last)
    assert year_earlier(window) == year_before(window) == before(window)
    assert is_twelve_months(window)
    assert not is_twelve_months(Window(window.first + timedelta(days=1), last))


@pytest.mark.parametrize(
    ("window", "earlier"),
    [
        (Window(date(2025, 9, 1), date(2025, 9, 30)), Window(date(2024, 9, 1), date(2024, 9, 30))),
        (Window(date(2024, 2, 1), date(2024, 2, 29)), Window(date(2023, 2, 1), date(2023, 2, 28))),
        (Window(date(2025, 2, 1), date(2025, 2, 28)), Window(date(2024, 2, 1), date(2024, 2, 29))),
        (Window(date(2024, 2, 29), date(2024, 2, 29)), Window(date(2023, 3, 1), date(2023, 2, 28))),
    ],
)
def test_the_same_days_of_the_year_before(window: Window, earlier: Window) -> None:
    assert year_earlier(window) == earlier
