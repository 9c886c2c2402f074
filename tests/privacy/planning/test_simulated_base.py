"""The base that the shipped studies were chosen on is the published portfolio, and its cells add up as real ones do."""

from functools import cache

import numpy as np
import pytest

from privacy.catalogue.dimensions import TIERS
from privacy.catalogue.measures import Measure
from privacy.planning.portfolio import S12
from privacy.studies.study import find
from tests.bench.customer_base import Base, base, months, power
from tests.bench.customer_cells import UNBOUNDED, Sales, cells
from tests.privacy.estimate.networks import equalities_of

CUSTOMERS = 20_000


@cache
def one_member() -> Base:
    return base(members=2, size=CUSTOMERS // 2, seed=3)


def test_tiers_have_the_published_orders_and_revenue() -> None:
    made = one_member()
    spent = np.bincount(made.unit, made.revenue, made.units)[: made.customers] / 100
    ordered = np.bincount(made.unit, np.diff(made.order, prepend=-1) > 0, made.units)[: made.customers]
    ends = np.cumsum([round(sum(cell[0] for cell in S12[tier]) * CUSTOMERS / 101_811) for tier in TIERS])
    for tier, of_tier in zip(TIERS, np.split(np.arange(made.customers), ends[:-1]), strict=True):
        people, orders, kroner = (sum(cell[at] for cell in S12[tier]) for at in range(3))
        assert ordered[of_tier].mean() == pytest.approx(orders / people, rel=0.06)  # a few hundred heavy buyers
        assert spent[of_tier].mean() == pytest.approx(0.85 * kroner / people, rel=0.12)  # the first two price levels


@pytest.mark.parametrize(("low", "high", "mean"), [(8_000, 500_000, 12_000), (750, 3_600, 1_959), (50, 750, 396)])
def test_a_power_law_has_the_mean_that_was_asked_for(low: float, high: float, mean: float) -> None:
    a = power(low, high, mean)
    x = np.exp(np.linspace(np.log(low), np.log(high), 200_001))
    density = x ** (1 - a)  # per logarithm
    assert (x * density).sum() / density.sum() == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("name", ["benchmark-year", "benchmark-quarter", "portfolio-year"])
def test_least_squares_equalities_hold_of_its_cells(name: str) -> None:
    """In truth they are zero, to the last customer and øre: both this base and the estimator have them right."""
    study = find(name)
    made = one_member()
    sales = Sales(months(made, 10, 12) if study.period == "quarter" else made)
    exact = cells(sales, study.bounded_tables)
    vector = np.concatenate([exact[part.table.name, part.measure] for part in study.parts])
    for equalities in equalities_of(study):
        assert not (equalities @ vector).any()


def test_bounds_bind_whom_they_should() -> None:
    sales = Sales(one_member())
    table = next(each for each in find("benchmark-year").bounded_tables if each.table.name == "frequency_band")
    kept = sales.view(table.table, table.bounds)
    order = sales.base.order[kept.lines]
    orders = np.bincount(sales.base.unit[kept.lines][np.concatenate([[True], np.diff(order) > 0])])
    assert orders.max() <= max(bounds.max_orders for bounds in table.bounds)
    everything = sales.view(table.table, (UNBOUNDED,))
    assert len(everything.lines) == len(sales.base.unit)
    assert everything.revenue.sum() == sales.base.revenue.sum() > kept.revenue.sum()


def test_measures_are_whole_numbers() -> None:
    exact = cells(Sales(one_member()), find("benchmark-quarter").bounded_tables)
    assert all(vector.dtype == np.int64 and (vector >= 0).all() for vector in exact.values())
    assert exact["totals", Measure.CUSTOMERS][0] == pytest.approx(CUSTOMERS, abs=12)
