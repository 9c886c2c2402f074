"""What a plan says is what the estimator's own errors are, over cells of a typical institution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES
from privacy.estimate.least_squares import projection
from privacy.planning.errors import BadPlan
from privacy.planning.institution import cells
from privacy.planning.plan import LARGEST_SIZE, PlannedTable, of_year, plan
from privacy.studies import shelf
from privacy.studies.price import price
from privacy.studies.study import Study, find, from_content


def study_of(rho: str = "0.01", tables: str = "age_band gender") -> Study:
    return from_content(
        {
            "name": "small",
            "version": 1,
            "title": "Some tables",
            "window": "year",
            "rho": rho,
            "cohorts": ["network"],
            "bounds": {"max_orders": 8, "max_lines": 20, "max_tickets": 20, "max_revenue_kr": 10000},
            "disclosure": {"min_members": 5, "dominance_percent": 60, "unreliable_percent": 25},
            "tables": [{"name": name, "shares": {"customers": 1, "revenue": 3}} for name in tables.split()],
        },
        "small",
    )


def table_of(study: Study, members: list[int], name: str, measure: Measure) -> PlannedTable:
    return next(each for each in plan(study, members).tables if (each.table, each.measure) == (name, measure))


def test_an_error_is_the_noise_of_all_members_over_what_they_have() -> None:
    """One table alone: no least squares, so every number can be worked out by hand."""
    study = study_of(tables="age_band")
    sigma = float(price(study).parts[0].mechanism.scale)
    for cell, expected in zip(
        table_of(study, [9_000, 1_000], "age_band", Measure.CUSTOMERS).cells,
        cells(TABLES["age_band"], Measure.CUSTOMERS, 10_000),
        strict=True,
    ):
        assert cell.expected == pytest.approx(expected)
        assert cell.error == pytest.approx(2**0.5 * sigma / expected)


def test_least_squares_count_as_in_a_benchmark() -> None:
    study, members = study_of(), [20_000] * 10
    variances = 10 * projection(study).variances
    errors = [cell.error * cell.expected for table in plan(study, members).tables for cell in table.cells]
    assert errors == pytest.approx(np.sqrt(variances).tolist())
    alone = table_of(study_of("0.005", "gender"), members, "gender", Measure.REVENUE)
    assert alone.worst.error > table_of(study, members, "gender", Measure.REVENUE).worst.error


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=9), st.integers(2, 5))
def test_more_customers_are_smaller_errors_and_more_members_of_none_are_larger(sizes: list[int], times: int) -> None:
    study = study_of(tables="gender")
    before = table_of(study, sizes, "gender", Measure.REVENUE)
    larger = table_of(study, [size * times for size in sizes], "gender", Measure.REVENUE)
    assert larger.typical == pytest.approx(before.typical / times)
    one_more = table_of(study, [*sizes, 1], "gender", Measure.REVENUE).typical
    grown = (sum(sizes) + 1) / sum(sizes)
    assert one_more == pytest.approx(before.typical * (1 + 1 / len(sizes)) ** 0.5 / grown)
    assert len(larger.unreliable) <= len(before.unreliable)


def test_small_categories_are_named_as_unreliable() -> None:
    planned = plan(study_of(tables="gender"), [300] * 5)
    revenue = next(each for each in planned.tables if each.measure is Measure.REVENUE)
    assert revenue.worst.category == "other"
    assert {"other"} <= set(revenue.unreliable) <= set(TABLES["gender"].dimension.categories)
    assert planned.unreliable == sum(len(each.unreliable) for each in planned.tables)
    assert not plan(study_of("0.9", "gender"), [10**6] * 20).unreliable


def test_nothing_is_planned_of_what_is_nothing_by_definition() -> None:
    planned = plan(find("benchmark"), [20_000] * 10)
    flow = {each.measure: [cell.category for cell in each.cells] for each in planned.tables if each.table == "flow"}
    assert "lost" in flow[Measure.CUSTOMERS]
    assert "lost" not in flow[Measure.REVENUE]
    assert all(0 < cell.error < float("inf") for table in planned.tables for cell in table.cells)


def test_a_rank_is_off_most_at_the_smallest_member() -> None:
    study = find("bounds-year")
    one, other = (plan(study, sizes).quantiles for sizes in ([20_000, 20_000], [20_000, 2_000]))
    assert [each.rank_error for each in other] == pytest.approx([10 * each.rank_error for each in one])
    half = next(each for each in one if float(each.at) == 0.5)
    rho = price(study).quantiles[0].part.rho.micro / 1e6
    assert half.rank_error == pytest.approx(0.5 / rho**0.5 / 20_000, rel=1e-5)  # a two-sided exponential's


def test_a_year_is_the_sum_of_its_studies() -> None:
    benchmark, cross_use = find("benchmark"), shelf.find("cross-use-year")
    one = price(benchmark).spend
    assert of_year([(benchmark, 2)]) == one + one
    both = of_year([(benchmark, 1), (cross_use, 1)])
    assert both.rho == Rho(one.rho.micro + 9_000)
    assert both.epsilon > Epsilon(1_000_000)
    assert of_year([]) == Spend(Epsilon(0), Rho(0))


@pytest.mark.parametrize("sizes", [[], [0], [-1, 5], [LARGEST_SIZE + 1], [1] * 5_001])
def test_sizes_that_are_none_are_refused(sizes: list[int]) -> None:
    with pytest.raises(BadPlan):
        plan(study_of(), sizes)
