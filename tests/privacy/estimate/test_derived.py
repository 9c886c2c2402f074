"""Which key figures a study gives, and of what they are made."""

import numpy as np
import pytest

from privacy.catalogue.measures import Measure
from privacy.estimate.clipping.tail import BeyondBound, limits
from privacy.estimate.derived import Derived, derived, is_nothing
from privacy.estimate.figure import Figure
from privacy.estimate.layout import layout_of
from privacy.studies.study import Study
from tests.privacy.estimate.studies import EVERYTHING, PORTFOLIO, WIDE_TOTALS

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure


def kpis_of(study: Study, table: str, category: str) -> set[str]:
    return {each.kpi for each in layout_of(study).derived if each.category == (table, category)}


def found(study: Study, kpi: str, category: str = "all") -> Derived:
    return next(each for each in layout_of(study).derived if (each.kpi, each.category[1]) == (kpi, category))


def test_what_each_kind_of_table_gives() -> None:
    orders = {"average_purchase_ore", "tickets_per_order"}
    people = {*orders, "revenue_per_customer_ore", "purchase_frequency"}
    flows = {"first_timer_share", "retention", "duration_years"}
    for table, category, kpis in (
        ("lead_time", "8-30", orders),
        ("basket_size", "10+", orders),
        ("order_weekday", "monday", orders),
        ("segment", "essence", people),
        ("value_band", "500-999", people),
        ("age_band-gender", "25-34:female", people),
        ("age_band-gender", "unknown:female", people),
        ("age_band-gender", "unknown:unknown", orders),
        ("segment-frequency_band", "unknown:1", people),
        ("flow-age_band", "new:67+", people),
        ("flow-age_band", "lost:67+", set()),
        ("age_band", "67+", people | flows),
        ("genre", "dance", {"revenue_per_ticket_ore"}),
        ("weekday", "monday", {"revenue_per_ticket_ore"}),
        ("genre-age_band", "dance:67+", {"revenue_per_ticket_ore"}),
        ("price_band", "100-199", {"average_ticket_price_ore"}),
        ("price_band", "free", set()),
        ("ticket_type-month", "child:02", {"average_ticket_price_ore"}),
        ("ticket_type-month", "complimentary:02", set()),
        ("value_tier", "top", people | {"customer_share", "revenue_share", "clv_ore"}),
        ("migration", "super", {"retention", "duration_years"}),
        ("migration", "super:lost", set()),
    ):
        assert kpis_of(EVERYTHING, table, category) == kpis, (table, category)
    assert "portfolio_value_ore" in kpis_of(EVERYTHING, "totals", "all")
    assert not {"orders_cut", "revenue_beyond_wide"} & kpis_of(EVERYTHING, "totals", "all")


def test_what_bounds_cut_off_is_told_where_the_whole_is_wide() -> None:
    cut = {"orders_cut", "tickets_cut", "revenue_cut"}
    assert cut <= kpis_of(WIDE_TOTALS, "totals", "all")
    each = found(WIDE_TOTALS, "revenue_cut")
    assert each.needs == (("totals", "all"),)
    narrow, wide = 900.0, 1000.0
    figures = [Figure(wide, 0)] + [Figure(narrow / (len(each.sources) - 1), 0)] * (len(each.sources) - 1)
    assert each.formula(*figures).value == pytest.approx(0.1)


def test_what_is_spent_beyond_the_wide_bound_is_told_by_the_bands_above_half_of_it() -> None:
    """Of 40 000 kr: from 16 000 up, of which two bands, 16 000 and 24 000, end at 40 000."""
    each = found(WIDE_TOTALS, "revenue_beyond_wide")
    assert each.rule == BeyondBound(40_000_00, 16_000, 40_000, 2)
    assert each.sources[0] == ("totals", "all", REVENUE)
    assert [name.partition("-")[0].rstrip("+") for _, name, _ in each.sources[1:]] == ["16000", "24000", "40000"]


def test_who_is_new_by_age_is_of_all_who_bought() -> None:
    """10 new, 20 continuing, 30 recovered."""
    each = found(EVERYTHING, "first_timer_share", "67+")
    people = {"new:67+": 10, "continuing:67+": 20, "recovered:67+": 30}
    figures = [Figure(people[name], 0) for _, name, _ in each.sources]
    assert each.formula(*figures).value == pytest.approx(1 / 6)


def test_prices_are_of_one_bound() -> None:
    """Totals are wide there: the price takes revenue and tickets of the ticket types."""
    assert {table for table, _, _ in found(WIDE_TOTALS, "average_ticket_price_ore").sources} == {"ticket_type"}
    assert found(EVERYTHING, "average_ticket_price_ore").sources[0] == ("totals", "all", REVENUE)
    assert {table for table, _, _ in found(PORTFOLIO, "retention").sources} == {"migration"}


