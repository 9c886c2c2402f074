import math
from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate.errors import UnpublishableError
from privacy.estimate.rounding import MOST_DECIMALS, published

FINITE = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.integers(0, MOST_DECIMALS)


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0.125, 2, "0.12"),
        (0.375, 2, "0.38"),
        (0.5, 0, "0"),
        (1.5, 0, "2"),
        (2.5, 0, "2"),
        (2.675, 2, "2.68"),  # the float is 2.67499999999999982236431605997495353221893310546875
        (-2.5, 0, "-2"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (-0.006, 2, "-0.01"),
        (1e22, 1, "10000000000000000000000.0"),
        (1e-7, 3, "0.000"),
        (5e-324, 12, "0.000000000000"),
        (1234567.891, 0, "1234568"),
    ],
)
def test_the_rule(value: float, decimals: int, written: str) -> None:
    assert published(value, decimals) == written


@given(FINITE, DECIMALS)
def test_half_even_of_the_shortest_decimal(value: float, decimals: int) -> None:
    scaled = Fraction(repr(value)) * 10**decimals
    assert Fraction(published(value, decimals)) * 10**decimals == round(scaled)  # Fraction rounds half to even


@given(FINITE, DECIMALS)
def test_the_form_is_fixed(value: float, decimals: int) -> None:
    whole, point, rest = published(value, decimals).partition(".")
    assert len(rest) == decimals
    assert bool(point) is (decimals > 0)
    assert whole.removeprefix("-").isdigit()
    assert not (whole.startswith("-") and not any(digit in "123456789" for digit in whole + rest))


@given(FINITE, DECIMALS)
def test_publishing_what_was_published_changes_nothing(value: float, decimals: int) -> None:
    # Up to 2**53 / 10**12 a decimal with 12 places survives the way through a float.
    if abs(value) < 9000:
        assert published(float(published(value, decimals)), decimals) == published(value, decimals)


def test_the_callers_decimal_context_does_not_matter() -> None:
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        assert published(123456.781, 2) == "123456.78"
        assert +Decimal("1.0001") == Decimal("1.01")  # the context did hold


def test_the_largest_float_is_written_out() -> None:
    assert len(published(1.7976931348623157e308, MOST_DECIMALS)) == 309 + 1 + MOST_DECIMALS


def test_numpy_floats_are_floats() -> None:
    assert published(np.float64(2.675), 2) == "2.68"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(UnpublishableError):
        published(value, 2)


@pytest.mark.parametrize("decimals", [-1, MOST_DECIMALS + 1])
def test_other_numbers_of_decimals_are_refused(decimals: int) -> None:
    with pytest.raises(UnpublishableError):
        published(1.0, decimals)
