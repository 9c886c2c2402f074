"""What bounds cut off comes back whole where it is cut as the rules take it; and tells nothing of what is withheld."""

import numpy as np
import pytest

from privacy.catalogue.dimensions import VALUE_BAND
from privacy.catalogue.measures import Measure
from privacy.estimate.clipping.rules import uncut
from privacy.estimate.clipping.uncut import Uncut
from privacy.estimate.layout import layout_of
from privacy.estimate.least_squares import projection
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import find
from tests.privacy.estimate.clipping.figures import YEAR, all_seen, everything, places
from tests.privacy.estimate.studies import WIDE_TOTALS

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
AT = places(YEAR)
TOLD, TRUE = everything(YEAR)
NO_TAIL = [AT["value_band", name, CUSTOMERS] for name in VALUE_BAND.categories[-5:]]
"""Nobody is far out: no tail can be laid, and revenue comes back as the others do."""


def put_back(told: np.ndarray = TOLD, hidden: tuple[int, ...] = (), *, tail: bool = False) -> Uncut:
    figures, seen = told.copy(), all_seen(YEAR)
    if not tail:
        figures[NO_TAIL] = 0
    seen[list(hidden)] = False
    return uncut(YEAR, figures, seen, [10])


def of(table: str) -> list[int]:
    return [cell for (name, _, _), cell in AT.items() if name == table]


def category(table: str, name: str) -> tuple[int, ...]:
    return tuple(cell for (its, each, _), cell in AT.items() if (its, each) == (table, name))


def test_everything_comes_back_where_identified_sales_are_cut_alike() -> None:
    """But where anonymous sales cannot be told apart from others: there all sales are scaled alike."""
    found = put_back()
    mixed = {cell for (table, name, _), cell in AT.items() if table == "genre-age_band" and name.endswith(":unknown")}
    alone = [cell for cell in range(YEAR.cells) if cell not in mixed and cell not in NO_TAIL]
    assert found.values[alone] == pytest.approx(TRUE[alone])
    for cell in sorted(mixed):
        assert found.values[cell] == pytest.approx(TOLD[cell] * (1.2 / (0.8 + 0.2)))


def test_what_no_bound_cut_stays_as_it_is() -> None:
    found = put_back()
    same = [cell for (_, _, measure), cell in AT.items() if measure is CUSTOMERS]
    same += [AT["totals", "all", measure] for measure in (ORDERS, TICKETS, REVENUE)] + of("identity") + of("value_band")
    assert not found.changed[same].any()
    changed = [AT["month", "03", ORDERS], AT["county", "46", TICKETS], AT["genre", "opera", REVENUE]]
    assert found.changed[changed].all()


def test_a_study_of_one_bound_changes_nothing() -> None:
    study = find("benchmark")
    figures = np.full((study.cells, 2), 1000.0)
    found = uncut(study, figures, all_seen(study, 2), [10, 10])
    assert not found.changed.any()
    assert (found.values == figures).all()


def test_the_tail_is_added_to_what_identified_customers_paid() -> None:
    with_tail, without = put_back(tail=True), put_back()
    whole, anonymous = AT["totals", "all", REVENUE], AT["identity", "anonymous", REVENUE]
    more = float(with_tail.values[whole, 0] - without.values[whole, 0])
    assert more > 0
    identified = AT["identity", "identified", REVENUE]
    assert with_tail.values[identified] - without.values[identified] == pytest.approx(more)
    assert with_tail.values[anonymous] == without.values[anonymous]
    new = AT["flow", "new", REVENUE]
    expected = without.values[new] * (1 + more / without.values[identified])
    assert with_tail.values[new] == pytest.approx(expected)
    assert with_tail.changed[new].all()


PAIRS = {
    "bands of revenue": [("value_band", "24000-39999"), ("value_band", "40000+")],
    "anonymous sales": [("identity", "identified"), ("identity", "anonymous")],
    "cells of every crossing that shows all that identified customers bought": [
        ("flow-age_band", "new:67+"),
        ("flow-age_band", "new:55-66"),
        ("segment-frequency_band", "essence:1"),
        ("segment-frequency_band", "expression:1"),
    ],
    "ways of buying": [("frequency_band", "8+"), ("frequency_band", "5-7")],
    "categories of a crossing": [("segment-frequency_band", "expression:8+"), ("segment-frequency_band", "essence:8+")],
}
"""What is withheld, two by two of a table, so that what they add up to can be known."""


