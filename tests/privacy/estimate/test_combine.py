from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body
from privacy.estimate.combine import combine, shown
from privacy.estimate.errors import ImpossibleValueError, InvalidCohortsError, InvalidVectorError
from privacy.estimate.figure import critical_value
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study
from tests.privacy.estimate.networks import (
    STUDY,
    cell,
    even,
    house,
    houses,
    position,
    reasons,
    suppressed,
    variances,
)

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure


def test_sums_are_exact_and_their_errors_those_of_the_noise() -> None:
    members = houses(museum=6, festival=7)
    values = np.random.default_rng(3).integers(10**9, 10**10, (13, STUDY.cells), dtype=np.int64)
    body = combine(STUDY, members, values)
    at = position(STUDY, "age_band", "25-34", REVENUE)
    found = cell(body, "industry:festival", "age_band", "25-34", "revenue_ore")
    error = (7 * variances(STUDY)[at]) ** 0.5
    assert found.value == int(values[6:, at].sum())
    assert found.standard_error == f"{error:.2f}"
    assert isinstance(found.low, int)
    assert isinstance(found.high, int)
    assert found.high - found.value == found.value - found.low == round(critical_value(0.95) * error)
    assert (found.members, found.status, found.reason) == (7, "published", None)


def test_every_published_cohort_has_every_cell_of_the_study_once_and_no_other_has_any() -> None:
    body = combine(STUDY, houses(museum=6, festival=5, other=1), even(STUDY, 12))
    assert reasons(body) == {
        "network": None,
        "industry:festival": None,
        "industry:museum": "ISOLATES_MEMBERS",
        "industry:other": "TOO_FEW_MEMBERS",
        "county:03": None,
    }
    keys = [(each.cohort, each.table, each.category, each.measure) for each in body.cells]
    assert len(keys) == len(set(keys))
    sums = [key for key in keys if key[3] in {"customers", "orders", "tickets", "revenue_ore"}]
    assert len(sums) == 3 * STUDY.cells
    assert {key[0] for key in keys} == {"network", "industry:festival", "county:03"}


def test_neither_the_order_of_the_members_nor_other_members_matter() -> None:
    members = houses(museum=6, festival=5)
    values = np.random.default_rng(4).integers(10**9, 10**10, (11, STUDY.cells), dtype=np.int64)
    order = np.random.default_rng(5).permutation(11)
    assert combine(STUDY, [members[index] for index in order], values[order]) == combine(STUDY, members, values)


def test_the_key_figures_use_the_right_cells() -> None:
    values = even(STUDY, 5, 0)

    def put(table: str, category: str, measure: Measure, number: int) -> None:
        values[:, position(STUDY, table, category, measure)] = number * 10**7

    put("totals", "all", CUSTOMERS, 100)
    put("totals", "all", ORDERS, 300)
    put("totals", "all", TICKETS, 660)
    put("totals", "all", REVENUE, 90_000)
    put("identity", "identified", ORDERS, 240)
    put("identity", "anonymous", ORDERS, 60)
    put("identity", "identified", REVENUE, 80_000)
    put("ticket_type", "complimentary", TICKETS, 60)
    put("flow", "new", CUSTOMERS, 20)
    put("flow", "continuing", CUSTOMERS, 60)
    put("flow", "recovered", CUSTOMERS, 20)
    put("flow", "lost", CUSTOMERS, 40)
    # A cell without anything would be withheld as dominated, and others with it.
    for table in ("totals", "identity", "flow", "ticket_type"):
        for category in next(part.table for part in STUDY.parts if part.table.name == table).dimension.categories:
            for measure in Measure:
                if (table, measure) != ("identity", CUSTOMERS):
                    at = position(STUDY, table, category, measure)
                    values[:, at] = np.maximum(values[:, at], 10**9 if measure is REVENUE else 10**7)
    body = combine(STUDY, houses(museum=5), values)
    expected = {
        "average_ticket_price_ore": "150",  # 90 000 / (660 - 60), of paying tickets
        "average_purchase_ore": "300",
        "revenue_per_customer_ore": "800",  # of identified customers
        "purchase_frequency": "2.400",  # 240 / 100: orders of identified customers
        "tickets_per_order": "2.200",
        "first_timer_share": "0.2000",
        "retention": "0.6000",
        "duration_years": "2.500",
        "identified_share": "0.8000",
        "complimentary_share": "0.0909",
    }
    assert {kpi: cell(body, "network", "totals", "all", kpi).value for kpi in expected} == expected


