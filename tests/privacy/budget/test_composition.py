"""The translation of ρ to (ε, δ): OpenDP's curve, never below it, and at most a micro-unit above."""

import subprocess
import sys
from collections.abc import Callable
from decimal import ROUND_DOWN, Context, localcontext
from fractions import Fraction
from math import exp, inf, log, log1p, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opendp.combinators import make_zCDP_to_approxDP
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import enable_features

from privacy.budget.amounts import BadAmount, Epsilon, Rho, Spend
from privacy.budget.composition import epsilon_of, for_customer_of, total_epsilon

MILLIONTH = Fraction(1, 10**6)
MICRO = 10**6

rhos = st.builds(Rho, st.integers(min_value=0, max_value=20 * MICRO))
deltas = st.fractions(min_value=Fraction(1, 10**12), max_value=Fraction(1, 100))
spends = st.builds(Spend, st.builds(Epsilon, st.integers(min_value=0, max_value=10 * MICRO)), rhos)


def opendp_epsilon_of(rho: float) -> Callable[[float], float]:
    """OpenDP's ε as a function of δ, for the continuous scale that has this ρ at sensitivity 1."""
    enable_features("contrib")
    space = vector_domain(atom_domain(T="i64")), l2_distance(T="i64")
    measurement: Any = make_zCDP_to_approxDP(make_gaussian(*space, scale=1 / sqrt(2 * rho)))
    curve: Callable[[float], float] = measurement.map(1).epsilon
    return curve


@pytest.mark.parametrize("rho_micro", [1, 3, 10, 100, 1_000, 9_000, 71_000, 80_000, 500_000, MICRO, 10 * MICRO])
def test_agrees_with_opendp(rho_micro: int) -> None:
    theirs_at = opendp_epsilon_of(rho_micro / MICRO)
    for exponent in (9, 8, 7, 6, 5, 4, 3):
        ours = epsilon_of(Rho(rho_micro), Fraction(1, 10**exponent)).micro / MICRO
        theirs = theirs_at(10.0**-exponent)
        assert ours >= theirs - 1e-9
        # Rounding up costs less than one micro-unit; measured here: 0 to 0.98 of one.
        assert ours <= theirs + 1e-6 + 1e-9


@pytest.mark.parametrize(
    ("rho", "delta", "epsilon"),
    [
        ("0", MILLIONTH, "0"),
        ("0.009", MILLIONTH, "0.587768"),
        ("0.071", MILLIONTH, "1.778541"),
        ("0.08", MILLIONTH, "1.897377"),
        ("0.08", Fraction(1, 10**9), "2.412172"),
        ("1", MILLIONTH, "7.766217"),
        ("0.000001", MILLIONTH, "0.004497"),
        ("0.000001", Fraction(1, 1000), "0"),  # so little ρ that δ alone covers it, as OpenDP finds too
    ],
)
def test_known_figures(rho: str, delta: Fraction, epsilon: str) -> None:
    assert epsilon_of(Rho.parse(rho), delta) == Epsilon.parse(epsilon)


def test_the_default_budget_fits_in_three() -> None:
    # One ε₁ = 1 sketch, ε_h = 0.1 and ρ = 0.08 in a year, at δ = 10⁻⁶: 2.997377.
    spend = Spend(Epsilon.parse("1.1"), Rho.parse("0.08"))
    assert total_epsilon(spend, MILLIONTH) == Epsilon.parse("2.997377")


@given(rhos, deltas)
def test_is_below_the_textbook_conversion(rho: Rho, delta: Fraction) -> None:
    # Bun and Steinke 2016, Proposition 1.3: ρ + 2√(ρ·ln(1/δ)), valid and looser.
    loose = rho.micro / MICRO + 2 * sqrt(rho.micro / MICRO * log(1 / delta))
    assert epsilon_of(rho, delta).micro / MICRO <= loose + 1e-6


@given(rhos, deltas)
def test_the_delta_at_the_answer_is_no_more_than_asked(rho: Rho, delta: Fraction) -> None:
    """Back through the curve by another road: for that ε, the least δ over α, as CKS20 state it."""
    epsilon = epsilon_of(rho, delta).micro / MICRO
    assert least_delta(rho.micro / MICRO, epsilon) <= float(delta) * (1 + 1e-9)