def hidden_of(name: str) -> tuple[int, ...]:
    return tuple(cell for each in PAIRS[name] for cell in category(*each))


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_withheld_moves_nothing_that_is_shown(name: str) -> None:
    """Whoever sees all that is put back can tell nothing of it but what it adds up to."""
    hidden, pairs = hidden_of(name), PAIRS[name]
    before = put_back(tail=True, hidden=hidden)
    shown = np.setdiff1d(np.arange(YEAR.cells), hidden)
    for one, other in zip(pairs[::2], pairs[1::2], strict=True):
        for measure in Measure:
            if (*one, measure) in AT:
                told, more = TOLD.copy(), 0.2 * TOLD[AT[*one, measure]]
                told[AT[*one, measure]] += more
                told[AT[*other, measure]] -= more
                after = put_back(told, tail=True, hidden=hidden)
                assert after.values[shown] == pytest.approx(before.values[shown], rel=1e-12)


@pytest.mark.parametrize("name", PAIRS)
def test_where_something_is_withheld_the_rule_before_it_stands_in(name: str) -> None:
    found = put_back(hidden=hidden_of(name))
    cells = [AT["month", "03", ORDERS], AT["age_band", "35-44", ORDERS], AT["segment", "expression", ORDERS]]
    assert found.changed[cells].all()
    assert found.values[cells] == pytest.approx(TRUE[cells], rel=0.05)


def test_what_is_all_but_nothing_is_not_divided_by() -> None:
    """Of an institution of a handful of customers nothing is put back: the factors would be noise."""
    found = put_back(TOLD / 1e6)
    assert not found.changed[[AT["month", "03", ORDERS], AT["age_band", "35-44", REVENUE]]].any()
    assert np.isfinite(found.values).all()


def test_no_factor_is_below_one() -> None:
    """Noise may make the whole within wide bounds less than within narrow ones; bounds add nothing."""
    told = TOLD.copy()
    told[[AT["totals", "all", ORDERS], *category("identity", "identified"), *category("identity", "anonymous")]] *= 0.5
    found = put_back(told)
    cells = [AT["month", "03", ORDERS], AT["age_band", "35-44", ORDERS]]
    assert found.values[cells] == pytest.approx(told[cells])


def test_what_no_members_can_have_is_left_out() -> None:
    """Two who lie alike dominate nothing: their factor must not take a figure past what can be published."""
    told = TOLD.copy()
    told[AT["frequency_band", "8+", REVENUE]] = 100 * LARGEST_FIGURE
    found = put_back(told)
    cells = [cell for (table, name, its), cell in AT.items() if its is REVENUE and name.endswith(":8+")]
    large = np.abs(found.values[cells, 0]) > 10 * LARGEST_FIGURE
    assert large.any()
    assert not found.changed[np.array(cells)[large]].any()
    assert not found.complete[np.array(cells)[large]].any()
    assert found.changed[AT["month", "03", REVENUE]].all()


def test_identity_within_narrow_bounds_tells_no_part_apart() -> None:
    """Then all sales are scaled alike, `identity` as well."""
    study = WIDE_TOTALS
    at = {name: cell for cell, name in enumerate(layout_of(study).sources)}
    figures = np.full((study.cells, 1), 1e6)
    figures[at["totals", "all", ORDERS]] = 3e6  # of identity's two categories there are two million
    found = uncut(study, figures, all_seen(study), [10])
    for table, name in (("gender", "female"), ("age_band", "unknown"), ("identity", "anonymous")):
        assert found.values[at[table, name, ORDERS], 0] == pytest.approx(1.5e6)


def test_errors_are_those_of_small_steps_through_all_rules() -> None:
    """The covariance of every tenth figure with itself and with the next, against the slopes that small steps show."""
    found = put_back(tail=True)
    wanted = [cell for cell in np.flatnonzero(found.changed[:, 0]).tolist() if cell % 10 == 0]
    wanted = sorted({*wanted, AT["totals", "all", REVENUE], AT["segment", "unknown", REVENUE]})
    steps = np.maximum(1e-4 * TOLD[:, 0], 1e-3)
    moved = np.repeat(TOLD, 2 * YEAR.cells, axis=1) + np.hstack([np.diag(steps), -np.diag(steps)])
    ends = uncut(YEAR, moved, all_seen(YEAR, 2 * YEAR.cells), [10] * 2 * YEAR.cells).values[wanted]
    slopes = (ends[:, : YEAR.cells] - ends[:, YEAR.cells :]) / (2 * steps)
    left = projection(YEAR)
    covariance = np.zeros((YEAR.cells, YEAR.cells))
    for block in left.blocks:
        covariance[np.ix_(block.cells, block.cells)] = block.covariance
    expected = slopes @ covariance @ slopes.T
    for row, cell in enumerate(wanted):
        assert found.covariance(cell, cell)[0] == pytest.approx(expected[row, row], rel=1e-3)
    errors = np.sqrt(expected.diagonal())
    for row in range(len(wanted) - 1):
        told = found.covariance(wanted[row], wanted[row + 1])[0]
        assert told == pytest.approx(expected[row, row + 1], abs=1e-3 * errors[row] * errors[row + 1])