def kpis_of(body: Body, table: str, category: str) -> set[str]:
    sums = {"customers", "orders", "tickets", "revenue_ore"}
    return {
        each.measure
        for each in body.cells
        if (each.cohort, each.table, each.category) == ("network", table, category) and each.measure not in sums
    }


def test_which_categories_have_which_key_figures() -> None:
    body = combine(STUDY, houses(museum=5), even(STUDY, 5))
    orders = {"average_purchase_ore", "tickets_per_order"}
    people = {*orders, "revenue_per_customer_ore", "purchase_frequency"}
    assert kpis_of(body, "age_band", "25-34") == people
    assert kpis_of(body, "age_band", "unknown") == orders  # where anonymous sales are
    assert kpis_of(body, "frequency_band", "8+") == people
    assert kpis_of(body, "channel", "web") == orders
    assert kpis_of(body, "identity", "anonymous") == orders
    assert kpis_of(body, "flow", "new") == people
    assert kpis_of(body, "flow", "lost") == set()
    assert kpis_of(body, "ticket_type", "ordinary") == {"average_ticket_price_ore"}
    assert kpis_of(body, "ticket_type", "complimentary") == set()


def test_a_dominated_cell_goes_with_all_measures_and_ratios_and_carries_nothing() -> None:
    values = even(STUDY, 6)
    values[0, position(STUDY, "channel", "app", TICKETS)] *= 10
    body = combine(STUDY, houses(museum=6), values)
    hidden = [each for each in body.cells if (each.table, each.category) == ("channel", "app")]
    assert {each.measure for each in hidden} >= {"customers", "tickets_per_order", "average_purchase_ore"}
    for each in hidden:
        assert (each.value, each.standard_error, each.low, each.high) == (None,) * 4
        assert (each.status, each.reason) == ("suppressed", "DOMINATED")
    assert suppressed(body)["network", "channel", "web"] == "COMPLEMENTARY"


def test_a_key_figure_of_the_whole_goes_with_any_cell_that_it_is_made_of() -> None:
    values = even(STUDY, 6)
    values[0, position(STUDY, "ticket_type", "complimentary", TICKETS)] *= 10
    body = combine(STUDY, houses(museum=6), values)
    assert cell(body, "network", "totals", "all", "average_ticket_price_ore").reason == "DOMINATED"
    assert cell(body, "network", "totals", "all", "complimentary_share").reason == "DOMINATED"
    assert cell(body, "network", "totals", "all", "tickets_per_order").status == "published"


def test_a_category_with_nothing_but_noise_costs_no_other() -> None:
    values = even(STUDY, 6)
    for table, category in (("channel", "app"), ("ticket_type", "complimentary")):
        for measure in Measure:
            values[:, position(STUDY, table, category, measure)] = [40, -30, 5, 0, -7, 3]
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    assert hidden["network", "channel", "app"] == "DOMINATED"
    assert {key[1] for key in hidden} == {"channel", "ticket_type"}
    assert ("network", "channel", "web") not in hidden
    price = cell(combine(STUDY, houses(museum=6), values), "network", "totals", "all", "average_ticket_price_ore")
    assert price.status == "published"


def test_what_is_nothing_by_definition_dominates_nothing() -> None:
    values = even(STUDY, 6)
    nothing = [("flow", "lost", ORDERS), ("flow", "lost", REVENUE), ("ticket_type", "complimentary", REVENUE)]
    values[:, [position(STUDY, *source) for source in nothing]] = np.array([50, -20, 3, 0, -7, 9])[:, None]
    assert suppressed(combine(STUDY, houses(museum=6), values)) == {}


