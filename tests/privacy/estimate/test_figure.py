import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import (
    UNRELIABLE_RELATIVE_ERROR,
    Figure,
    critical_value,
    exceeds_reliable_error,
    independent_sum,
)
from tests.privacy.estimate.strategies import figures


def test_errors_and_interval_of_a_figure() -> None:
    figure = Figure(200, 400)
    assert figure.standard_error == 20
    assert figure.relative_error == 0.1
    assert figure.interval() == pytest.approx((200 - 39.19928, 200 + 39.19928))
    assert figure.interval(0.5) == pytest.approx((200 - 13.4898, 200 + 13.4898))


def test_the_sign_of_the_value_does_not_matter_to_the_relative_error() -> None:
    assert Figure(-200, 400).relative_error == 0.1


@pytest.mark.parametrize(
    ("value", "variance", "relative", "unreliable"),
    [
        (0, 0, 0.0, False),  # exact
        (7, 0, 0.0, False),
        (0, 1, None, True),
        (5e-324, 1e300, None, True),  # the quotient would be infinite
        (100, 25.0**2, 0.25, False),  # on the line: does not exceed it
        (100, 25.001**2, 0.25001, True),
        (-100, 25.001**2, 0.25001, True),
        (-100, 20.0**2, 0.2, False),
    ],
)
def test_relative_error_at_the_edges(value: float, variance: float, relative: float | None, unreliable: bool) -> None:
    figure = Figure(value, variance)
    assert figure.relative_error == (relative if relative is None else pytest.approx(relative))
    assert figure.unreliable is unreliable


def test_the_line_for_unreliable_is_a_quarter() -> None:
    assert UNRELIABLE_RELATIVE_ERROR == 0.25
    assert exceeds_reliable_error(1.0, math.nextafter(0.25, 1))


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
        Figure(1, 1).interval(confidence)


@pytest.mark.parametrize("confidence", [math.nextafter(0, 1), math.nextafter(1, 0)])
def test_the_largest_and_smallest_confidence_have_an_interval(confidence: float) -> None:
    low, high = Figure(1, 1).interval(confidence)
    assert -20 < low <= 1 <= high < 20


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
