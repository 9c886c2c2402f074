"""Counts against a slow reading of their definition, and what one customer changes at the most."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.sketch.bitmap import filled
from privacy.sketch.counting import HISTOGRAM_L1, Counted, count, squared_l2
from privacy.sketch.errors import BadSketch

BUCKETS = 2**10
GROUPS = 3

Customers = list[tuple[int, int]]  # bucket and group
customers = st.tuples(st.integers(0, 40), st.integers(0, GROUPS - 1))
peers = st.lists(st.none() | st.sets(st.integers(0, 40)), max_size=5)


def counted(listed: Customers, sketches: list[set[int] | None]) -> Counted:
    own, group = (np.array([each[place] for each in listed], dtype=np.int64) for place in (0, 1))
    bitmaps = (None if each is None else filled(np.array(sorted(each), dtype=np.int64), BUCKETS) for each in sketches)
    return count(own, group, GROUPS, bitmaps)


def by_the_definition(listed: Customers, sketches: list[set[int] | None]) -> tuple[list[list[int]], list[int]]:
    rows = [listed, *([each for each in listed if each[1] == group] for group in range(GROUPS))]
    cells = [
        [len(row), *(0 if s is None else sum(1 if bucket in s else -1 for bucket, _ in row) for s in sketches)]
        for row in rows
    ]
    hits = [sum(bucket in s for s in sketches if s is not None) for bucket, _ in listed]
    return cells, [hits.count(number) for number in range(len(sketches) + 1)]


@given(st.lists(customers, max_size=30), peers)
@example([], [])
@example([], [None, {1}])
@example([(0, 2), (0, 2), (40, 0)], [{0}, None, {0, 40}])
def test_a_count_is_what_its_definition_says(listed: Customers, sketches: list[set[int] | None]) -> None:
    found = counted(listed, sketches)
    cells, histogram = by_the_definition(listed, sketches)
    assert found.cells.tolist() == cells
    assert found.histogram.tolist() == histogram
    assert found.cells.shape == (GROUPS + 1, len(sketches) + 1)
    assert found.cells.dtype == found.histogram.dtype == np.int64


def change(listed: Customers, added: tuple[int, int], sketches: list[set[int] | None]) -> tuple[int, int]:
    """What one more customer changes: squared L2 of the cells, L1 of the histogram."""
    before, after = counted(listed, sketches), counted([*listed, added], sketches)
    cells, histogram = after.cells - before.cells, after.histogram - before.histogram
    return int((cells**2).sum()), int(np.abs(histogram).sum())


@given(st.lists(customers, max_size=20), customers, peers)
def test_no_customer_changes_more_than_is_declared(
    listed: Customers, added: tuple[int, int], sketches: list[set[int] | None]
) -> None:
    cells, histogram = change(listed, added, sketches)
    assert cells <= squared_l2(len(sketches))
    assert histogram <= HISTOGRAM_L1


@given(st.lists(customers, max_size=20), customers, st.lists(st.sets(st.integers(0, 40)), max_size=5))
def test_where_every_peer_is_counted_each_customer_changes_just_that(
    listed: Customers, added: tuple[int, int], sketches: list[set[int] | None]
) -> None:
    assert change(listed, added, sketches) == (squared_l2(len(sketches)), HISTOGRAM_L1)


def test_the_declared_sensitivity_by_hand() -> None:
    assert [squared_l2(number) for number in (0, 1, 9)] == [2, 4, 20]


def test_a_count_tells_nothing_when_it_is_shown() -> None:
    assert "12" not in repr(counted([(12, 0)] * 12, [{12}]))


@pytest.mark.parametrize(
    ("own", "group"),
    [([1, 2], [0]), ([1], [GROUPS]), ([1], [-1]), ([[1]], [[0]]), ([BUCKETS], [0]), ([-1], [0])],
    ids=["lengths", "group beyond", "group below", "two dimensions", "bucket beyond", "bucket below"],
)
def test_lists_that_do_not_fit_are_refused(own: Any, group: Any) -> None:
    bitmap = filled(np.array([1], dtype=np.int64), BUCKETS)
    with pytest.raises(BadSketch) as refusal:
        count(np.array(own, dtype=np.int64), np.array(group, dtype=np.int64), GROUPS, [bitmap])
    assert refusal.value.reason == "BAD_SKETCH"