def test_a_weak_sum_is_unreliable_by_the_percent_of_the_study() -> None:
    at, error = position(STUDY, "totals", "all", CUSTOMERS), (30 * 80.58233642578125**2) ** 0.5
    values = even(STUDY, 30)
    for factor, status in ((4.05, "published"), (3.95, "unreliable")):
        values[:, at] = round(factor * error / 30)
        found = cell(combine(STUDY, houses(museum=30), values), "network", "totals", "all", "customers")
        assert (found.status, found.reason) == (status, None)
        assert found.value is not None


@pytest.mark.parametrize("percent", [10, 25, 40])
def test_a_weak_ratio_is_unreliable_by_the_percent_of_the_study(percent: int) -> None:
    """The share of complimentary tickets: tickets without error to speak of, and the percent a little under or over."""
    study = replace(STUDY, disclosure=STUDY.disclosure.model_copy(update={"unreliable_percent": percent}))
    at = position(study, "ticket_type", "complimentary", TICKETS)
    error = (30 * variances(study)[at]) ** 0.5
    values = even(study, 30)
    for relative, status in ((percent - 1, "published"), (percent + 1, "unreliable")):
        values[:, at] = round(100 / relative * error / 30)
        found = cell(combine(study, houses(museum=30), values), "network", "totals", "all", "complimentary_share")
        assert (found.status, found.reason) == (status, None)


def test_a_ratio_without_a_denominator() -> None:
    """Each member may have some complimentary tickets more than tickets: noise does that."""
    values = even(STUDY, 6)
    values[:, position(STUDY, "ticket_type", "complimentary", TICKETS)] *= 2
    body = combine(STUDY, houses(museum=6), values)
    found = cell(body, "network", "totals", "all", "average_ticket_price_ore")
    assert (found.value, found.status, found.reason) == (None, "suppressed", "DENOMINATOR_NOT_POSITIVE")


def test_a_ratio_whose_interval_has_no_end() -> None:
    values = even(STUDY, 6)
    values[:, position(STUDY, "ticket_type", "complimentary", TICKETS)] -= 100
    body = combine(STUDY, houses(museum=6), values)
    found = cell(body, "network", "totals", "all", "average_ticket_price_ore")
    assert (found.low, found.high, found.status, found.reason) == (None, None, "unreliable", "INTERVAL_UNBOUNDED")
    assert found.value is not None


def test_the_version_after_is_held_against_the_one_before() -> None:
    members = houses(museum=6, festival=6)
    first = combine(STUDY, members, even(STUDY, 12))
    earlier = shown(first, STUDY, members, even(STUDY, 12))
    again = combine(STUDY, members, even(STUDY, 12, 10**9), earlier)
    assert set(reasons(again).values()) == {None}
    without = combine(STUDY, members[1:], even(STUDY, 11), earlier)
    assert reasons(without)["network"] == "ISOLATES_MEMBERS"
    assert reasons(without)["industry:festival"] is None  # the same as before


def test_what_a_body_showed() -> None:
    values = even(STUDY, 12)
    values[0, position(STUDY, "channel", "app", TICKETS)] *= 10
    members = houses(museum=6, festival=6)
    of = {each.members: each for each in shown(combine(STUDY, members, values), STUDY, members, values)}
    museums = frozenset(member.member for member in members[:6])
    everything = {(table.name, name) for table in STUDY.tables for name in table.dimension.categories}
    assert len(of) == 3  # the network and the county have the same members
    assert everything - of[museums].categories == {("channel", "app"), ("channel", "web")}
    assert of[museums].withheld == {("channel", "app"), ("channel", "web")}


ANONYMOUS = ("identity", "anonymous")


