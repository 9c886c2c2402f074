"""Elimination against rational arithmetic by hand."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.estimate.exact import echelon, left_null_space, primitive


@st.composite
def matrices(draw: st.DrawFn, largest: int = 4) -> NDArray[np.int64]:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    numbers = st.lists(st.integers(-largest, largest), min_size=columns, max_size=columns)
    return np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)), dtype=np.int64)


def rank_by_fractions(matrix: NDArray[np.int64]) -> int:
    rows = [[Fraction(value) for value in row] for row in matrix.tolist()]
    rank = 0
    for column in range(matrix.shape[1]):
        pivot = next((row for row in rows[rank:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(rank, pivot)
        for index, row in enumerate(rows):
            if index != rank:
                factor = row[column] / pivot[column]
                rows[index] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        rank += 1
    return rank


@given(matrices())
def test_the_echelon_form_spans_the_same_rows(matrix: NDArray[np.int64]) -> None:
    rows, pivots = echelon(matrix)
    assert len(rows) == len(pivots) == rank_by_fractions(matrix)
    assert rank_by_fractions(np.vstack([matrix, rows.astype(np.int64)])) == len(pivots)
    for row, pivot in enumerate(pivots):
        assert [bool(value) for value in rows[:, pivot]] == [index == row for index in range(len(rows))]


@given(st.data())
def test_numbers_beyond_64_bits_stay_exact(data: st.DataObject) -> None:
    matrix = data.draw(matrices(10**12))
    assert len(echelon(matrix)[1]) == rank_by_fractions(matrix)


def test_products_that_would_overflow() -> None:
    large = 2**62 - 57
    matrix = np.array([[large, large - 1, 1], [large - 2, large - 3, 1], [2, 2, 0]], dtype=np.int64)
    assert rank_by_fractions(matrix) == 2
    assert len(echelon(matrix)[1]) == 2


@given(matrices())
def test_the_left_null_space_is_all_of_it(matrix: NDArray[np.int64]) -> None:
    relations = left_null_space(matrix)
    assert relations.shape == (len(matrix) - rank_by_fractions(matrix), len(matrix))
    assert not (relations @ matrix).any()
    assert len(echelon(relations)[1]) == len(relations)


def test_pivots_are_tried_in_the_order_asked_for() -> None:
    matrix = np.array([[1, 1, 0], [0, 1, 1]], dtype=np.int64)
    assert echelon(matrix, [2, 0, 1])[1] == [2, 0]


def test_primitive_rows() -> None:
    matrix = np.array([[0, -4, 6], [3, 0, 0], [0, 0, 0]], dtype=np.int64)
    assert primitive(matrix).tolist() == [[0, 2, -3], [1, 0, 0], [0, 0, 0]]
