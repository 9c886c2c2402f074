"""The studies of the catalogue as they are shipped: what they cost in a year, what they ask for, how they were made."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from privacy.budget.amounts import Epsilon, Rho, Spend, total
from privacy.budget.composition import total_epsilon
from privacy.catalogue.dimensions import TIER_QUANTILES
from privacy.catalogue.institutions import SIZE_CLASSES
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES
from privacy.estimate.combine import combine
from privacy.estimate.layout import layout_of
from privacy.estimate.least_squares import projection
from privacy.studies import shelf
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import most
from privacy.studies.price import price
from privacy.studies.study import Study, find
from tests.bench.study_design import BOUNDS, PORTFOLIO, QUARTER, YEAR, Design
from tests.privacy.estimate.networks import even, house

DELTA = Fraction(1, 10**6)
NAMES = ("benchmark-year", "benchmark-quarter", "portfolio-year", "bounds-year")
CROSSINGS = {
    "age_band-gender",
    "age_band-county",
    "segment-frequency_band",
    "flow-age_band",
    "genre-age_band",
    "ticket_type-month",
}
YEAR_OF_STUDIES = (("benchmark-year", 1), ("benchmark-quarter", 4), ("portfolio-year", 1))


def a_year() -> Spend:
    return total(price(find(name)).spend.times(times) for name, times in YEAR_OF_STUDIES)


def test_a_year_of_them_is_within_what_benchmarks_may_take() -> None:
    assert a_year().fits_in(Spend(Epsilon(0), Rho.parse("0.071")))
    assert sum(find(name).rho.micro * times for name, times in YEAR_OF_STUDIES) <= 71_000
    assert total_epsilon(a_year(), DELTA) < Epsilon.parse("1.81")


def test_with_cross_use_a_year_is_within_epsilon_three() -> None:
    cross_use = shelf.find("cross-use-year")
    assert isinstance(cross_use, CrossUseStudy)
    assert total_epsilon(a_year() + most(cross_use), DELTA) <= Epsilon(3_000_000)


def test_the_year_has_every_dimension_and_the_six_crossings() -> None:
    names = {table.name for table in find("benchmark-year").tables}
    assert names == set(TABLES) - {"value_tier", "migration"}
    assert names >= CROSSINGS


def test_the_portfolio_has_tiers_and_what_they_take() -> None:
    study = find("portfolio-year")
    assert {"value_tier", "migration", "flow", "frequency_band", "totals"} <= {table.name for table in study.tables}
    assert [(part.measure, part.at) for part in study.quantiles] == [
        (Measure.REVENUE, Fraction(at)) for at in TIER_QUANTILES
    ]


def test_a_quarter_has_nothing_of_twelve_months() -> None:
    study = find("benchmark-quarter")
    assert study.period == "quarter"
    assert "month" not in {table.name for table in study.tables}


def test_the_study_of_bounds_tells_quantiles_alone() -> None:
    study = find("bounds-year")
    assert study.cells == 0
    assert {part.measure for part in study.quantiles} == {Measure.ORDERS, Measure.TICKETS, Measure.REVENUE}
    assert price(study).spend.rho <= Rho.parse("0.006")


@pytest.mark.parametrize("name", NAMES)
def test_they_fit_into_a_release_and_a_ledger_entry(name: str) -> None:
    study = find(name)
    assert len(study.parts) + len(study.quantiles) <= 256
    assert price(study).spend.rho <= study.rho
    assert study.rho.micro - price(study).spend.rho.micro <= len(study.parts) + len(study.quantiles)


@pytest.mark.parametrize("name", NAMES[:2])
def test_what_bounds_cut_off_can_be_told(name: str) -> None:
    """The whole is told within wide bounds, wider in everything, and tables within narrow ones tell what these cut."""
    study = find(name)
    wide = {each.table.name: each.bounds for each in study.bounded_tables}["totals"][0]
    assert all(vars(wide)[field] > narrow for field, narrow in vars(study.bounds).items())
    assert _cuts(study) >= {"orders_cut", "tickets_cut", "revenue_cut"}
    assert ("revenue_beyond_wide" in _cuts(study)) == (name == "benchmark-year")


def test_the_portfolio_tells_of_clipping_what_lies_beyond_its_wide_bound_and_no_more() -> None:
    """All that narrow bounds hold there is customers, whom none cuts; bands of revenue tell the tail.

    Its tiers add up to no part of the whole: the bounds of the highest are wider than those of the whole, the others'
    narrower, so that what one cuts and what the other leaves cannot be told apart.
    """
    study = find("portfolio-year")
    assert _cuts(study) == {"revenue_beyond_wide"}
    bounds = {each.table.name: each.bounds for each in study.bounded_tables}
    (wide,) = bounds["totals"]
    highest, *others = (vars(each) for each in bounds["value_tier"])
    assert all(highest[field] > limit for field, limit in vars(wide).items())
    assert all(each[field] <= limit for each in others for field, limit in vars(wide).items())
    within_narrow = {each.table.name for each in study.bounded_tables if each.bounds == (study.bounds,)}
    assert {part.measure for part in study.parts if part.table.name in within_narrow} == {Measure.CUSTOMERS}


@pytest.mark.parametrize("name", NAMES)
def test_they_ask_for_five_members_and_less_than_three_fifths(name: str) -> None:
    study = find(name)
    assert (study.disclosure.min_members, study.disclosure.dominance_percent) == (5, 60)


@pytest.mark.parametrize("name", NAMES[:3])
def test_they_are_published_by_size_too_and_members_without_one_change_nothing(name: str) -> None:
    """Of fifteen that cross, five of each size. Without sizes, what is published is what it was."""
    study = find(name)
    plain = [house(at, ("museum", "festival", "orchestra")[at // 5], "46") for at in range(15)]
    sized = [replace(each, size_class=SIZE_CLASSES[at % 3]) for at, each in enumerate(plain)]
    values = even(study, len(plain), 10**8)
    shown = {line.cohort for line in combine(study, sized, values).cohorts if line.status == "published"}
    assert shown >= {f"size:{size}" for size in SIZE_CLASSES}
    before = replace(study, cohorts=tuple(kind for kind in study.cohorts if kind != "size"))
    assert combine(study, plain, values) == combine(before, plain, values)


def _cuts(study: Study) -> set[str]:
    kpis = {each.kpi for each in layout_of(study).derived}
    return kpis & {"orders_cut", "tickets_cut", "revenue_cut", "revenue_beyond_wide"}


@pytest.mark.parametrize("name", ["frequency_band", "value_band"])
def test_bounds_by_cell_leave_a_category_what_defines_it(name: str) -> None:
    """Nobody who buys once has more than one order; nobody below 500 kr can lose any of it."""
    bounded = {each.table.name: each for each in find("benchmark-year").bounded_tables}[name]
    told = dict(zip(bounded.table.dimension.categories, bounded.bounds, strict=True))
    if name == "frequency_band":
        assert [told[each].max_orders for each in ("1", "2-4", "5-7")] == [1, 4, 7]
    else:
        assert [told[each].max_revenue_ore for each in ("0-249", "250-499", "500-999")] == [25_000, 50_000, 100_000]


def test_least_squares_lower_every_error_of_the_year() -> None:
    study = find("benchmark-year")
    before = [float(each.variance) for priced in price(study).parts for each in priced.mechanisms]
    after = projection(study).variances
    assert (after <= [variance * (1 + 1e-9) for variance in before]).all()
    crossed = [
        index
        for index, part in enumerate(part for part in study.parts for _ in range(part.table.cells))
        if part.table.name == "age_band" and part.measure is Measure.REVENUE
    ]
    assert all(after[index] < 0.2 * before[index] for index in crossed)  # the crossings tell them


@pytest.mark.parametrize("design", [YEAR, QUARTER, PORTFOLIO, BOUNDS], ids=lambda design: design.name)
def test_the_files_are_those_that_the_calculation_writes(design: Design) -> None:
    """Tables, measures, quantiles and comments are the design's; its bounds and shares are what was calculated."""
    study: Study = find(design.name)
    assert [(part.table.name, part.measure) for part in study.parts] == [
        (each.table, measure) for each in design.asked for measure in each.measures
    ]
    assert study.cohorts == design.cohorts
    text = (Path(shelf.__file__).parent / f"{design.name}.toml").read_text(encoding="utf-8")
    assert text.startswith("\n".join(design.comment()) + "\n")
    assert ("python -m tests.bench.choose_shares" in text) is bool(design.asked)
