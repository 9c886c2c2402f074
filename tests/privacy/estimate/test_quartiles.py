"""Quartiles over members: what is weighed, who has them, and that no member's own figure is one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body
from privacy.estimate.cohorts import Cohort, Member
from privacy.estimate.combine import combine, shown
from privacy.estimate.derived import SPREAD_DECIMALS
from privacy.estimate.layout import layout_of
from privacy.estimate.quartiles import LEAST, may_have, weights_of
from tests.privacy.estimate.networks import STUDY, cell, consistent, even, house, houses, mostly_first

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure


def different(members: int) -> NDArray[np.int64]:
    """Members whose average purchase is 100, 101, 102, … øre, in no order."""
    rows = []
    for index in np.random.default_rng(1).permutation(members).tolist():
        totals = dict.fromkeys(Measure, 72 * 10**8) | {REVENUE: 72 * 10**8 * (100 + index)}
        rows.append(consistent(STUDY, 1, totals, {measure: total // 2 for measure, total in totals.items()})[0])
    return np.array(rows)


def of(body: Body, cohort: str = "network") -> dict[str, str | None]:
    return {
        each.measure: each.reason for each in body.cells if each.cohort == cohort and each.measure in SPREAD_DECIMALS
    }


@pytest.mark.parametrize("number", range(LEAST, 40))
@pytest.mark.parametrize("quartile", [1, 2, 3])
def test_weights_are_of_three_neighbours_at_least_around_the_place(number: int, quartile: int) -> None:
    weights = weights_of(number, quartile)
    places = sorted(weights)
    assert sum(weights.values()) == 1
    assert len(places) >= 3
    assert max(weights.values()) == Fraction(1, 3)
    assert places == list(range(places[0], places[-1] + 1))
    assert 0 <= places[0] <= places[-1] < number
    assert sum(place * weight for place, weight in weights.items()) == Fraction(quartile * (number - 1), 4)


def test_they_are_the_quartiles_of_the_members_figures() -> None:
    body = combine(STUDY, houses(museum=13), different(13))
    found = {
        name: cell(body, "network", "totals", "all", f"average_purchase_ore_{name}") for name in ("q1", "median", "q3")
    }
    assert {name: each.value for name, each in found.items()} == {"q1": "103", "median": "106", "q3": "109"}
    layout = layout_of(STUDY)
    at = next(index for index, each in enumerate(layout.derived) if each.kpi == "average_purchase_ore")
    one = layout.derived[at].rule.ratio([7.2e9 * 106, 7.2e9], layout.noises[at])
    assert one.standard_error is not None
    assert float(str(found["median"].standard_error)) == pytest.approx(one.standard_error / 3**0.5, abs=0.01)


def test_fewer_than_twelve_have_none() -> None:
    assert of(combine(STUDY, houses(museum=11), even(STUDY, 11))) == {}
    assert set(of(combine(STUDY, houses(museum=12), even(STUDY, 12))).values()) == {None}


def cohort(name: str, *members: range) -> Cohort:
    return Cohort(name, frozenset(f"house-{index}" for each in members for index in each))


def test_cohorts_that_differ_by_a_few_do_not_both_have_them() -> None:
    network, most, rest = cohort("network", range(30)), cohort("most", range(25)), cohort("rest", range(15, 30))
    apart = cohort("apart", range(30, 45))
    assert may_have([network, most, rest, apart], [], [True] * 4) == (True, False, True, True)
    assert may_have([network, rest], [], [False, True]) == (False, True)


def test_an_earlier_publication_of_others_takes_them_away() -> None:
    """All but one again: what has moved in the order is that one."""
    before, now = cohort("before", range(30)), cohort("now", range(29))
    assert may_have([now], [before.members], [True]) == (False,)
    assert may_have([before], [before.members], [True]) == (True,)
    assert may_have([cohort("others", range(30, 50))], [before.members], [True]) == (True,)


def test_a_later_version_shows_no_others() -> None:
    members, values = [house(index) for index in range(30)], even(STUDY, 30)
    first = combine(STUDY, members, values)
    earlier = shown(first, STUDY, members, values)
    assert {each.quartiles for each in earlier} == {True}
    assert combine(STUDY, members, values, earlier) == first
    fewer = combine(STUDY, members[6:], values[6:], earlier)
    assert {line.reason for line in fewer.cohorts} == {None}
    assert set(of(fewer).values()) == {"ISOLATES_MEMBERS"}
    assert not any(each.quartiles for each in shown(fewer, STUDY, members[6:], values[6:]))


def test_what_is_withheld_has_none() -> None:
    values = even(STUDY, 12)
    mostly_first(STUDY, values, "ticket_type", "complimentary", [TICKETS])
    found = of(combine(STUDY, houses(museum=12), values))
    assert found["complimentary_share_q1"] == "DOMINATED"
    assert found["average_purchase_ore_q1"] is None


def test_a_member_without_the_figure_is_not_among_them() -> None:
    """Of 12 one has sold nothing: of the others there are too few."""
    values = different(12)
    values[3] = 0
    found = of(combine(replace(STUDY, cohorts=("network",)), houses(museum=12), values))
    assert found["average_purchase_ore_median"] == "DENOMINATOR_NOT_POSITIVE"
    members = [Member(f"house-{index:02}", "museum", "46") for index in range(14)]
    more = np.vstack([values, different(2)])
    assert of(combine(STUDY, members, more))["average_purchase_ore_median"] is None
