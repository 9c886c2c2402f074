"""Whether what bounds cut off is more than the noise on the own total."""

import math

import numpy as np
import pytest

from node.benchmark.bias import biases
from node.benchmark.cut import Cut, CutByEach
from privacy.catalogue.measures import Measure
from privacy.studies.price import price
from privacy.studies.study import Study, find, from_content

STUDY = find("benchmark")
PRICED = price(STUDY)
TOTAL = 10**10
VECTORS = {(part.table.name, part.measure): np.full(part.table.cells, TOTAL, dtype=np.int64) for part in STUDY.parts}


def cut(share: float) -> CutByEach:
    return CutByEach(False, STUDY.bounds, Cut(1, 0.0, 0.0, share), {})


def scale(measure: Measure) -> float:
    (part,) = [each for each in PRICED.parts if (each.part.table.name, each.part.measure) == ("totals", measure)]
    return float(part.mechanism.scale)


@pytest.mark.parametrize(("times", "exceeds"), [(0.99, False), (1.01, True)])
def test_the_warning_begins_where_as_much_is_cut_as_the_noise_is_wide(times: float, exceeds: bool) -> None:
    lost = times * scale(Measure.REVENUE)
    found = {each.measure: each for each in biases(PRICED, VECTORS, [cut(lost / (TOTAL + lost))])}
    assert set(found) == {Measure.ORDERS, Measure.TICKETS, Measure.REVENUE}
    assert found[Measure.REVENUE].cut == pytest.approx(lost)
    assert found[Measure.REVENUE].noise == pytest.approx(scale(Measure.REVENUE))
    assert found[Measure.REVENUE].exceeds_noise is exceeds
    assert not found[Measure.ORDERS].exceeds_noise
    assert found[Measure.ORDERS].cut == 0


def test_where_everything_is_cut_it_is_too_much() -> None:
    (found,) = [each for each in biases(PRICED, VECTORS, [cut(1.0)]) if each.measure is Measure.REVENUE]
    assert math.isinf(found.cut)
    assert found.exceeds_noise


MONTHS: Study = from_content(
    {
        "name": "months",
        "version": 1,
        "title": "Months alone",
        "window": "year",
        "rho": "0.01",
        "cohorts": ["network"],
        "bounds": {"max_orders": 8, "max_lines": 20, "max_tickets": 20, "max_revenue_kr": 10_000},
        "disclosure": {"min_members": 5, "dominance_percent": 60, "unreliable_percent": 25},
        "tables": [{"name": "month", "shares": {"orders": 1}}],
    },
    "months",
)


def test_the_noise_of_a_whole_is_that_of_the_sum_of_its_cells() -> None:
    """Twelve months are added up for it, and so are the variances of their noises."""
    priced = price(MONTHS)
    vectors = {("month", Measure.ORDERS): np.full(12, 1_000, dtype=np.int64)}
    (found,) = biases(priced, vectors, [CutByEach(False, MONTHS.bounds, Cut(1, 0.25, 0.0, 0.0), {})])
    assert found.measure is Measure.ORDERS
    assert found.cut == pytest.approx(4_000)
    assert found.noise == pytest.approx(float(priced.parts[0].mechanism.scale) * math.sqrt(12))


def test_bounds_that_no_whole_table_has_are_left_out() -> None:
    from dataclasses import replace

    other = replace(cut(0.5), wide=True, bounds=replace(STUDY.bounds, max_orders=99))
    assert biases(PRICED, VECTORS, [other]) == ()
