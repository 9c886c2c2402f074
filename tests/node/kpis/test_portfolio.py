"""Tiers, origins, migration and lifetime value against a count in plain Python over small stores."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings

from node.kpis.orders import people_of
from node.kpis.portfolio import Amount, Portfolio, portfolio_of
from node.kpis.windows import before
from privacy.bounds.windows import Window, twelve_months_to
from privacy.catalogue.dimensions import TIERS
from tests.node.kpis.stores import FLOWS, ORDINARY, Order, Store, cases, flow, loaded, year_to
from tests.node.kpis.test_tiers import by_hand

LAST = date(2025, 12, 31)


def computed(store: Store, window: Window) -> Portfolio:
    with loaded(store) as (orders, keep):
        return portfolio_of(people_of(orders, window, before(window), keep), window)


def bought(store: Store, unit: int, first: date, last: date) -> Amount | None:
    """What a customer bought in some days; None where no order of it counts."""
    own = [order for order in store.orders if order.unit == unit and first <= order.day <= last]
    counted = sum(sum(row[1] for row in order.rows) > 0 for order in own)
    return Amount(1, counted, sum(row[2] for order in own for row in order.rows)) if counted else None


def tier_of(amounts: dict[int, Amount]) -> dict[int, str]:
    return dict(
        zip(amounts, (TIERS[tier] for tier in by_hand([each.revenue_ore for each in amounts.values()])), strict=True)
    )


def in_window(store: Store, first: date, last: date) -> dict[int, Amount]:
    found = {unit: bought(store, unit, first, last) for unit in sorted(store.known)}
    return {unit: amount for unit, amount in found.items() if amount}


@settings(max_examples=25)
@given(cases())
def test_every_customer_stands_where_a_plain_count_puts_them(case: tuple[Store, date]) -> None:
    store, last = case
    window = twelve_months_to(last)
    earlier = Window(year_to(window.first - timedelta(days=1)), window.first - timedelta(days=1))
    now, then = in_window(store, window.first, last), in_window(store, earlier.first, earlier.last)
    tier_now, tier_then = tier_of(now), tier_of(then)
    found = computed(store, window)
    moves: Counter[tuple[str, str]] = Counter()
    for unit in store.known:
        days = [order.day for order in store.orders if order.unit == unit and sum(row[1] for row in order.rows) > 0]
        kind = flow(days, window.first, earlier.first, last)
        if kind is not None:
            moves[tier_then.get(unit, kind), tier_now.get(unit, "lost")] += 1
    assert found.migration is not None
    told = {(origin, to): number for origin, moved in found.migration.items() for to, number in moved.items() if number}
    assert told == dict(moves)
    for tier in TIERS:
        mine = [now[unit] for unit, name in tier_now.items() if name == tier]
        assert found.tier(tier).now == sum(mine, Amount())
        assert found.tier(tier).earlier == sum((then[u] for u, name in tier_then.items() if name == tier), Amount())
        lost = [then[unit] for unit, name in tier_then.items() if name == tier and unit not in now]
        assert found.tier(tier).lost == sum(lost, Amount())


def year(customers: int, kroner: int, *, stay: int, times: int = 1) -> Store:
    """So many customers in both years, each `times` for as many kroner; so many of the first year's stay."""

    def orders(unit: int, of: int) -> list[Order]:
        return [Order(unit, date(of, 1 + time % 12, 10), ((ORDINARY, 1, kroner * 100),)) for time in range(times)]

    first = [order for unit in range(1, customers + 1) for order in orders(unit, 2024)]
    second = [order for unit in range(1 + customers - stay, 1 + 2 * customers - stay) for order in orders(unit, 2025)]
    return Store((*first, *second), frozenset(range(1, 2 * customers - stay + 1)))


def test_equal_customers_are_all_super_and_worth_what_the_simple_case_says() -> None:
    found = computed(year(50, 500, stay=30, times=5), twelve_months_to(LAST))
    every = found.tier("super")
    assert (every.now.customers, every.lost.customers, every.duration) == (50, 20, Fraction(5, 2))
    assert every.clv == 625_000
    assert found.value == 50 * 625_000
    assert found.index("super") == 100
    assert [found.tier(name).clv_total for name in TIERS[1:]] == [0, 0, 0]


def test_the_value_is_the_sum_over_tiers_and_not_the_pooled_product() -> None:
    then = {unit: 2_100 - 100 * unit for unit in range(1, 21)}
    lost = {1, 2, 5, 15}  # one of each tier: of 1, 3, 10 and 6
    now = {unit: kroner for unit, kroner in then.items() if unit not in lost} | {
        21: 5_000,
        22: 4_000,
        23: 3_000,
        24: 50,
    }
    orders = [
        Order(unit, date(of, 3, 1), ((ORDINARY, 1, kroner * 100),))
        for of, bought_in in ((2024, then), (2025, now))
        for unit, kroner in bought_in.items()
    ]
    found = computed(Store(tuple(orders), frozenset(range(1, 25))), twelve_months_to(LAST))
    assert [found.tier(name).duration for name in TIERS] == [1, 3, 10, 6]
    assert [found.tier(name).clv_total for name in TIERS] == [5_000_00, 3 * 8_800_00, 10 * 11_600_00, 6 * 1_550_00]
    assert found.value == 156_700_00
    assert found.all.clv_total == 26_950_00 * 5
    assert found.index("top") == 100 * Fraction(8_800_00, 1) / (Fraction(156_700_00, 20))


def test_duration_is_of_those_who_were_there_and_not_of_those_who_are() -> None:
    then = [Order(unit, date(2024, 3, 1)) for unit in range(1, 11)]
    now = [Order(unit, date(2025, 3, 1)) for unit in range(3, 31)]
    found = computed(Store((*then, *now), frozenset(range(1, 31))), twelve_months_to(LAST)).tier("super")
    assert (found.now.customers, found.earlier.customers, found.lost.customers) == (28, 10, 2)
    assert found.duration == 5
    assert found.retention == Fraction(8, 10)
    assert found.clv_total == 28 * 100_00 * 5


def test_a_tier_that_lost_nobody_has_no_duration_and_an_empty_one_is_worth_nothing() -> None:
    found = computed(year(1, 100, stay=1), twelve_months_to(LAST))
    middle = found.tier("middle")
    assert middle.retention == 1
    assert [middle.duration, middle.clv, middle.clv_total] == [None, None, None]
    assert [found.tier(name).clv_total for name in ("super", "top", "bottom")] == [0, 0, 0]
    assert found.value is None


def test_another_window_has_tiers_and_origins_and_nobody_lost() -> None:
    window = Window(date(2025, 1, 1), date(2025, 1, 31))
    found = computed(year(50, 500, stay=30), window)
    assert found.migration is None
    assert found.value is None
    assert (found.tier("super").now.customers, found.tier("super").lost, found.tier("super").retention) == (
        50,
        Amount(),
        None,
    )
    assert found.origins["super"]["super"].customers == 30
    assert found.origins["super"]["new"].customers == 20


@pytest.mark.parametrize("store", [Store((), frozenset()), Store((Order(0, LAST),), frozenset())])
def test_nobody_known_is_a_portfolio_of_nobody(store: Store) -> None:
    found = computed(store, twelve_months_to(LAST))
    assert found.value == 0
    assert found.all.now == Amount()
    assert found.all.retention is None
    assert found.migration is not None
    assert {number for moved in found.migration.values() for number in moved.values()} == {0}
    assert set(found.migration) == {*TIERS, *FLOWS[:1], "recovered"}