def one_with_most_anonymous(study: Study, members: int) -> NDArray[np.int64]:
    """Nearly all of the anonymous sales of the first five are the first one's; of all members they are not."""
    values = even(study, members)
    for measure in (ORDERS, TICKETS, REVENUE):
        values[:5, position(study, *ANONYMOUS, measure)] = [3 * 10**9, *[10**8] * 4]
    return values


def test_a_further_version_does_not_give_away_what_the_first_withheld() -> None:
    """The museums' anonymous sales are one museum's. The network less the theatres must never be shown."""
    members, values = houses(museum=5, theatre=5), one_with_most_anonymous(STUDY, 10)
    first = combine(STUDY, members, values)
    key = ("industry:theatre", *ANONYMOUS)
    assert suppressed(first)["industry:museum", *ANONYMOUS] == "DOMINATED"
    assert suppressed(first)[key] == "COMPLEMENTARY"
    assert ("network", *ANONYMOUS) not in suppressed(first)
    assert ("county:03", *ANONYMOUS) not in suppressed(first)  # that is the network
    earlier = shown(first, STUDY, members, values)
    assert key not in suppressed(combine(STUDY, members[5:], values[5:]))
    second = combine(STUDY, members[5:], values[5:], earlier)
    assert reasons(second)["industry:theatre"] is None
    assert suppressed(second)[key] == "COMPLEMENTARY"
    assert combine(STUDY, members, values, earlier) == first


def test_noise_that_was_withheld_costs_later_versions_nothing() -> None:
    """Complimentary tickets that nobody gives are withheld again, and nothing else is."""
    members, values = houses(museum=6, theatre=6), even(STUDY, 12)
    for measure in Measure:
        values[:, position(STUDY, "ticket_type", "complimentary", measure)] = [40, -30, 5, 0, -7, 3] * 2
    first = combine(STUDY, members, values)
    earlier = shown(first, STUDY, members, values)
    assert all(each.withheld == frozenset() for each in earlier)
    assert all(("ticket_type", "complimentary") not in each.categories for each in earlier)
    assert combine(STUDY, members, values, earlier) == first


def test_a_category_with_nothing_but_noise_hides_no_other() -> None:
    """Else the large one would be the table's sum less what is shown, up to nothing."""
    values = even(STUDY, 6)
    for measure in Measure:
        values[:, position(STUDY, "channel", "app", measure)] = [40, -30, 5, 0, -7, 3]
    values[0, position(STUDY, "channel", "web", TICKETS)] *= 10
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    assert sorted(why for key, why in hidden.items() if key[0] == "network") == ["COMPLEMENTARY", *["DOMINATED"] * 2]
    assert {key[1] for key in hidden} == {"channel"}


def one_with_most(tables: list[tuple[str, str]], members: int, times: int) -> NDArray[np.int64]:
    """Releases in which the first member has so many times what each other has of these categories."""
    values = even(STUDY, members)
    for table, category in tables:
        values[0, [position(STUDY, table, category, measure) for measure in Measure]] *= times
    return values


def test_two_months_of_the_same_member_do_not_hide_each_other() -> None:
    """Each is two thirds the first one's, and so is the year less the other ten; with a third month it is 21 of 36."""
    values = one_with_most([("month", "03"), ("month", "04")], 6, 10)
    values[0, [position(STUDY, "month", "05", measure) for measure in Measure]] -= 1
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    of_network = {key[2]: why for key, why in hidden.items() if key[0] == "network"}
    assert of_network == {"03": "DOMINATED", "04": "DOMINATED", "05": "COMPLEMENTARY"}


def test_a_sum_of_one_measure_is_enough() -> None:
    values = even(STUDY, 6)
    for month in ("03", "04"):
        values[0, position(STUDY, "month", month, REVENUE)] *= 10
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    assert {key[2] for key in hidden if key[0] == "network"} == {"01", "03", "04"}