@given(st.builds(Rho, st.integers(min_value=1_000, max_value=20 * MICRO)), deltas)
def test_two_micro_units_less_would_not_cover_delta(rho: Rho, delta: Fraction) -> None:
    answer = epsilon_of(rho, delta).micro
    if answer > 2:
        assert least_delta(rho.micro / MICRO, (answer - 2) / MICRO) > float(delta)


def least_delta(rho: float, epsilon: float) -> float:
    """inf over α > 1 of exp((α−1)(αρ−ε)) / (α−1) · (1−1/α)^α, convex in α in its logarithm; in floats."""
    if rho == 0:
        return 0.0
    low, high = 0.0, 1e9
    for _ in range(200):
        excess = (low + high) / 2
        slope = (2 * excess + 1) * rho - epsilon + (log(excess) - log1p(excess))
        low, high = (excess, high) if slope < 0 else (low, excess)
    logarithm = high * ((1 + high) * rho - epsilon) + high * (log(high) - log1p(high)) - log1p(high)
    return exp(logarithm)


@given(rhos, rhos, deltas)
def test_more_rho_is_never_less_epsilon(one: Rho, other: Rho, delta: Fraction) -> None:
    small, large = sorted((one, other))
    assert epsilon_of(small, delta) <= epsilon_of(large, delta)


@given(rhos, deltas, deltas)
def test_less_delta_is_never_less_epsilon(rho: Rho, one: Fraction, other: Fraction) -> None:
    small, large = sorted((one, other))
    assert epsilon_of(rho, large) <= epsilon_of(rho, small)


@given(deltas)
def test_nothing_spent_is_nothing(delta: Fraction) -> None:
    assert epsilon_of(Rho(0), delta) == Epsilon(0)
    assert total_epsilon(Spend.nothing(), delta) == Epsilon(0)


@given(spends, deltas, st.integers(min_value=1, max_value=30))
def test_a_customer_of_several_members_adds_both_currencies(spend: Spend, delta: Fraction, members: int) -> None:
    together = for_customer_of(members, spend, delta)
    assert together == spend.epsilon.times(members) + epsilon_of(spend.rho.times(members), delta)
    assert for_customer_of(1, spend, delta) == total_epsilon(spend, delta) <= together
    assert for_customer_of(members + 1, spend, delta) >= together


@pytest.mark.parametrize("members", [0, -1, 1.5, True])
def test_somebody_is_a_customer_of_at_least_one_member(members: Any) -> None:
    with pytest.raises(BadAmount):
        for_customer_of(members, Spend.nothing(), MILLIONTH)


@pytest.mark.parametrize(
    "delta", [Fraction(0), Fraction(1), Fraction(-1, 10), Fraction(2), 1e-6, inf, float("nan"), 0, 1, None]
)
def test_delta_is_an_exact_probability(delta: Any) -> None:
    for rho in (Rho(0), Rho(80_000)):
        with pytest.raises(BadAmount, match="δ"):
            epsilon_of(rho, delta)


@pytest.mark.parametrize("delta", [Fraction(1, 10**300), 1 - Fraction(1, 10**80), Fraction(1, 3)])
@pytest.mark.parametrize("micro", [1, 10**30])
def test_extremes_have_an_answer(delta: Fraction, micro: int) -> None:
    epsilon = epsilon_of(Rho(micro), delta)
    assert epsilon.micro < 4 * micro + 10**9
    if micro == 10**30:  # the loss is ρ ± a few √ρ for all but a vanishing part of the outcomes
        assert abs(epsilon.micro - micro) < micro // 10**6


def test_the_callers_decimal_context_has_no_say() -> None:
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        assert epsilon_of(Rho.parse("0.08"), MILLIONTH) == Epsilon.parse("1.897377")


def test_counts_without_loading_opendp_or_numpy() -> None:
    script = (
        "import sys, privacy.budget.composition, privacy.mechanisms.calibration;"
        "assert not {'opendp', 'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
