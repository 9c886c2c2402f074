"""Exact linear algebra on integer matrices: what can be computed from what, without a rounding error or a chance.

Elimination is fraction-free: rows stay integers and are divided by what their numbers have in common. Numbers are
64-bit as long as no product can leave that range, and Python's integers from there on. Membership matrices are
close to totally unimodular, so that is rare.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[Any]
"""A matrix of int64, or of Python integers (dtype object)."""

_SAFE = 2**62
_SMALL = 2**20  # rows whose numbers are below this are not reduced: it would cost more than it gains


def echelon(matrix: Integers, order: Sequence[int] | NDArray[np.intp] | None = None) -> tuple[Integers, list[int]]:
    """The reduced row echelon form, up to the scale of each row, with the pivot column of each row.

    matrix: shape (rows, columns). order: the columns in the order in which they are tried as pivots, by default from
    the left; every column, once. The answer has the rows of the row space's basis, shape (rank, columns): row i is
    the only one that is not zero in column pivots[i], and pivots stand in the order in which they were tried.
    """
    work = matrix.astype(object if matrix.dtype == object else np.int64)  # a copy
    pivots: list[int] = []
    for column in range(work.shape[1]) if order is None else order:
        rank = len(pivots)
        if rank == len(work):
            break
        below = np.flatnonzero(work[rank:, column])
        if len(below):
            _swap(work, rank, rank + int(below[np.argmin(np.abs(work[rank:, column][below]))]))
            work = _cleared(work, rank, int(column))
            pivots.append(int(column))
    return work[: len(pivots)], pivots


def left_null_space(matrix: Integers) -> Integers:
    """A basis of all integer combinations of rows that give zero, shape (rows - rank, rows)."""
    rows, columns = matrix.shape
    reduced, pivots = echelon(np.hstack([matrix.astype(np.int64), np.eye(rows, dtype=np.int64)]))
    rank = sum(pivot < columns for pivot in pivots)
    return reduced[rank:, columns:]


def primitive(matrix: Integers) -> Integers:
    """Every row divided by what its numbers have in common, its first number that is not zero made positive."""
    common = np.gcd.reduce(matrix, axis=1)
    common = np.where(common == 0, 1, common)
    first = (matrix != 0).argmax(axis=1)
    signs = np.where(matrix[np.arange(len(matrix)), first] < 0, -1, 1)
    return np.asarray(matrix // (common * signs)[:, None])


def _swap(work: Integers, one: int, other: int) -> None:
    if one != other:
        work[[one, other]] = work[[other, one]]


def _cleared(work: Integers, pivot_row: int, column: int) -> Integers:
    """Makes the column zero in all rows but the pivot's."""
    factors = work[:, column].copy()
    factors[pivot_row] = 0
    rows = np.flatnonzero(factors)
    if not len(rows):
        return work
    pivot = work[pivot_row, column]
    if work.dtype != object and _largest(work[rows]) * abs(int(pivot)) + _largest(factors) * _largest(
        work[pivot_row]
    ) >= (_SAFE):
        work, factors, pivot = work.astype(object), factors.astype(object), int(pivot)
    changed = work[rows] * pivot - factors[rows, None] * work[pivot_row]
    work[rows] = primitive(changed) if _largest(changed) > _SMALL else changed
    return work


def _largest(values: Integers) -> int:
    return max(abs(int(values.max())), abs(int(values.min())))
