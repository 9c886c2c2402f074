"""RFM scores: fifths by the share of smaller values, ties down, the sums of who scores alike."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kpis.orders import people_of
from node.kpis.rfm import Scored, rfm_of, scores
from node.kpis.windows import before
from privacy.bounds.windows import twelve_months_to
from tests.node.kpis.stores import ORDINARY, Order, Store, loaded


@given(st.lists(st.integers(-5, 5) | st.integers(-(10**14), 10**14), max_size=80))
def test_a_score_is_the_fifth_that_lies_below(values: list[int]) -> None:
    found = scores(np.array(values, dtype=np.int64)).tolist()
    assert found == [1 + 5 * sum(other < value for other in values) // len(values) for value in values]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
        ([7], [1]),
        ([7, 7, 7], [1, 1, 1]),
        ([1, 1, 1, 1, 1, 1, 1, 2, 2, 3], [1, 1, 1, 1, 1, 1, 1, 4, 4, 5]),  # most bought once: that is the lowest score
        ([], []),
    ],
)
def test_by_hand(values: list[int], expected: list[int]) -> None:
    assert scores(np.array(values, dtype=np.int64)).tolist() == expected


def test_the_customers_of_a_window_by_their_scores() -> None:
    window = twelve_months_to(date(2025, 12, 31))
    orders = (
        *(Order(1, date(2025, 12, day), ((ORDINARY, 1, 50_000),)) for day in (1, 2, 3)),
        Order(2, date(2025, 1, 1), ((ORDINARY, 1, 10_000),)),
        Order(3, date(2025, 1, 1), ((ORDINARY, 1, 10_000),)),
        Order(4, date(2024, 12, 31)),  # the year before
        Order(5, date(2025, 6, 1), ((ORDINARY, -1, -5_000),)),  # bought nothing
        Order(0, date(2025, 6, 1)),
    )
    with loaded(Store(orders, frozenset(range(1, 6)))) as (kept, keep):
        assert rfm_of(people_of(kept, window, before(window), keep)) == [
            Scored(4, 4, 4, 1, 3, 150_000),
            Scored(1, 1, 1, 2, 2, 20_000),
        ]
