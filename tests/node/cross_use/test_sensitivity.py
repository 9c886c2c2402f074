"""The recorder (privacy contract, section 8): from the store to the vectors, on stores that differ by a customer.

About half a minute: each example imports two files.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from node.store.database import opened
from node.store.frozen import countable_now, freeze, sketched
from privacy.sketch.bitmap import filled
from privacy.sketch.counting import HISTOGRAM_L1, Counted, count, squared_l2
from privacy.studies.cross_use import PARTITIONS
from tests.node.cross_use.house import BUCKETS, CHAIN, EPOCH, LAST, WINDOW, Member, Post, join, noise, people, sales

FULL = np.full(BUCKETS // 8, 255, dtype=np.uint8)
SKETCHES: list[NDArray[np.uint8] | None] = [noise(), FULL, None, np.zeros(BUCKETS // 8, dtype=np.uint8), noise()]
"""Honest and hostile ones, and one that is not counted."""


def _order(who: str, number: int, tickets: int, days: int, postcode: str) -> str:
    day = LAST.fromordinal(LAST.toordinal() - days)
    return f"{who}-{number},1,{day}T12:00:00+00:00,E1,Ordinær,{tickets},100.00,web,paid,{who}@example.no,{postcode},\n"


def _vectors(member: Member, rows: str, partition: str) -> tuple[NDArray[np.uint8], Counted]:
    member.sells(rows, anew=True)
    dimension = PARTITIONS[partition]
    with opened(member.home) as connection:
        freeze(connection, CHAIN, EPOCH, WINDOW, BUCKETS)
        bitmap = filled(sketched(connection, EPOCH), BUCKETS)
        own, groups = countable_now(connection, EPOCH, dimension)
    return bitmap, count(own, groups, len(dimension.categories), SKETCHES)


ORDERS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 800), st.sampled_from(["5003", "0150", "", "9008"])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(others=st.integers(1, 6), orders=ORDERS, partition=st.sampled_from(sorted(PARTITIONS)))
def test_a_customer_moves_a_sketch_and_a_count_by_no_more_than_is_booked(
    others: int, orders: list[tuple[int, int, str]], partition: str
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        member = join(folder, Post(), "alpha")
        base = sales(*people(*range(others)))
        one = "".join(_order("someone", number, *order) for number, order in enumerate(orders))
        without, counted_without = _vectors(member, base, partition)
        with_, counted_with = _vectors(member, base + one, partition)
    finally:
        shutil.rmtree(folder)
    assert int(np.bitwise_count(without ^ with_).sum()) <= 1
    cells = counted_with.cells - counted_without.cells
    assert int((cells * cells).sum()) <= squared_l2(len(SKETCHES))
    assert int(np.abs(counted_with.histogram - counted_without.histogram).sum()) <= HISTOGRAM_L1
