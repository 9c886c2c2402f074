"""A series has, period by period, the figures that each period has alone."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.kpis.figures import figures_of
from node.kpis.orders import people_of
from node.kpis.portfolio import portfolio_of
from node.kpis.series import series_of
from node.kpis.windows import Period, before, periods
from privacy.bounds.windows import Window
from tests.node.kpis.stores import ORDINARY, ROWS, Order, Store, loaded

SPAN = Window(date(2022, 1, 1), date(2025, 12, 31))
EDGES = [
    date(year, month, day)
    for year in (2019, 2022, 2024, 2025)
    for month, day in ((1, 1), (1, 31), (2, 28), (3, 1), (7, 31), (8, 1), (12, 31))
]


@st.composite
def stores(draw: st.DrawFn) -> Store:
    days = st.sampled_from([*EDGES, date(2024, 2, 29)]) | st.dates(date(2018, 1, 1), date(2026, 6, 30))
    rows = st.lists(ROWS, min_size=1, max_size=2).map(tuple)
    orders = draw(st.lists(st.builds(Order, st.integers(0, 3), days, rows), min_size=3, max_size=10))
    return Store(tuple(orders), frozenset({1, 2}), frozenset({3}))


@settings(max_examples=6)
@given(stores(), st.sampled_from([Period.MONTH, Period.QUARTER]))
@example(Store((Order(1, date(2022, 1, 31)), Order(1, date(2025, 1, 31))), frozenset({1})), Period.MONTH)
@example(Store((Order(1, date(2022, 1, 31)), Order(1, date(2025, 1, 30))), frozenset({1})), Period.QUARTER)
@example(Store((Order(1, date(2024, 2, 29)), Order(1, date(2025, 2, 1))), frozenset({1})), Period.MONTH)
@example(Store((), frozenset()), Period.QUARTER)
def test_months_and_quarters_are_those_of_each_window_alone(store: Store, by: Period) -> None:
    named = periods(by, SPAN)
    with loaded(store) as (orders, keep):
        found = series_of(orders, by, named, keep)
        assert [point.label for point in found] == [each.label for each in named]
        for place, (point, period) in enumerate(zip(found, named, strict=True)):
            if place == 0 or any(period.window.first <= each.day <= period.window.last for each in store.orders):
                people = people_of(orders, period.window, before(period.window), keep)
                assert point.figures == figures_of(orders, people, period.window)
            else:
                assert (point.figures.orders, point.figures.customers, point.figures.revenue_ore) == (0, 0, 0)


@pytest.mark.parametrize(
    ("by", "labels"),
    [(Period.SEASON, ["2022/23", "2023/24", "2024/25"]), (Period.YEAR, ["2022", "2023", "2024", "2025"])],
)
def test_seasons_and_years_have_retention_and_a_portfolio(by: Period, labels: list[str]) -> None:
    paid = ((ORDINARY, 1, 50_000),)
    stays = [Order(unit, date(year, 9, 1), paid) for unit in (1, 2, 3) for year in (2022, 2023, 2024, 2025)]
    store = Store((*stays, Order(4, date(2023, 10, 1), paid)), frozenset({1, 2, 3, 4}))
    named = periods(by, SPAN)
    with loaded(store) as (orders, keep):
        found = series_of(orders, by, named, keep)
        assert [point.label for point in found] == labels
        for point, period in zip(found, named, strict=True):
            people = people_of(orders, period.window, before(period.window), keep)
            assert point.figures == figures_of(orders, people, period.window)
            assert point.portfolio == portfolio_of(people, period.window)
    retention = {point.label: point.figures.retention for point in found}
    assert retention[labels[0]] is None
    assert retention[labels[2]] == 0.75


def test_no_periods_make_no_series() -> None:
    with loaded(Store((Order(1, date(2024, 1, 1)),), frozenset({1}))) as (orders, keep):
        for by in Period:
            assert series_of(orders, by, [], keep) == []
