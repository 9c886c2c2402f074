"""Scales and costs are exact, agree with OpenDP's own map, and no noise is wasted."""

from fractions import Fraction
from math import exp
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import enable_features

from privacy.budget.amounts import Rho
from privacy.mechanisms.calibration import (
    LARGEST_SCALE,
    SMALLEST_SCALE,
    BadMechanism,
    DiscreteGaussian,
    calibrate,
    parse_scale,
)

MICRO = Fraction(1, 10**6)

# From one customer in one cell up to revenue bounds of 10 million kroner, squared in øre.
squared_sensitivities = st.integers(min_value=1, max_value=10**18)
rhos = st.builds(Rho, st.integers(min_value=1, max_value=10 * 10**6))
scales = st.floats(min_value=float(SMALLEST_SCALE), max_value=float(LARGEST_SCALE)).map(Fraction)


def exact_cost(scale: Fraction, squared_sensitivity: int) -> Fraction:
    return Fraction(squared_sensitivity) / (2 * scale**2)


@given(scales, squared_sensitivities)
def test_the_cost_is_the_formula_rounded_up(scale: Fraction, squared_sensitivity: int) -> None:
    cost = DiscreteGaussian(scale).cost(squared_sensitivity).micro * MICRO
    assert 0 <= cost - exact_cost(scale, squared_sensitivity) < MICRO


@pytest.mark.parametrize(
    ("scale", "squared_sensitivity", "cost"),
    [
        (Fraction(41), 1, "0.000298"),  # 1/3362 = 0.00029744...
        (Fraction(41), 2, "0.000595"),
        (Fraction(5, 2), 1, "0.08"),  # exact: nothing to round
        (Fraction(1), 2, "1"),
        (Fraction(1, 2), 1, "2"),
        (Fraction(2**53), 1, "0.000001"),
        (Fraction(41), 0, "0"),
    ],
)
def test_known_costs(scale: Fraction, squared_sensitivity: int, cost: str) -> None:
    assert DiscreteGaussian(scale).cost(squared_sensitivity) == Rho.parse(cost)


@given(scales, st.integers(min_value=0, max_value=10**9))
@example(Fraction(41), 1)
@example(Fraction(83, 2), 1_000_000)
def test_never_costs_less_than_opendp_says(scale: Fraction, sensitivity: int) -> None:
    """OpenDP's map takes an integer d and rounds up in floats: by less than one part in 10¹⁴."""
    enable_features("contrib")
    space = vector_domain(atom_domain(T="i64")), l2_distance(T="i64")
    theirs: Any = make_gaussian(*space, scale=float(scale))
    map_of_theirs = Fraction(theirs.map(sensitivity))
    assert DiscreteGaussian(scale).cost(sensitivity**2).micro * MICRO >= map_of_theirs * (1 - Fraction(1, 10**14))
    exact = exact_cost(scale, sensitivity**2)
    assert exact * (1 - Fraction(1, 10**14)) <= map_of_theirs <= exact * (1 + Fraction(1, 10**14)) + Fraction(5e-324)


@given(squared_sensitivities, rhos)
@example(1, Rho(80_000))  # the exact root, 2.5, is on the grid
@example(1, Rho(500_000))  # so is 1
@example(10**18, Rho(1))
def test_calibrated_noise_is_paid_for_and_none_is_wasted(squared_sensitivity: int, rho: Rho) -> None:
    mechanism = calibrate(squared_sensitivity, rho)
    assert mechanism.cost(squared_sensitivity) <= rho
    if mechanism.scale > SMALLEST_SCALE:
        smaller = mechanism.scale * (1 - Fraction(2, 2**20))  # two steps of the grid, relative to the scale
        assert exact_cost(smaller, squared_sensitivity) > rho.micro * MICRO


@given(squared_sensitivities, rhos)
def test_a_calibrated_scale_is_a_binary_fraction_of_few_bits(squared_sensitivity: int, rho: Rho) -> None:
    scale = calibrate(squared_sensitivity, rho).scale
    assert scale.denominator & (scale.denominator - 1) == 0
    significant = scale.numerator // (scale.numerator & -scale.numerator)
    assert significant.bit_length() <= 21
    assert Fraction(float(scale)) == scale


@given(squared_sensitivities, squared_sensitivities, rhos)
def test_more_sensitivity_never_gets_less_noise(one: int, other: int, rho: Rho) -> None:
    small, large = sorted((one, other))
    assert calibrate(small, rho).scale <= calibrate(large, rho).scale


