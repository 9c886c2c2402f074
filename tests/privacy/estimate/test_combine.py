from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.catalogue.dimensions import TICKET_TYPE
from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body
from privacy.estimate.combine import combine, shown
from privacy.estimate.errors import ImpossibleValueError, InvalidCohortsError, InvalidVectorError
from privacy.estimate.figure import critical_value
from privacy.estimate.layout import layout_of
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study
from tests.privacy.estimate.networks import (
    STUDY,
    cell,
    consistent,
    even,
    house,
    houses,
    mostly_first,
    position,
    put,
    reasons,
    suppressed,
    variances,
)

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
LOST = ("flow", "lost")


def test_sums_are_those_of_least_squares_and_so_are_their_errors() -> None:
    members = houses(museum=6, festival=7)
    values = np.random.default_rng(3).integers(10**9, 10**10, (13, STUDY.cells), dtype=np.int64)
    body = combine(STUDY, members, values)
    at = position(STUDY, "age_band", "25-34", REVENUE)
    found = cell(body, "industry:festival", "age_band", "25-34", "revenue_ore")
    layout = layout_of(STUDY)
    error = (7 * layout.variances[at]) ** 0.5
    assert error < 0.97 * (7 * variances(STUDY)[at]) ** 0.5
    value = int(layout.estimates(values[6:].sum(axis=0, keepdims=True), 7)[0, at])
    assert found.value == value
    assert found.standard_error == f"{error:.2f}"
    assert isinstance(found.low, int)
    assert isinstance(found.high, int)
    assert found.high - value == value - found.low == round(critical_value(0.95) * error)
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
    values = consistent(
        STUDY,
        5,
        {CUSTOMERS: 100 * 10**7, ORDERS: 300 * 10**7, TICKETS: 660 * 10**7, REVENUE: 90_000 * 10**7},
        {ORDERS: 240 * 10**7, TICKETS: 500 * 10**7, REVENUE: 80_000 * 10**7},
        {("flow", CUSTOMERS): [20, 60, 20], ("ticket_type", TICKETS): [50] * 10 + [60, 100]},
    )
    values[:, position(STUDY, *LOST, CUSTOMERS)] = 40 * 10**7
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
    mostly_first(STUDY, values, "channel", "app", [TICKETS])
    body = combine(STUDY, houses(museum=6), values)
    hidden = [each for each in body.cells if (each.table, each.category) == ("channel", "app")]
    assert {each.measure for each in hidden} >= {"customers", "tickets_per_order", "average_purchase_ore"}
    for each in hidden:
        assert (each.value, each.standard_error, each.low, each.high) == (None,) * 4
        assert (each.status, each.reason) == ("suppressed", "DOMINATED")
    assert "COMPLEMENTARY" in {why for key, why in suppressed(body).items() if key[:2] == ("network", "channel")}


def test_a_key_figure_of_the_whole_goes_with_any_cell_that_it_is_made_of() -> None:
    values = even(STUDY, 6)
    mostly_first(STUDY, values, "ticket_type", "complimentary", [TICKETS])
    body = combine(STUDY, houses(museum=6), values)
    assert cell(body, "network", "totals", "all", "average_ticket_price_ore").reason == "DOMINATED"
    assert cell(body, "network", "totals", "all", "complimentary_share").reason == "DOMINATED"
    assert cell(body, "network", "totals", "all", "tickets_per_order").status == "published"


def test_a_category_with_nothing_but_noise_costs_no_other() -> None:
    values = even(STUDY, 6)
    for table, category in (("channel", "app"), ("ticket_type", "complimentary")):
        put(STUDY, values, table, category, [40, -30, 5, 0, -7, 3])
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
    at = position(STUDY, "channel", "app", ORDERS)
    error = (30 * layout_of(STUDY).variances[at]) ** 0.5
    values = even(STUDY, 30)
    for factor, status in ((4.05, "published"), (3.95, "unreliable")):
        put(STUDY, values, "channel", "app", round(factor * error / 30), [ORDERS])
        found = cell(combine(STUDY, houses(museum=30), values), "network", "channel", "app", "orders")
        assert (found.status, found.reason) == (status, None)
        assert found.value is not None


