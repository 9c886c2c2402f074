import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import Figure, critical_value
from privacy.estimate.ratios import WEAK_DENOMINATOR, Ratio, ratio, share
from privacy.estimate.reasons import Reason
from tests.privacy.estimate.strategies import figures, strong_figures

Z = critical_value(0.95)
CORRELATIONS = st.floats(-1, 1)


def covariance_of(a: Figure, b: Figure, correlation: float) -> float:
    return correlation * a.standard_error * b.standard_error


def is_sound(result: Ratio) -> bool:
    """Everything present is finite, everything absent has a reason."""
    numbers = [result.value, result.standard_error, *(result.interval or ())]
    finite = all(math.isfinite(number) for number in numbers if number is not None)
    missing = result.value is None or result.interval is None
    together = (result.value is None) is (result.standard_error is None)
    return finite and together and (result.reason is not None) is missing


def test_the_delta_method_by_hand() -> None:
    result = ratio(Figure(300, 9), Figure(200, 4), 3)
    # (9 - 2*1.5*3 + 1.5²*4) / 200² = 9/40000
    assert result.value == 1.5
    assert result.standard_error == pytest.approx(3 / 200)
    assert result.interval == pytest.approx((1.5 - Z * 0.015, 1.5 + Z * 0.015))
    assert result.reason is None


@given(strong_figures(), strong_figures())
def test_relative_variances_add_where_noises_are_independent(n: Figure, d: Figure) -> None:
    result = ratio(n, d)
    assert result.value is not None
    assert result.standard_error is not None
    errors = [figure.standard_error / figure.value for figure in (n, d)]
    assert result.standard_error / result.value == pytest.approx(math.hypot(*errors))


@given(strong_figures(), strong_figures(), CORRELATIONS, st.sampled_from([1e-3, 0.5, 8, 100, 1e6]))
def test_a_change_of_unit_scales_the_ratio(n: Figure, d: Figure, correlation: float, k: float) -> None:
    covariance = covariance_of(n, d, correlation)
    plain = ratio(n, d, covariance)
    times = ratio(Figure(k * n.value, k * k * n.variance), d, k * covariance)
    per = ratio(n, Figure(k * d.value, k * k * d.variance), k * covariance)
    assert plain.value is not None
    assert plain.standard_error is not None
    assert plain.interval is not None
    assert times.interval is not None
    assert per.interval is not None
    # Where numerator and denominator nearly cancel, the error is a difference of large terms.
    slack = 1e-6 * k * plain.value
    low, high = plain.interval
    assert times.value == pytest.approx(k * plain.value)
    assert times.standard_error == pytest.approx(k * plain.standard_error, abs=slack)
    assert times.interval == pytest.approx((k * low, k * high), abs=slack)
    slack = 1e-6 / k * plain.value
    assert per.value == pytest.approx(plain.value / k)
    assert per.standard_error == pytest.approx(plain.standard_error / k, abs=slack)
    assert per.interval == pytest.approx((low / k, high / k), abs=slack)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(1, 1e6))
def test_a_denominator_without_noise_only_scales(value: float, variance: float, d: float) -> None:
    assume(variance == 0 or variance > 1e-200)
    result = ratio(Figure(value, variance), Figure(d, 0))
    assert result.value == value / d
    assert result.standard_error == pytest.approx(math.sqrt(variance) / d)


@given(
    st.floats(-20, 20),  # the numerator, in its own standard errors
    st.floats(2.1, 19.0),  # the denominator, in its own: weak, though told apart from zero
    st.floats(-0.99, 0.99),
    st.floats(0.01, 100),
)
def test_fiellers_ends_solve_fiellers_equation(n_in_se: float, d_in_se: float, correlation: float, se: float) -> None:
    n, d = Figure(n_in_se * se, se * se), Figure(d_in_se * 3, 9)
    covariance = covariance_of(n, d, correlation)
    result = ratio(n, d, covariance)
    assert Z * Z * d.variance / d.value**2 > WEAK_DENOMINATOR
    assert result.interval is not None
    assert result.value is not None
    assert result.interval[0] <= result.value <= result.interval[1]
    for rho in result.interval:
        distance = (n.value - rho * d.value) ** 2
        assert distance == pytest.approx(Z * Z * (n.variance - 2 * rho * covariance + rho * rho * d.variance), rel=1e-6)


def test_an_exact_numerator_inverts_the_denominators_interval() -> None:
    d = Figure(600, 100**2)
    low, high = 600 - Z * 100, 600 + Z * 100
    assert ratio(Figure(1200, 0), d).interval == pytest.approx((1200 / high, 1200 / low))


