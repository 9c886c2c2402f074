"""Which quantiles are within noise of the last candidate: those beyond which too few customers lie."""

import numpy as np
import pytest

from node.benchmark.ends import near_end
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.studies.price import price
from privacy.studies.study import find


def of_so_many(customers: int) -> dict[Measure, np.ndarray]:
    """All of them between the two first candidates of every measure."""
    found = {}
    for measure, candidates in CANDIDATES.items():
        counts = np.zeros(len(candidates) + 1, dtype=np.int64)
        counts[1] = customers
        found[measure] = counts
    return found


@pytest.mark.parametrize(
    ("customers", "points"),
    [
        (0, {0.995, 0.98, 0.95, 0.8, 0.5}),
        (40, {0.995, 0.98, 0.95, 0.8, 0.5}),
        (2_000, {0.995, 0.98}),
        (10_000, {0.995}),
        (100_000, set()),
    ],
)
def test_the_fewer_customers_the_more_of_them(customers: int, points: set[float]) -> None:
    """A rank is off by 50 customers and less: 100 above a quantile are enough."""
    ends = near_end(price(find("bounds-year")), of_so_many(customers))
    assert {float(each.part.at) for each in ends if each.part.measure is Measure.REVENUE} == points
    for each in ends:
        assert each.above == pytest.approx((1 - float(each.part.at)) * customers)
        assert each.above < 2 * each.rank_error
    assert all(each.last == 500_000_00 for each in ends if each.part.measure is Measure.REVENUE)