@pytest.mark.parametrize("percent", [10, 25, 40])
def test_a_weak_ratio_is_unreliable_by_the_percent_of_the_study(percent: int) -> None:
    """The share of complimentary tickets: tickets without error to speak of, and the percent a little under or over."""
    study = replace(STUDY, disclosure=STUDY.disclosure.model_copy(update={"unreliable_percent": percent}))
    error = (30 * layout_of(study).variances[position(study, "ticket_type", "complimentary", TICKETS)]) ** 0.5
    values = even(study, 30)
    for relative, status in ((percent - 1, "published"), (percent + 1, "unreliable")):
        put(study, values, "ticket_type", "complimentary", round(100 / relative * error / 30), [TICKETS])
        found = cell(combine(study, houses(museum=30), values), "network", "totals", "all", "complimentary_share")
        assert (found.status, found.reason) == (status, None)


def test_what_is_below_zero_is_shown_as_zero_and_never_for_certain() -> None:
    values = even(STUDY, 30)
    error = layout_of(STUDY).variances[position(STUDY, "channel", "app", ORDERS)] ** 0.5
    put(STUDY, values, "channel", "app", [round(20 * error)] * 15 + [round(-20.4 * error)] * 15, [ORDERS])
    body = combine(STUDY, houses(museum=30), values)
    found = cell(body, "network", "channel", "app", "orders")
    assert (found.value, found.low, found.status) == (0, 0, "unreliable")
    assert isinstance(found.high, int)
    assert 0 < found.high < 30**0.5 * error
    assert cell(body, "network", "channel", "app", "average_purchase_ore").reason == "DENOMINATOR_NOT_POSITIVE"


def nearly_all_complimentary(errors: float) -> NDArray[np.int64]:
    """30 members with paying tickets of so many standard errors together; of each type, up and down by more."""
    weights = [0] * 12
    weights[10] = 1
    size = dict.fromkeys(Measure, 72 * 10**8)
    values = consistent(STUDY, 30, size, size, {("ticket_type", TICKETS): weights})
    error = layout_of(STUDY).variances[position(STUDY, "ticket_type", "child", TICKETS)] ** 0.5
    for name in TICKET_TYPE.categories[1:]:
        if name != "complimentary":
            put(STUDY, values, "ticket_type", name, [round(20 * error), round(-20 * error)] * 15, [TICKETS])
    paying = round(errors * error / 30**0.5)
    put(STUDY, values, "ticket_type", "complimentary", size[TICKETS] - paying, [TICKETS])
    return values


def test_a_ratio_without_a_denominator() -> None:
    """Each member may have some complimentary tickets more than tickets: noise does that."""
    values = nearly_all_complimentary(-1)
    found = cell(combine(STUDY, houses(museum=30), values), "network", "totals", "all", "average_ticket_price_ore")
    assert (found.value, found.status, found.reason) == (None, "suppressed", "DENOMINATOR_NOT_POSITIVE")


def test_a_ratio_whose_interval_has_no_end() -> None:
    values = nearly_all_complimentary(0.5)
    found = cell(combine(STUDY, houses(museum=30), values), "network", "totals", "all", "average_ticket_price_ore")
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
    mostly_first(STUDY, values, "channel", "app", [TICKETS])
    members = houses(museum=6, festival=6)
    of = {each.members: each for each in shown(combine(STUDY, members, values), STUDY, members, values)}
    museums = frozenset(member.member for member in members[:6])
    everything = {(table.name, name) for table in STUDY.tables for name in table.dimension.categories}
    assert len(of) == 3  # the network and the county have the same members
    withheld = everything - of[museums].categories
    assert ("channel", "app") in withheld
    assert {table for table, _ in withheld} == {"channel"}
    assert of[museums].withheld == withheld


ANONYMOUS = ("identity", "anonymous")


