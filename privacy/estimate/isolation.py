"""Whether published sums, added and subtracted, give the sum of just a few members.

A cohort is a 0/1 vector over the members. What can be computed from published cohorts are the integer combinations
of their vectors; those of rational numbers give the same supports. A set of members is *isolated* where some
combination is zero outside it and not zero everywhere, for then the combination tells of those members alone. The
question is whether any set of 1 to few members is isolated: in a space of vectors, whether there is one of small
weight, which is a hard problem in general (that of the minimum distance of a code) and an easy one here, for three
reasons, which the search below uses in turn:

- members in just the same cohorts (an *atom*) have the same number in every combination: columns are atoms, with the
  number of members as weight, and an atom of `few + 1` members or more is zero in every vector that we look for.
  The same holds for atoms whose columns are proportional. What is left is a much smaller space, most often none;
- a vector that is not zero is not zero somewhere in every basis of the columns. As many bases as can be packed, each
  atom in at most as many as it has members, so many members every vector weighs. Most spaces pass by that bound;
- where it does not decide, one column of a basis must be in the support: try each, with the rest of the weight. The
  depth is at most `few`, and the last two levels are read off the echelon form.

All arithmetic is exact. The number of tries is bounded (MOST_TRIES), and a search that reaches the bound answers yes:
a cohort is then withheld that might have been published, never the other way round.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.exact import Integers, echelon, primitive

MOST_TRIES = 400
"""Spaces that one search looks at. Real networks take fewer than ten."""


@dataclass
class _Tries:
    left: int

    def spent(self) -> bool:
        self.left -= 1
        return self.left < 0


def rank(cohorts: NDArray[np.int8]) -> int:
    """How many cohorts' sums are independent of each other. cohorts: int8 of 0 and 1, shape (cohorts, members)."""
    return len(echelon(_atoms(cohorts)[0])[1])


def isolates(cohorts: NDArray[np.int8], few: int, most_tries: int = MOST_TRIES) -> bool:
    """Whether a combination of these cohorts isolates a set of 1 to `few` members, or that was too hard to rule out.

    cohorts: int8 of 0 and 1, shape (cohorts, members). few: the largest number of members that must not be isolated.
    """
    columns, sizes = _atoms(cohorts)
    return _has_light_vector(columns, sizes, few, _Tries(most_tries))


def _atoms(cohorts: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct columns, shape (cohorts, atoms), and how many members have each."""
    columns, sizes = np.unique(cohorts, axis=1, return_counts=True)
    return columns.astype(np.int64), sizes.astype(np.int64)


def _has_light_vector(space: Integers, weights: NDArray[np.int64], budget: int, tries: _Tries) -> bool:
    """Whether the row space holds a vector other than zero whose support weighs at most `budget`."""
    if tries.spent():
        return True
    space, weights, pivots = _reduced(space, weights, budget)
    if not pivots:
        return False
    if bool(np.any((space != 0) @ weights <= budget)):
        return True
    # A vector on one column is a row of the echelon form, and so is one on a pivot and another column. On two pivots
    # it is made of two rows that are proportional elsewhere.
    lightest = int(weights.min())
    if budget < 2 * lightest:
        return False
    if budget < 3 * lightest:
        return _two_pivots_weigh(space, weights, pivots) <= budget
    # Slack by one: a vector that is not zero on one pivot alone is a row, and was looked at. So what is left meets the
    # first of the bases, which is the pivots, at least twice, and weighs more than there are bases: `budget` of them
    # would do as well.
    if _packed_bases(space, weights, pivots, budget + 1) > budget:
        return False
    for row, pivot in enumerate(pivots):  # the pivots before this one are zero, this one is not
        others = np.arange(space.shape[1]) != pivot
        rest = budget - int(weights[pivot])
        if rest >= lightest and _has_light_vector(space[row:, others], weights[others], rest, tries):
            return True
    return False


def _reduced(space: Integers, weights: NDArray[np.int64], budget: int) -> tuple[Integers, NDArray[np.int64], list[int]]:
    """The part of the space that is zero on columns beyond the budget, proportional columns as one, in echelon form.

    Columns come out from heavy to light and pivots are the first possible, so that few of them fit in a support.
    """
    while True:
        order = np.argsort(-weights, kind="stable")
        space, weights = space[:, order], weights[order]
        heavy = int(np.count_nonzero(weights > budget))
        rows, pivots = echelon(space)
        beyond = sum(pivot < heavy for pivot in pivots)
        space = rows[beyond:, heavy:]
        weights, pivots = weights[heavy:], [pivot - heavy for pivot in pivots[beyond:]]
        kept, merged = _merged(space, weights)
        if len(kept) == len(weights):
            return space, weights, pivots
        space, weights = space[:, kept], merged


def _merged(space: Integers, weights: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
    """Which columns to keep, one of each proportional set and none that is zero, with the weight of the sets."""
    together: dict[tuple[int, ...], int] = {}
    kept: list[int] = []
    merged: list[int] = []
    if len(space):
        directions = primitive(space.T).tolist()
        for index, direction in enumerate(map(tuple, directions)):
            if not any(direction):
                continue
            if direction not in together:
                together[direction] = len(kept)
                kept.append(index)
                merged.append(0)
            merged[together[direction]] += int(weights[index])
    return kept, np.array(merged, dtype=np.int64)


def _two_pivots_weigh(space: Integers, weights: NDArray[np.int64], pivots: list[int]) -> int:
    """The least weight of two pivots whose rows are proportional in all other columns; a large one if there are none.

    Rows that are zero in all of them weigh their pivot alone, and were found before.
    """
    others = np.ones(space.shape[1], dtype=np.bool_)
    others[pivots] = False
    seen: dict[tuple[int, ...], int] = {}
    least = int(weights.sum()) + 1
    for pivot, direction in zip(pivots, map(tuple, primitive(space[:, others]).tolist()), strict=True):
        weight = int(weights[pivot])
        if direction in seen:
            least = min(least, seen[direction] + weight)
        seen[direction] = min(weight, seen.get(direction, weight))
    return least


def _packed_bases(space: Integers, weights: NDArray[np.int64], pivots: list[int], wanted: int) -> int:
    """How many bases of the columns a greedy packing finds, each column in at most as many as its weight."""
    capacity = weights.copy()
    packed, basis = 0, pivots
    while len(basis) == len(pivots):
        packed += 1
        if packed == wanted:
            break
        capacity[basis] -= 1
        free = np.flatnonzero(capacity > 0)
        free = free[np.argsort(-capacity[free], kind="stable")]
        basis = [int(free[pivot]) for pivot in echelon(space[:, free])[1]]
    return packed
