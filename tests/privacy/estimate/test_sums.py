import math
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.estimate.errors import InvalidVectorError, SumOverflowError
from privacy.estimate.figure import Figure
from privacy.estimate.sums import Vector, sum_of, total
from tests.privacy.estimate.strategies import INT64, cohorts, vectors

LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def vector(values: list[int], variances: list[float] | None = None) -> Vector:
    return Vector(np.array(values, np.int64), np.array(variances or [1.0] * len(values), np.float64))


@given(cohorts(INT64))
def test_sums_equal_exact_integer_sums_or_are_refused(cohort: list[Vector]) -> None:
    exact = [sum(column) for column in zip(*(v.values.tolist() for v in cohort), strict=True)]
    if all(SMALLEST <= value <= LARGEST for value in exact):
        assert sum_of(cohort).values.tolist() == exact
    else:
        with pytest.raises(SumOverflowError):
            sum_of(cohort)


@given(cohorts())
def test_variances_add_and_are_rounded_once(cohort: list[Vector]) -> None:
    for cell, variance in enumerate(sum_of(cohort).variances):
        assert variance == float(sum(Fraction(float(v.variances[cell])) for v in cohort))


@given(cohorts(), st.randoms())
def test_the_order_of_the_members_does_not_matter(cohort: list[Vector], random: Random) -> None:
    shuffled = random.sample(cohort, len(cohort))
    one, other = sum_of(cohort), sum_of(shuffled)
    assert one.values.tobytes() == other.values.tobytes()
    assert one.variances.tobytes() == other.variances.tobytes()


@given(cohorts(), st.data())
def test_a_vector_without_noise_moves_values_and_leaves_variances(cohort: list[Vector], data: st.DataObject) -> None:
    extra = data.draw(vectors(len(cohort[0].values)))
    quiet = Vector(extra.values, np.zeros(len(extra.values)))
    before, after = sum_of(cohort), sum_of([*cohort, quiet])
    assert (after.values - before.values).tolist() == extra.values.tolist()
    assert after.variances.tolist() == before.variances.tolist()


@given(cohorts(), st.integers(1, 4))
def test_the_same_cohort_twice_or_more_scales_the_values(cohort: list[Vector], times: int) -> None:
    assert (sum_of(cohort * times).values == times * sum_of(cohort).values).all()


@pytest.mark.parametrize("beyond", [[LARGEST, 1], [SMALLEST, -1], [LARGEST] * 3, [SMALLEST] * 2])
def test_overflow_is_refused_and_names_the_cell(beyond: list[int]) -> None:
    with pytest.raises(SumOverflowError, match="cell 1 ") as refused:
        sum_of([vector([0, value]) for value in beyond])
    assert refused.value.reason == "SUM_OVERFLOW"


def test_what_overflows_only_on_the_way_is_summed() -> None:
    members = [vector([LARGEST]), vector([LARGEST]), vector([SMALLEST]), vector([-LARGEST + 5])]
    assert sum_of(members).values.tolist() == [4]


def test_the_ends_of_the_range_are_inside() -> None:
    assert sum_of([vector([LARGEST - 1, SMALLEST + 1]), vector([1, -1])]).values.tolist() == [
        LARGEST,
        SMALLEST,
    ]


def test_no_members_and_different_layouts_are_refused() -> None:
    with pytest.raises(InvalidVectorError, match="at least one"):
        sum_of([])
    with pytest.raises(InvalidVectorError, match="different lengths"):
        sum_of([vector([1, 2]), vector([1])])


def test_variances_beyond_any_float_are_refused() -> None:
    loud = vector([1, 1], [1e308, 1e308])
    with pytest.raises(InvalidVectorError, match="variances"):
        sum_of([loud, loud])
    with pytest.raises(InvalidVectorError, match="variances"):
        total(loud, [0, 1])


@pytest.mark.parametrize(
    ("values", "variances"),
    [
        (np.array([1.0]), np.array([1.0])),  # a float never becomes a count in silence
        (np.array([1], np.int32), np.array([1.0])),
        (np.array([1]), np.array([1])),
        (np.array([1, 2]), np.array([1.0])),
        (np.array([[1]]), np.array([[1.0]])),
        (np.array(1), np.array(1.0)),
        (np.array([1]), np.array([-1.0])),
        (np.array([1]), np.array([math.nan])),
        (np.array([1]), np.array([math.inf])),
    ],
)
def test_impossible_vectors_are_refused(values: NDArray[np.int64], variances: NDArray[np.float64]) -> None:
    with pytest.raises(InvalidVectorError):
        Vector(values, variances)


def test_a_vector_is_a_value() -> None:
    values = np.array([1, 2])
    kept = Vector(values, np.ones(2))
    values[0] = 9
    assert kept.values.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        kept.values[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        kept.variances[0] = 9


@given(st.integers(1, 6).flatmap(lambda cells: vectors(cells, INT64)), st.data())
def test_a_total_is_the_exact_sum_of_its_cells(pooled: Vector, data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.integers(0, len(pooled.values) - 1), min_size=1, unique=True))
    figure = total(pooled, cells)
    assert figure.value == float(sum(int(pooled.values[cell]) for cell in cells))
    assert figure.variance == float(sum(Fraction(float(pooled.variances[cell])) for cell in cells))
    assert total(pooled, np.array(cells)) == total(pooled, cells[::-1]) == figure


def test_a_total_beyond_int64_is_still_right() -> None:
    assert total(vector([LARGEST, LARGEST]), [0, 1]) == Figure(2.0**64, 2)


@pytest.mark.parametrize("indices", [[], [0, 0], [-1], [3], [2**64], [0.0, 1.0], [True, False, True], [[0, 1]]])
def test_impossible_cells_of_a_total_are_refused(indices: list[int]) -> None:
    with pytest.raises(InvalidVectorError):
        total(vector([1, 2, 3]), indices)
