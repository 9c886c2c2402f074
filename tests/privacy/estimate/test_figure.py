import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import Figure, critical_value, independent_sum
from tests.privacy.estimate.strategies import figures


def test_the_standard_error_is_the_root_of_the_variance() -> None:
    assert Figure(-200, 400).standard_error == 20


@pytest.mark.parametrize(
    ("value", "variance"),
    [(math.nan, 1), (math.inf, 1), (1, math.nan), (1, math.inf), (1, -1e-9), (1, -math.inf)],
)
def test_impossible_figures_are_refused(value: float, variance: float) -> None:
    with pytest.raises(InvalidFigureError):
        Figure(value, variance)


def test_numpy_scalars_become_plain_floats() -> None:
    figure = Figure(np.float64(2.5), np.float64(4))
    assert type(figure.value) is float
    assert type(figure.variance) is float


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999999])
def test_critical_values_agree_with_scipy(confidence: float) -> None:
    assert critical_value(confidence) == pytest.approx(stats.norm.isf((1 - confidence) / 2), abs=1e-11)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 1.5, math.nan])
def test_impossible_confidences_are_refused(confidence: float) -> None:
    with pytest.raises(InvalidFigureError):
        critical_value(confidence)


@pytest.mark.parametrize("confidence", [math.nextafter(0, 1), math.nextafter(1, 0)])
def test_the_largest_and_smallest_confidence_have_a_critical_value(confidence: float) -> None:
    assert 0 <= critical_value(confidence) < 20


@given(st.permutations([Figure(0.1, 1e-9), Figure(1e17, 3e20), Figure(-1e17, 0.3), Figure(7, 0)]))
def test_independent_sums_do_not_depend_on_the_order(parts: list[Figure]) -> None:
    assert independent_sum(*parts) == Figure(7.1, 3e20)


@given(figures(), figures())
def test_independent_sums_add_values_and_variances(a: Figure, b: Figure) -> None:
    assert independent_sum(a, b) == Figure(a.value + b.value, a.variance + b.variance)


def test_a_sum_beyond_any_float_is_refused() -> None:
    largest = sys.float_info.max
    with pytest.raises(InvalidFigureError):
        independent_sum(Figure(largest, 0), Figure(largest, 0))
    with pytest.raises(InvalidFigureError):
        independent_sum(Figure(0, largest), Figure(0, largest))