def test_own_figures_have_no_bounds_to_cut() -> None:
    own = derived(set(layout_of(WIDE_TOTALS).sources), WIDE_TOTALS.tables)
    assert not {each.kpi for each in own} & {"orders_cut", "revenue_beyond_wide"}


def test_the_value_of_a_tier() -> None:
    """Elinder 2018: the super tier's revenue per customer times the duration of last year's."""
    stayed = {"super": 1050, "top": 1297, "middle": 1494, "bottom": 340, "lost": 539}
    truth = {("value_tier", "super", REVENUE): 61_738_655_00, ("value_tier", "super", CUSTOMERS): 5091}
    each = found(PORTFOLIO, "clv_ore", "super")
    figures = [Figure(truth.get(source, stayed.get(source[1].rpartition(":")[2], 0)), 0) for source in each.sources]
    result = each.formula(*figures)
    assert result.value is not None
    assert round(result.value / 100) == 106_196
    assert result.standard_error == 0


def test_a_product_with_a_weak_denominator_has_no_interval() -> None:
    each = found(PORTFOLIO, "clv_ore", "super")
    lost = each.sources.index(("migration", "super:lost", CUSTOMERS))
    for error, bounded in ((9, True), (11, False)):
        figures = [Figure(100, 0)] * len(each.sources)
        figures[lost] = Figure(100, error**2)
        assert (each.formula(*figures).interval is not None) == bounded


def test_the_tail_of_a_pareto_is_found() -> None:
    """Of customers with more than x kroner there are 10^9 x^-2.5: beyond W they spend 10^9 W^-1.5 / 1.5 together."""
    assert limits(40_000_00) == (16_000, 40_000)
    assert limits(30_000_00) == (12_000, 24_000)
    assert limits(400_00) is None
    bound = 30_000
    rule = BeyondBound(bound * 100, 12_000, 24_000, 2)
    edges = np.array([12_000, 16_000, 24_000, 40_000])
    beyond = 1e15 * edges**-2.5
    bands = [*(beyond[:-1] - beyond[1:]), beyond[-1]]
    truth = 1e15 * bound**-1.5 / 1.5 * 100
    result = rule(Figure(9 * truth, 0), *(Figure(each, 0) for each in bands))
    assert result.value == pytest.approx(0.1)


def test_the_error_of_the_tail_is_the_delta_methods() -> None:
    rule = BeyondBound(30_000_00, 12_000, 24_000, 2)
    values, errors = [5e9, 900.0, 700.0, 250.0, 60.0], [1e7, 10.0, 9.0, 8.0, 7.0]
    slopes = []
    for index, value in enumerate(values):
        ends = []
        for step in (1e-4, -1e-4):
            moved = [*values]
            moved[index] = value * (1 + step)
            ends.append(rule(*(Figure(each, 0) for each in moved)).value or 0)
        slopes.append((ends[0] - ends[1]) / (2e-4 * value))
    result = rule(*(Figure(value, error**2) for value, error in zip(values, errors, strict=True)))
    expected = sum((slope * error) ** 2 for slope, error in zip(slopes, errors, strict=True)) ** 0.5
    assert result.standard_error == pytest.approx(expected, rel=1e-4)


def test_no_tail_no_estimate() -> None:
    rule = BeyondBound(30_000_00, 12_000, 24_000, 2)
    for bands in ([5, 5, -3, -2], [-5, -6, 3, 2], [1, 1, 900, 900]):
        assert rule(Figure(1e9, 0), *(Figure(each, 1) for each in bands)).value is None


@pytest.mark.parametrize(
    ("table", "category", "measure", "nothing"),
    [
        ("flow", "lost", ORDERS, True),
        ("flow", "lost", CUSTOMERS, False),
        ("flow-age_band", "lost:67+", REVENUE, True),
        ("migration", "top:lost", TICKETS, True),
        ("ticket_type", "complimentary", REVENUE, True),
        ("ticket_type-month", "complimentary:03", REVENUE, True),
        ("ticket_type-month", "complimentary:03", TICKETS, False),
        ("price_band", "no-ticket", TICKETS, True),
        ("price_band", "free", REVENUE, True),
        ("age_band", "67+", REVENUE, False),
    ],
)
def test_what_nobody_has_a_share_in(table: str, category: str, measure: Measure, nothing: bool) -> None:
    assert is_nothing(table, category, measure) == nothing