def test_where_the_two_intervals_meet_they_differ_by_a_tenth_of_the_half_width() -> None:
    d = 1000.0
    line = WEAK_DENOMINATOR * d * d / Z**2
    delta = ratio(Figure(5000, 0), Figure(d, line * 0.9999))
    fieller = ratio(Figure(5000, 0), Figure(d, line * 1.0001))
    assert delta.interval is not None
    assert fieller.interval is not None
    half = (delta.interval[1] - delta.interval[0]) / 2
    shifts = [(after - before) / half for before, after in zip(delta.interval, fieller.interval, strict=True)]
    assert all(0.08 < shift < 0.12 for shift in shifts)  # both ends move up: the skew


def test_a_denominator_that_could_be_zero_has_no_interval() -> None:
    # Almost exact as a number (numerator and denominator share their noise), and still not to be relied on.
    result = ratio(Figure(100, 60**2), Figure(100, 60**2), 60**2)
    assert result.value == 1
    assert result.standard_error == 0
    assert result.interval is None
    assert result.reason == "INTERVAL_UNBOUNDED"


def test_confidence_decides_when_the_denominator_could_be_zero() -> None:
    n, d = Figure(100, 1), Figure(100, 45**2)
    assert ratio(n, d, confidence=0.95).interval is not None
    assert ratio(n, d, confidence=0.99).interval is None


def test_nothing_out_of_something() -> None:
    noisy = ratio(Figure(0, 4), Figure(10, 0))
    assert (noisy.value, noisy.standard_error) == (0, 0.2)
    assert ratio(Figure(0, 0), Figure(10, 0)) == Ratio(0.0, 0.0, (0.0, 0.0))


@pytest.mark.parametrize("d", [0.0, -0.0, -1e-300, -5.0, -1e18])
def test_a_denominator_that_is_not_positive_has_a_defined_result(d: float) -> None:
    result = ratio(Figure(5, 1), Figure(d, 1))
    assert result == Ratio(None, None, None, reason=Reason.DENOMINATOR_NOT_POSITIVE)
    assert result.reason == "DENOMINATOR_NOT_POSITIVE"


@given(figures(), figures(), CORRELATIONS)
@example(Figure(1e20, 1e30), Figure(5e-324, 0), 0)
@example(Figure(1e20, 1e30), Figure(5e-324, 1e30), 1)
@example(Figure(0, 0), Figure(5e-324, 1), 0)
def test_never_an_exception_nor_anything_that_is_not_finite(n: Figure, d: Figure, correlation: float) -> None:
    assert is_sound(ratio(n, d, covariance_of(n, d, correlation)))
    assert is_sound(share(n, d))


def test_beyond_the_range_of_a_float_there_is_no_value() -> None:
    assert ratio(Figure(1e300, 1), Figure(1e-300, 0)).reason is Reason.OUT_OF_RANGE


@pytest.mark.parametrize("covariance", [6.01, -6.01, math.nan, math.inf])
def test_covariances_that_cannot_be_are_refused(covariance: float) -> None:
    with pytest.raises(InvalidFigureError, match="covariance"):
        ratio(Figure(10, 4), Figure(10, 9), covariance)


def test_the_largest_covariance_is_allowed() -> None:
    assert ratio(Figure(20, 4), Figure(30, 9), 6).standard_error == pytest.approx(0, abs=1e-9)
    assert is_sound(ratio(Figure(20, 0.1), Figure(30, 0.1), 0.1))  # sqrt(0.1)² lies a hair below 0.1


@pytest.mark.parametrize("confidence", [0.0, 1.0, math.nan])
def test_impossible_confidences_are_refused(confidence: float) -> None:
    with pytest.raises(InvalidFigureError, match="confidence"):
        ratio(Figure(1, 1), Figure(-1, 1), confidence=confidence)


@given(strong_figures(), strong_figures())
def test_a_share_and_its_complement_have_the_same_error_and_mirrored_intervals(part: Figure, rest: Figure) -> None:
    one, other = share(part, rest), share(rest, part)
    assert one.value is not None
    assert one.standard_error is not None
    assert one.interval is not None
    assert other.interval is not None
    assert other.value == pytest.approx(1 - one.value, abs=1e-9)
    # Without a covariance: ((1-q)² Var(part) + q² Var(rest)) / whole². By the general formula the terms
    # cancel where a share is close to 1, and leave the square root of a float's precision.
    whole, q = part.value + rest.value, one.value
    by_hand = math.hypot((1 - q) * part.standard_error, q * rest.standard_error) / whole
    assert one.standard_error == pytest.approx(by_hand, rel=1e-5, abs=1e-8)
    assert other.standard_error == pytest.approx(by_hand, rel=1e-5, abs=1e-8)
    assert other.interval == pytest.approx((1 - one.interval[1], 1 - one.interval[0]), rel=1e-5, abs=1e-7)


def test_a_share_of_a_whole_with_nothing_else_is_exactly_one() -> None:
    assert share(Figure(50, 1), Figure(0, 0)) == Ratio(1.0, 0.0, (1.0, 1.0))
