"""Scales and costs of discrete Laplace noise: exact, in agreement with OpenDP's own map, and no noise is wasted."""

from fractions import Fraction
from math import exp
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_laplace
from opendp.metrics import l1_distance
from opendp.mod import enable_features

from privacy.budget.amounts import Epsilon
from privacy.mechanisms.calibration import LARGEST_SCALE, SMALLEST_SCALE, BadMechanism
from privacy.mechanisms.laplace import DiscreteLaplace, laplace_for

MICRO = Fraction(1, 10**6)

sensitivities = st.integers(min_value=1, max_value=10**9)
epsilons = st.builds(Epsilon, st.integers(min_value=1, max_value=10 * 10**6))
scales = st.floats(min_value=float(SMALLEST_SCALE), max_value=float(LARGEST_SCALE)).map(Fraction)


@given(scales, sensitivities)
def test_the_cost_is_the_formula_rounded_up(scale: Fraction, l1: int) -> None:
    assert 0 <= DiscreteLaplace(scale).cost(l1).micro * MICRO - l1 / scale < MICRO


@pytest.mark.parametrize(
    ("scale", "l1", "cost"),
    [(10, 1, "0.1"), (3, 1, "0.333334"), (Fraction(1, 2), 1, "2"), (2**53, 1, "0.000001"), (10, 0, "0")],
)
def test_known_costs(scale: int, l1: int, cost: str) -> None:
    assert DiscreteLaplace(Fraction(scale)).cost(l1) == Epsilon.parse(cost)


@given(scales, st.integers(min_value=0, max_value=10**9))
@example(Fraction(10), 1)
def test_never_costs_less_than_opendp_says(scale: Fraction, l1: int) -> None:
    """OpenDP's map rounds up in floats: by less than one part in 10¹⁴."""
    enable_features("contrib")
    theirs: Any = make_laplace(vector_domain(atom_domain(T="i64")), l1_distance(T="i64"), scale=float(scale))
    map_of_theirs = Fraction(theirs.map(l1))
    assert DiscreteLaplace(scale).cost(l1).micro * MICRO >= map_of_theirs * (1 - Fraction(1, 10**14))
    exact = l1 / scale
    assert exact * (1 - Fraction(1, 10**14)) <= map_of_theirs <= exact * (1 + Fraction(1, 10**14)) + Fraction(5e-324)


@given(sensitivities, epsilons)
@example(1, Epsilon(100_000))
@example(1, Epsilon(999_999))
@example(10**9, Epsilon(1))
def test_calibrated_noise_is_paid_for_and_none_is_wasted(l1: int, epsilon: Epsilon) -> None:
    mechanism = laplace_for(l1, epsilon)
    assert mechanism.cost(l1) <= epsilon
    if mechanism.scale > SMALLEST_SCALE:
        smaller = mechanism.scale * (1 - Fraction(1, 2**20))  # a step of the grid, at its widest
        assert l1 / smaller > epsilon.micro * MICRO


@given(sensitivities, epsilons)
def test_a_calibrated_scale_is_a_binary_fraction_of_few_bits(l1: int, epsilon: Epsilon) -> None:
    scale = laplace_for(l1, epsilon).scale
    assert scale.denominator & (scale.denominator - 1) == 0
    assert (scale.numerator // (scale.numerator & -scale.numerator)).bit_length() <= 21
    assert Fraction(float(scale)) == scale


@given(sensitivities, sensitivities, epsilons, epsilons)
def test_more_sensitivity_or_less_budget_never_gets_less_noise(
    one: int, other: int, epsilon: Epsilon, epsilon_of_other: Epsilon
) -> None:
    (small, large), (little, much) = sorted((one, other)), sorted((epsilon, epsilon_of_other))
    assert laplace_for(small, much).scale <= laplace_for(large, little).scale


@pytest.mark.parametrize(
    ("l1", "epsilon", "scale"),
    [(1, "0.1", 10), (1, "1", 1), (1, "2", Fraction(1, 2)), (1, "0.000001", 10**6), (2**40, "1", 2**40)],
)
def test_exact_scales_are_found_exactly(l1: int, epsilon: str, scale: int) -> None:
    assert laplace_for(l1, Epsilon.parse(epsilon)).scale == scale


def test_just_below_a_power_of_two_is_that_power() -> None:
    """Where the float that only says the magnitude has rounded up to the next one already."""
    epsilon = Epsilon(2**60 + 1)
    l1 = 2**80 // 10**6
    least = Fraction(l1 * 10**6, epsilon.micro)
    assert least < 2**20 == float(least)
    assert laplace_for(l1, epsilon).scale == 2**20


def test_what_no_customer_can_change_is_free() -> None:
    for epsilon in (Epsilon(0), Epsilon(1), Epsilon.parse("1")):
        mechanism = laplace_for(0, epsilon)
        assert mechanism.scale == SMALLEST_SCALE
        assert mechanism.cost(0) == Epsilon(0)


@pytest.mark.parametrize(("l1", "epsilon"), [(1, 0), (10**400, 1), (2**53, 1), (2**54, 10**6)])
def test_noise_without_end_is_refused(l1: int, epsilon: int) -> None:
    with pytest.raises(BadMechanism) as refusal:
        laplace_for(l1, Epsilon(epsilon))
    assert refusal.value.reason == "BAD_MECHANISM"


def test_a_vast_epsilon_still_gets_the_smallest_scale() -> None:
    mechanism = laplace_for(1, Epsilon(10**400))
    assert mechanism.scale == SMALLEST_SCALE


@pytest.mark.parametrize("l1", [-1, 1.0, True, "1", None, Fraction(1), float("nan")])
def test_a_sensitivity_is_a_whole_number(l1: Any) -> None:
    with pytest.raises(BadMechanism):
        laplace_for(l1, Epsilon(1))
    with pytest.raises(BadMechanism):
        DiscreteLaplace(Fraction(10)).cost(l1)


@pytest.mark.parametrize(
    "scale",
    [
        *(Fraction(0), Fraction(-1), Fraction(1, 3), SMALLEST_SCALE / 2, LARGEST_SCALE + 2, Fraction(10**400)),
        *(10, 10.0, float("inf"), float("nan"), True, "10", None),
    ],
    ids=lambda scale: repr(scale)[:30],
)
def test_a_scale_is_a_binary64_number_written_exactly(scale: Any) -> None:
    with pytest.raises(BadMechanism):
        DiscreteLaplace(scale)


def test_a_ledger_writes_the_scale_exactly() -> None:
    assert DiscreteLaplace.name == "discrete_laplace"
    assert DiscreteLaplace(Fraction("10.5")).parameters() == {"scale": "21/2"}


@pytest.mark.parametrize("scale", [Fraction(1, 2**10), Fraction(1, 2), Fraction(1), Fraction(5, 2), Fraction(10)])
def test_the_variance_is_that_of_the_distribution(scale: Fraction) -> None:
    weights = {x: exp(-abs(x) / float(scale)) for x in range(-1000, 1001)}
    true = sum(x * x * weight for x, weight in weights.items()) / sum(weights.values())
    assert DiscreteLaplace(scale).variance == pytest.approx(true, rel=1e-12)


def test_the_variance_of_vast_noise_is_twice_the_square() -> None:
    assert DiscreteLaplace(LARGEST_SCALE).variance == pytest.approx(2.0**107, rel=1e-12)
