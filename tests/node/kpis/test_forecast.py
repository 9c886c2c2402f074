"""The budget forecast against its source, the simple cases by hand, and what it refuses."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kpis.figures import Figures
from node.kpis.forecast import FACTORS, NoForecast, Year, former_customers, outcome
from node.kpis.ratios import half_up
from privacy.bounds.windows import twelve_months_to
from tests.node.kpis.stores import Order, Store, loaded

WINDOW = twelve_months_to(date(2025, 12, 31))


def figures(
    *, continuing: int, lost: int, new: int, recovered: int = 0, orders: int = 0, revenue_ore: int = 0
) -> Figures:
    customers = continuing + new + recovered
    return Figures(
        window=WINDOW,
        customers=customers,
        orders=orders + 7,
        tickets=orders,
        revenue_ore=revenue_ore + 100_000,
        anonymous_orders=7,
        complimentary_tickets=0,
        identified_revenue_ore=revenue_ore,
        flows={"new": new, "continuing": continuing, "recovered": recovered, "lost": lost},
        frequency_bands={},
    )


SOURCE = figures(continuing=12_051, lost=34_783, recovered=11_948, new=22_918, orders=93_834, revenue_ore=32_841_900_00)
"""Elinder 2018: 46 834 customers at the beginning, 46 917 at the end; new ones are the rest."""

BASE = 29_400
"""The source prints a recovery of 40.64 %, and not of what."""


def test_the_outcome_is_the_sources() -> None:
    year = outcome(SOURCE, BASE)
    assert [year.opening, year.closing, year.lost] == [46_834, 46_917, 34_783]
    assert round(100 * float(year.retention), 2) == 25.73
    assert round(100 * float(year.recovery), 2) == 40.64
    assert year.duration is not None
    assert year.net_duration is not None
    assert (round(float(year.duration), 2), round(float(year.net_duration), 2)) == (1.35, 2.05)
    assert year.revenue == 32_841_900_00  # anonymous sales are in no customer's budget
    assert year.frequency == 2


def test_next_year_keeps_the_rates_so_the_stock_grows_as_it_did() -> None:
    year = outcome(SOURCE, BASE)
    after = year.next_year()
    assert after.opening == 46_917
    assert half_up(after.continuing) == 12_072
    assert half_up(after.lost) == 34_845
    assert (after.retention, after.duration, after.net_duration) == (year.retention, year.duration, year.net_duration)
    assert after.closing / after.opening == year.closing / year.opening
    assert after.revenue / year.revenue == after.opening / year.opening


def test_a_tenth_more_retention() -> None:
    simulated = outcome(SOURCE, BASE).next_year().with_factors({"retention": Fraction("1.1")})
    assert round(100 * float(simulated.retention), 1) == 28.3
    assert half_up(simulated.continuing) == 13_280
    assert half_up(simulated.lost) == 46_917 - 13_280


def test_the_base_of_recovery_changes_the_rate_and_nobody() -> None:
    one, other = (outcome(SOURCE, base).next_year() for base in (BASE, 2 * BASE))
    assert one.recovery == 2 * other.recovery
    assert (one.recovered, one.closing) == (other.recovered, other.closing)


def test_the_simple_cases() -> None:
    before = outcome(figures(continuing=3_000, lost=2_000, new=2_000, orders=25_000, revenue_ore=12_500_000_00), 1)
    assert [before.clv, before.value] == [6_250_00, 31_250_000_00]
    after = outcome(figures(continuing=3_000, lost=1_500, new=1_500, orders=27_000, revenue_ore=16_200_000_00), 1)
    assert [after.clv, after.value] == [10_800_00, 48_600_000_00]
    assert before.value is not None
    assert after.value is not None
    assert int(100 * after.value / before.value) == 155
    rebuy = outcome(figures(continuing=6, lost=4, new=4, orders=24, revenue_ore=8_400_00), 1)
    assert [rebuy.revenue_per_customer, rebuy.clv] == [840_00, 2_100_00]


EFFECTS: Mapping[str, Any] = {
    "frequency": lambda year: year.frequency,
    "average_purchase": lambda year: year.average_purchase,
    "recruitment": lambda year: year.new,
    "retention": lambda year: year.continuing,
    "recovery": lambda year: year.recovered,
}


@pytest.mark.parametrize("name", FACTORS)
def test_each_factor_multiplies_its_own_and_leaves_the_others(name: str) -> None:
    year = outcome(SOURCE, BASE).next_year()
    changed = year.with_factors({name: Fraction(6, 5)})
    for other, effect in EFFECTS.items():
        assert effect(changed) == effect(year) * (Fraction(6, 5) if other == name else 1)
    assert changed.revenue > year.revenue


@given(st.fractions(0, 100), st.fractions(0, 100))
def test_nobody_stays_twice_or_comes_back_twice(retention: Fraction, recovery: Fraction) -> None:
    year: Year = outcome(SOURCE, BASE).next_year().with_factors({"retention": retention, "recovery": recovery})
    assert 0 <= year.continuing <= year.opening
    assert 0 <= year.recovered <= year.recovery_base
    assert (year.duration is None) == (year.lost == 0)


def test_all_who_stay_stay_for_nobody_knows_how_long() -> None:
    year = outcome(figures(continuing=10, lost=0, new=0), 1)
    assert (year.duration, year.net_duration, year.clv, year.value) == (None, None, None, None)
    assert year.next_year().closing == 10


def test_a_year_without_customers_goes_on_as_nothing() -> None:
    year = outcome(figures(continuing=0, lost=5, new=0), 1)
    after = year.next_year()
    assert [year.revenue, after.opening, after.closing, after.revenue] == [0, 0, 0, 0]


def test_nobody_before_is_nothing_to_go_on_from() -> None:
    with pytest.raises(NoForecast, match="from 2024-01-01 to 2024-12-31"):
        outcome(figures(continuing=0, lost=0, new=9), 5)


def test_more_recovered_than_could_be_is_refused() -> None:
    with pytest.raises(NoForecast, match="--recovery-base"):
        outcome(SOURCE, 11_947)


def test_who_could_be_recovered() -> None:
    days = {
        1: date(2021, 12, 31),  # too long ago
        2: date(2022, 1, 1),
        3: date(2023, 12, 31),
        4: date(2024, 1, 1),  # bought in the twelve months before
        5: date(2025, 1, 1),
    }
    orders = (*(Order(unit, day) for unit, day in days.items()), Order(3, date(2025, 5, 1)), Order(0, date(2023, 1, 1)))
    with loaded(Store(orders, frozenset(days))) as (kept, _):
        assert former_customers(kept, WINDOW) == 2
