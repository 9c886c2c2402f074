"""Counting one's own customers against peers' sketches: the exact vectors of a count, before their noise.

A customer has one bucket, and in a peer's sketch that bucket's bit y is set or not. The sum over customers of the
centred bit s = 2y − 1 is what the coordinator takes the flips and the collisions out of; whatever a peer's sketch
holds, s is 1 or −1, so that no sketch can raise what a customer changes.

Sensitivities, for one customer added or removed (metrics and bounds of privacy/mechanisms):

    cells       a customer counts in two rows, all customers' and its group's. In each it changes the size by 1 and the
                sum of each peer that is counted by 1 or −1; of a peer that is not counted, by 0. So at most
                2·(peers + 1) cells change by 1 each: L2² = 2·(peers + 1).
    histogram   a customer is in exactly one of its cells: L1 = 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.sketch.bitmap import set_at
from privacy.sketch.errors import BadSketch

HISTOGRAM_L1 = 1
"""The L1 sensitivity of the histogram."""


def squared_l2(peers: int) -> int:
    """The squared L2 sensitivity of the cells of a count against so many peers."""
    return 2 * (peers + 1)


@dataclass(frozen=True, eq=False, repr=False)
class Counted:
    """The exact count, personal data until it has its noise. Groups are numbered as they were given.

    `cells` is int64 (groups + 1, peers + 1): row 0 of all customers, then one of each group; in a row the number of own
    customers, then for each peer the sum of 1 for a bit that is set and −1 for one that is not. `histogram` is int64
    (peers + 1,): how many own customers have the bits of 0, 1, ... of the counted peers set.
    """

    cells: NDArray[np.int64]
    histogram: NDArray[np.int64]


def count(
    own: NDArray[np.int64], group: NDArray[np.int64], groups: int, peers: Iterable[NDArray[np.uint8] | None]
) -> Counted:
    """The count of customers by their bucket `own`, int64 (n,), and their `group`, int64 (n,) from 0 to `groups` - 1.

    `peers` gives the bitmap of each peer, one after the other, or None for one that is not counted: its sums are 0.
    Raises BadSketch for lists that do not fit each other or a bitmap.
    """
    if own.shape != group.shape or own.ndim != 1 or (group.size and not 0 <= group.min() <= group.max() < groups):
        raise BadSketch("A count needs one bucket and one group for each customer.")
    sizes = _rows(group, groups)
    columns = [sizes]
    hits = np.zeros(own.size, dtype=np.int64)
    for bitmap in peers:
        if bitmap is None:
            columns.append(np.zeros_like(sizes))
            continue
        is_set = set_at(bitmap, own)
        hits += is_set
        columns.append(2 * _rows(group[is_set == 1], groups) - sizes)
    histogram = np.bincount(hits, minlength=len(columns)).astype(np.int64)
    return Counted(np.stack(columns, axis=1), histogram)


def _rows(group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """How many are listed in all, then in each group: int64 (groups + 1,)."""
    each = np.bincount(group, minlength=groups).astype(np.int64)
    return np.concatenate([[group.size], each]).astype(np.int64)
