"""The typical institution agrees with itself: every way to divide it adds up to the whole."""

import numpy as np
import pytest

from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES
from privacy.planning.institution import ANONYMOUS_SHARE, LOST_SHARE, PER_CUSTOMER, cells

PEOPLE = 10_000
CUSTOMERS = Measure.CUSTOMERS
TOTALS = {measure: float(cells(TABLES["totals"], measure, PEOPLE)[0]) for measure in Measure}


def without_lost(name: str, values: np.ndarray) -> float:
    lost = ["lost" in category.split(":") for category in TABLES[name].dimension.categories]
    return float(values[~np.array(lost)].sum())


def identified_alone(name: str) -> bool:
    parts = TABLES[name].dimension.parts or (TABLES[name].dimension,)
    return any(part.level is Level.CUSTOMER and part.unidentified is None for part in parts)


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.dimension.level is Level.CUSTOMER])
def test_customers_are_in_one_category_each(name: str) -> None:
    if CUSTOMERS in TABLES[name].measures:
        assert without_lost(name, cells(TABLES[name], CUSTOMERS, PEOPLE)) == pytest.approx(PEOPLE, rel=0.003)


@pytest.mark.parametrize("measure", [Measure.ORDERS, Measure.TICKETS, Measure.REVENUE])
@pytest.mark.parametrize("name", [name for name in TABLES if name != "migration"])
def test_what_is_sold_is_divided(name: str, measure: Measure) -> None:
    whole = TOTALS[measure] * (1 - ANONYMOUS_SHARE if identified_alone(name) else 1)
    assert without_lost(name, cells(TABLES[name], measure, PEOPLE)) == pytest.approx(whole, rel=0.005)


@pytest.mark.parametrize(
    "name", [name for name, table in TABLES.items() if table.dimension.level is not Level.CUSTOMER]
)
def test_customers_of_orders_and_lines_are_at_most_all_of_them(name: str) -> None:
    found = cells(TABLES[name], CUSTOMERS, PEOPLE)
    assert ((found > 0) & (found < PEOPLE)).all()
    if not TABLES[name].dimension.parts:
        assert found.sum() > PEOPLE


@pytest.mark.parametrize("name", ["flow", "flow-age_band", "migration"])
def test_who_is_lost_bought_nothing(name: str) -> None:
    lost = np.array(["lost" in category.split(":") for category in TABLES[name].dimension.categories])
    assert (cells(TABLES[name], Measure.REVENUE, PEOPLE)[lost] == 0).all()
    assert cells(TABLES[name], CUSTOMERS, PEOPLE)[lost].sum() == pytest.approx(LOST_SHARE * PEOPLE, rel=0.001)


def test_the_whole_is_that_of_the_published_portfolio() -> None:
    """268 110 orders and 257 695 394 kr of 101 811 customers, and an eighth of all orders anonymous."""
    assert PER_CUSTOMER[Measure.ORDERS] == pytest.approx(268_110 / 101_811, rel=0.002)
    assert PER_CUSTOMER[Measure.REVENUE] == pytest.approx(25_769_539_400 / 101_811, rel=0.002)
    assert TOTALS[Measure.ORDERS] == pytest.approx(PEOPLE * PER_CUSTOMER[Measure.ORDERS] / 0.875)


def test_a_quarter_has_half_of_the_customers_and_a_quarter_of_the_sales() -> None:
    quarter = {measure: float(cells(TABLES["totals"], measure, PEOPLE, "quarter")[0]) for measure in Measure}
    assert quarter[CUSTOMERS] == TOTALS[CUSTOMERS] / 2
    assert quarter[Measure.REVENUE] == TOTALS[Measure.REVENUE] / 4
