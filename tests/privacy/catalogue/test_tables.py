"""What holds for every table of the catalogue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.catalogue.dimensions import (
    AGE_BAND,
    AGE_LOWER_BOUNDS,
    COUNTY,
    COUNTY_CODES,
    DIMENSIONS,
    FREQUENCY_BAND,
    FREQUENCY_LOWER_BOUNDS,
    Dimension,
    Level,
)
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Table

BOUNDS = Bounds(max_orders=8, max_lines=20, max_tickets=20, max_revenue_ore=1_000_000)

SOME_BOUNDS = st.builds(
    Bounds,
    max_orders=st.integers(1, 40),
    max_lines=st.integers(1, 40),
    max_tickets=st.integers(1, 10**6),
    max_revenue_ore=st.integers(1, 10**12),
)

EVERY_DIMENSION = pytest.mark.parametrize("dimension", DIMENSIONS.values(), ids=str)
EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


@EVERY_DIMENSION
def test_the_categories_of_a_dimension_are_distinct(dimension: Dimension) -> None:
    assert len(dimension.categories) == len(set(dimension.categories)) > 0
    assert all(category.strip() for category in dimension.categories)


@EVERY_DIMENSION
def test_sales_to_nobody_known_have_their_category_or_none(dimension: Dimension) -> None:
    assert dimension.unidentified is None or dimension.unidentified in dimension.categories
    if dimension.level is not Level.CUSTOMER:
        assert dimension.unidentified is None


def test_names_are_keys() -> None:
    assert all(name == dimension.name for name, dimension in DIMENSIONS.items())
    assert all(name == table.name for name, table in TABLES.items())


@EVERY_TABLE
def test_a_table_is_over_a_dimension_of_the_catalogue(table: Table) -> None:
    assert DIMENSIONS[table.dimension.name] is table.dimension
    assert table.cells == len(table.dimension.categories)
    assert len(set(table.measures)) == len(table.measures) > 0


@pytest.mark.parametrize(
    ("bands", "dimension"), [(AGE_LOWER_BOUNDS, AGE_BAND), (FREQUENCY_LOWER_BOUNDS, FREQUENCY_BAND)]
)
def test_bands_follow_one_another_and_are_named_by_their_ends(bands: dict[str, int], dimension: Dimension) -> None:
    lower = list(bands.values())
    assert lower == sorted(set(lower))
    assert dimension.categories[: len(bands)] == tuple(bands)
    for (name, first), following in zip(bands.items(), [*lower[1:], None], strict=True):
        last = following - 1 if following else None
        assert name in (f"{first}-{last}", f"{first}+", str(first) if last == first else "")


def test_the_counties_are_the_fifteen_of_2024() -> None:
    assert len(set(COUNTY_CODES)) == 15
    assert COUNTY.categories[:15] == COUNTY_CODES
    assert COUNTY.categories[15:] == ("svalbard", "abroad", "unknown")


@EVERY_TABLE
@pytest.mark.parametrize("measure", Measure)
@given(bounds=SOME_BOUNDS)
def test_every_table_declares_how_far_a_customer_moves_every_measure(
    table: Table, measure: Measure, bounds: Bounds
) -> None:
    declared = table.sensitivity(measure, bounds)
    assert type(declared.l1) is type(declared.l2_squared) is int
    assert 0 < declared.l1 <= declared.l2_squared <= declared.l1**2


@pytest.mark.parametrize(
    ("table", "measure", "l1", "l2_squared"),
    [
        ("totals", Measure.CUSTOMERS, 1, 1),
        ("flow", Measure.CUSTOMERS, 1, 1),
        ("month", Measure.CUSTOMERS, 8, 8),
        ("channel", Measure.CUSTOMERS, 6, 6),
        ("ticket_type", Measure.CUSTOMERS, 12, 12),
        ("month", Measure.ORDERS, 8, 64),
        ("ticket_type", Measure.ORDERS, 8, 64),
        ("county", Measure.TICKETS, 20, 400),
        ("identity", Measure.REVENUE, 1_000_000, 10**12),
    ],
)
def test_the_declared_sensitivities(table: str, measure: Measure, l1: int, l2_squared: int) -> None:
    declared = TABLES[table].sensitivity(measure, BOUNDS)
    assert (declared.l1, declared.l2_squared) == (l1, l2_squared)


def test_a_tighter_bound_on_lines_is_what_counts_by_ticket_type() -> None:
    tight = Bounds(max_orders=8, max_lines=3, max_tickets=20, max_revenue_ore=100)
    assert TABLES["ticket_type"].sensitivity(Measure.CUSTOMERS, tight).l2_squared == 3


@pytest.mark.parametrize("field", ["max_orders", "max_lines", "max_tickets", "max_revenue_ore"])
@pytest.mark.parametrize("value", [0, -1, 10**12 + 1, True, 2.0, float("nan"), "8"])
def test_a_bound_is_a_whole_number_in_its_range(field: str, value: Any) -> None:
    values: dict[str, Any] = {**vars(BOUNDS), field: value}
    with pytest.raises(ValueError, match=field):
        Bounds(**values)


def test_bounds_at_their_ends() -> None:
    assert Bounds(1, 1, 1, 1).max_orders == 1
    assert Bounds(1, 1, 1, 10**12).max_revenue_ore == 10**12