@pytest.mark.parametrize(
    ("squared_sensitivity", "rho", "scale"),
    [
        (1, "0.08", Fraction(5, 2)),
        (1, "0.5", Fraction(1)),
        (4, "0.5", Fraction(2)),
        (2, "0.000001", Fraction(1000)),
        (10**12, "0.02", Fraction(5 * 10**6)),
    ],
)
def test_exact_roots_are_found_exactly(squared_sensitivity: int, rho: str, scale: Fraction) -> None:
    # 5·10⁶ has 17 significant bits, the others fewer: all on the grid.
    assert calibrate(squared_sensitivity, Rho.parse(rho)).scale == scale


def test_what_no_customer_can_change_is_free() -> None:
    for rho in (Rho(0), Rho(1), Rho.parse("1")):
        mechanism = calibrate(0, rho)
        assert mechanism.scale == SMALLEST_SCALE
        assert mechanism.cost(0) == Rho(0)


@pytest.mark.parametrize(
    ("squared_sensitivity", "rho"), [(1, Rho(0)), (10**18, Rho(0)), (10**60, Rho(1)), (2**108, Rho(10**6))]
)
def test_noise_without_end_is_refused(squared_sensitivity: int, rho: Rho) -> None:
    with pytest.raises(BadMechanism) as refusal:
        calibrate(squared_sensitivity, rho)
    assert refusal.value.reason == "BAD_MECHANISM"


def test_a_vast_rho_still_gets_the_smallest_scale() -> None:
    mechanism = calibrate(1, Rho(10**30))
    assert mechanism.scale == SMALLEST_SCALE
    assert mechanism.cost(1) <= Rho(10**30)


@pytest.mark.parametrize("squared_sensitivity", [-1, 1.0, True, "1", None, Fraction(1), float("nan")])
def test_a_squared_sensitivity_is_a_whole_number(squared_sensitivity: Any) -> None:
    with pytest.raises(BadMechanism):
        calibrate(squared_sensitivity, Rho(1))
    with pytest.raises(BadMechanism):
        DiscreteGaussian(Fraction(41)).cost(squared_sensitivity)


@pytest.mark.parametrize(
    "scale",
    [
        Fraction(0),
        Fraction(-1),
        Fraction(1, 3),
        Fraction("43.05"),
        Fraction(2**52 + 1, 2) + Fraction(1, 4),  # 54 bits
        SMALLEST_SCALE / 2,
        LARGEST_SCALE + 2,
        Fraction(10**400),
        Fraction(5e-324),
        41,
        41.0,
        float("inf"),
        float("nan"),
        True,
        "41",
        None,
    ],
    ids=lambda scale: repr(scale)[:30],
)
def test_a_scale_is_a_binary64_number_written_exactly(scale: Any) -> None:
    with pytest.raises(BadMechanism):
        DiscreteGaussian(scale)


@given(scales)
def test_the_ledger_writes_the_scale_exactly(scale: Fraction) -> None:
    mechanism = DiscreteGaussian(scale)
    assert mechanism.parameters() == {"scale": str(scale)}
    assert DiscreteGaussian(parse_scale(mechanism.parameters()["scale"])) == mechanism


def test_scales_as_they_are_written() -> None:
    assert DiscreteGaussian(Fraction(41)).parameters() == {"scale": "41"}
    assert DiscreteGaussian(Fraction("41.5")).parameters() == {"scale": "83/2"}
    assert parse_scale("83/2") == Fraction(83, 2)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "-41", "+41", "41.5", "4.1e1", "nan", "inf", " 41", "41\n", "1_0", "041", "٤١"),
        *("82/2", "41/1", "83/02", "83/0", "83/", "/2", "41 /2", "-83/2", "83/-2", "83/2/1"),
        *("9" * 41, "9" * 10**6, 41, 41.0, None, b"41"),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_one_scale_has_one_spelling(text: Any) -> None:
    with pytest.raises(BadMechanism):
        parse_scale(text)


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1), Fraction(5, 2), Fraction(41)])
def test_the_variance_is_the_scale_squared_or_a_little_less(scale: Fraction) -> None:
    square = float(scale) ** 2
    weights = {x: exp(-x * x / (2 * square)) for x in range(-1000, 1001)}
    true = sum(x * x * weight for x, weight in weights.items()) / sum(weights.values())
    claimed = float(DiscreteGaussian(scale).variance)
    assert claimed == square
    assert true <= claimed * (1 + 1e-12)
    if scale >= 1:
        assert true >= claimed * (1 - 1e-6)