def test_an_empty_category_that_is_shown_hides_no_other() -> None:
    """Of many members with nothing none dominates by its noise, so it is shown: but whoever reads it knows it."""
    values = even(STUDY, 40)
    for measure in Measure:
        at = position(STUDY, "channel", "app", measure)
        values[:, at] = round(variances(STUDY)[at] ** 0.5) * np.array([1, -1] * 20)
    values[0, position(STUDY, "channel", "web", TICKETS)] *= 70
    hidden = suppressed(combine(STUDY, houses(museum=40), values))
    of_network = {key[2]: why for key, why in hidden.items() if key[0] == "network"}
    assert of_network.pop("web") == "DOMINATED"
    assert list(of_network.values()) == ["COMPLEMENTARY"]
    assert "app" not in of_network


@pytest.mark.parametrize(
    ("table", "category", "kpis"),
    [
        ("ticket_type", "complimentary", {"complimentary_share"}),
        ("flow", "new", {"first_timer_share"}),
        ("flow", "lost", {"retention", "duration_years"}),
        ("identity", "anonymous", {"identified_share"}),
    ],
)
def test_a_key_figure_of_the_whole_goes_with_what_it_would_give(table: str, category: str, kpis: set[str]) -> None:
    """Even where that is nothing but noise: times a published figure it is the withheld one. The price is not."""
    values = even(STUDY, 6)
    values[:, position(STUDY, "totals", "all", TICKETS)] *= 2  # more than the complimentary ones
    for measure in [each for each in Measure if (table, each) != ("identity", CUSTOMERS)]:
        values[:, position(STUDY, table, category, measure)] = [40, -30, 5, 0, -7, 3]
    body = combine(STUDY, houses(museum=6), values)
    whole = [each for each in body.cells if (each.cohort, each.table) == ("network", "totals")]
    assert {each.measure: each.reason for each in whole if each.status == "suppressed"} == dict.fromkeys(
        kpis, "DOMINATED"
    )


@pytest.mark.parametrize(("errors", "hidden"), [(1.9, set()), (2.1, {"web"}), (3.9, {"web"})])
def test_nothing_but_noise_is_below_two_standard_errors(errors: float, hidden: set[str]) -> None:
    """Whatever the study calls unreliable. A dominated channel that is more takes another along."""
    values = even(STUDY, 6)
    for measure in Measure:
        at = position(STUDY, "channel", "app", measure)
        values[:, at] = 0
        values[0, at] = round(errors * (6 * variances(STUDY)[at]) ** 0.5)
    found = suppressed(combine(STUDY, houses(museum=6), values))
    assert {key[2] for key in found if key[0] == "network"} == {"app"} | hidden


def test_what_was_shown_is_told_by_releases_of_the_study_alone() -> None:
    members, values = houses(museum=6), even(STUDY, 6)
    with pytest.raises(InvalidVectorError):
        shown(combine(STUDY, members, values), STUDY, members, values[1:])


def test_what_cannot_be_combined() -> None:
    members, values = houses(museum=5), even(STUDY, 5)
    with pytest.raises(InvalidVectorError, match="Check the layout"):
        combine(STUDY, members, values[:, 1:])
    with pytest.raises(InvalidVectorError):
        combine(STUDY, members, values.astype(np.float64))
    with pytest.raises(InvalidCohortsError):
        combine(STUDY, [*members[1:], house(1)], values)
    values[0, 0] = -(2**63)
    with pytest.raises(ImpossibleValueError):
        combine(STUDY, members, values)


def test_nobody_at_all() -> None:
    assert combine(STUDY, [], even(STUDY, 0)) == Body((), ())


def test_what_no_release_may_have_is_not_combined() -> None:
    values = np.full((1, STUDY.cells), -LARGEST_FIGURE, dtype=np.int64)
    assert combine(STUDY, houses(museum=1), values).cells == ()
    with pytest.raises(ImpossibleValueError, match="leave it out"):
        combine(STUDY, houses(museum=1), values - 1)
    with pytest.raises(ImpossibleValueError, match="at most 5000 releases"):
        combine(STUDY, houses(museum=LARGEST_ROSTER + 1), even(STUDY, LARGEST_ROSTER + 1, 1))
