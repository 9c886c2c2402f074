"""Gaps and jumps are told of where they are, and not where there are none."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from node.quality.series import examine

FIRST = date(2023, 1, 2)
Days = dict[date, tuple[int, int]]


def steady(days: int, tickets: int = 50) -> Days:
    """Sales on every day, about alike."""
    draw = Random(1)
    return {FIRST + timedelta(place): (20, tickets + draw.randrange(10)) for place in range(days)}


def test_a_steady_series_has_neither() -> None:
    found = examine(steady(900))
    assert (found.gaps, found.jumps) == ((), ())


def test_nothing_and_a_single_day_have_neither() -> None:
    assert examine({}).gaps == ()
    assert examine(steady(1)).jumps == ()


def test_a_month_that_is_missing_is_a_gap_once() -> None:
    days = {day: sold for day, sold in steady(900).items() if (day.year, day.month) != (2024, 3)}
    (gap,) = examine(days).gaps
    assert (gap.first, gap.last, gap.days, gap.as_before) == (date(2024, 3, 1), date(2024, 3, 31), 31, False)
    assert examine(days).jumps == ()


def test_a_summer_that_is_closed_every_year_is_told_as_such() -> None:
    days = {day: sold for day, sold in steady(1200).items() if day.month != 7}
    assert [(gap.first.year, gap.as_before) for gap in examine(days).gaps] == [
        (2023, False),
        (2024, True),
        (2025, True),
    ]


def test_a_house_that_plays_once_a_week_has_no_gaps() -> None:
    days = {day: sold for day, sold in steady(900).items() if day.weekday() == 5}
    assert examine(days).gaps == ()


def test_a_week_and_a_month_that_are_far_off() -> None:
    days = steady(900)
    for place in range(7):
        days[date(2024, 5, 6) + timedelta(place)] = (500, 3_000)
    jumps = {(jump.unit, jump.first) for jump in examine(days).jumps}
    assert jumps == {("week", date(2024, 5, 6)), ("month", date(2024, 5, 1)), ("month", date(2025, 5, 1))}


@given(
    st.dictionaries(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.tuples(st.integers(1, 9), st.integers(1, 9_999)))
)
def test_gaps_hold_no_sale_and_nothing_fails(days: Days) -> None:
    for gap in examine(days).gaps:
        assert not any(gap.first <= day <= gap.last for day in days)
        assert {gap.first - timedelta(1), gap.last + timedelta(1)} <= set(days)