def one_with_most_anonymous(study: Study, members: int) -> NDArray[np.int64]:
    """Nearly all of the anonymous sales of the first five are the first one's; of all members they are not."""
    values = even(study, members)
    rest = [10**10] * (members - 5)
    put(study, values, *ANONYMOUS, [3 * 10**9, *[10**8] * 4, *rest], (ORDERS, TICKETS, REVENUE))
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
    put(STUDY, values, "ticket_type", "complimentary", [40, -30, 5, 0, -7, 3] * 2)
    first = combine(STUDY, members, values)
    earlier = shown(first, STUDY, members, values)
    assert all(each.withheld == frozenset() for each in earlier)
    assert all(("ticket_type", "complimentary") not in each.categories for each in earlier)
    assert combine(STUDY, members, values, earlier) == first


def test_a_category_with_nothing_but_noise_hides_no_other() -> None:
    """Else the large one would be the table's sum less what is shown, up to nothing."""
    values = even(STUDY, 6)
    put(STUDY, values, "channel", "app", [40, -30, 5, 0, -7, 3])
    mostly_first(STUDY, values, "channel", "phone", [TICKETS])
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    assert sorted(why for key, why in hidden.items() if key[0] == "network") == ["COMPLEMENTARY", *["DOMINATED"] * 2]
    assert {key[1] for key in hidden} == {"channel"}


def test_two_months_of_the_same_member_do_not_hide_each_other() -> None:
    """Each is nine tenths the first one's, and so would be the year less the other ten."""
    values = even(STUDY, 6)
    for month in ("03", "04"):
        mostly_first(STUDY, values, "month", month)
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    of_network = {key[2]: why for key, why in hidden.items() if key[0] == "network"}
    assert (of_network.pop("03"), of_network.pop("04")) == ("DOMINATED", "DOMINATED")
    assert set(of_network.values()) == {"COMPLEMENTARY"}


def test_a_sum_of_one_measure_is_enough() -> None:
    values = even(STUDY, 6)
    for month in ("03", "04"):
        mostly_first(STUDY, values, "month", month, [REVENUE])
    hidden = suppressed(combine(STUDY, houses(museum=6), values))
    assert len({key[2] for key in hidden if key[0] == "network"}) == 3


def test_an_empty_category_that_is_shown_hides_no_other() -> None:
    """Of many members with nothing none dominates by its noise, so it is shown: but whoever reads it knows it."""
    values = even(STUDY, 40)
    for measure in Measure:
        error = layout_of(STUDY).variances[position(STUDY, "channel", "app", measure)] ** 0.5
        put(STUDY, values, "channel", "app", (round(error) * np.array([1, -1] * 20)).tolist(), [measure])
    mostly_first(STUDY, values, "channel", "phone", [TICKETS], 10**9)
    hidden = suppressed(combine(STUDY, houses(museum=40), values))
    of_network = {key[2]: why for key, why in hidden.items() if key[0] == "network"}
    assert of_network.pop("phone") == "DOMINATED"
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
    if (table, category) == LOST:
        values[:, position(STUDY, *LOST, CUSTOMERS)] = [40, -30, 5, 0, -7, 3]
    else:
        put(STUDY, values, table, category, [40, -30, 5, 0, -7, 3])
    body = combine(STUDY, houses(museum=6), values)
    whole = [each for each in body.cells if (each.cohort, each.table) == ("network", "totals")]
    assert {each.measure: each.reason for each in whole if each.status == "suppressed"} == dict.fromkeys(
        kpis, "DOMINATED"
    )


@pytest.mark.parametrize(("errors", "hidden"), [(1.9, set()), (2.1, {"box_office"}), (3.9, {"box_office"})])
def test_nothing_but_noise_is_below_two_standard_errors(errors: float, hidden: set[str]) -> None:
    """Whatever the study calls unreliable. A dominated channel that is more takes another along."""
    values = even(STUDY, 6)
    for measure in Measure:
        at = position(STUDY, "channel", "app", measure)
        amount = round(errors * (6 * layout_of(STUDY).variances[at]) ** 0.5)
        put(STUDY, values, "channel", "app", [amount, *[0] * 5], [measure])
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
