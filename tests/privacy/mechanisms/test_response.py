"""Flips and their cost: exact, never understated, and no flip is wasted."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import exp
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.budget.amounts import Epsilon
from privacy.mechanisms.calibration import BadMechanism
from privacy.mechanisms.response import RandomizedResponse, response_for

MICRO = Fraction(1, 10**6)


@st.composite
def responses(draw: st.DrawFn) -> RandomizedResponse:
    bits = draw(st.integers(2, 32))
    return RandomizedResponse(draw(st.integers(1, 2 ** (bits - 1) - 1)), bits)


def exact_cost(flips: int, bits: int) -> Fraction:
    """By another precision, and one logarithm of a quotient rather than two of whole numbers."""
    with localcontext(Context(prec=90)):
        return Fraction((Decimal(2**bits - flips) / Decimal(flips)).ln())


@given(responses())
@example(RandomizedResponse(1, 32))
@example(RandomizedResponse(2**31 - 1, 32))
@example(RandomizedResponse(1, 2))
def test_the_cost_is_the_formula_rounded_up(mechanism: RandomizedResponse) -> None:
    cost = mechanism.cost().micro * MICRO
    assert 0 < cost - exact_cost(mechanism.flips, mechanism.bits) < MICRO


@pytest.mark.parametrize(
    ("flips", "bits", "cost"),
    [
        (1, 2, "1.098613"),  # ln 3 = 1.09861228...
        (1, 32, "22.18071"),  # ln(2^32 − 1) = 22.1807097776...
        (2**31 - 1, 32, "0.000001"),  # 9.3·10⁻¹⁰
        (17626, 16, "0.99995"),  # ln(47910/17626) = 0.99994976...
    ],
)
def test_known_costs(flips: int, bits: int, cost: str) -> None:
    assert RandomizedResponse(flips, bits).cost() == Epsilon.parse(cost)


def test_nobodys_precision_reaches_into_a_cost() -> None:
    cost = RandomizedResponse(17626, 16).cost()
    with localcontext(Context(prec=3)):
        assert RandomizedResponse(17626, 16).cost() == cost


@given(st.builds(Epsilon, st.integers(1, 25 * 10**6)), st.integers(2, 32))
@example(Epsilon(10**6), 16)
@example(Epsilon(1_098_613), 2)
@example(Epsilon(1_098_612), 2)
def test_the_fewest_flips_that_are_paid_for(epsilon: Epsilon, bits: int) -> None:
    most = RandomizedResponse(2 ** (bits - 1) - 1, bits)
    if most.cost() > epsilon:
        with pytest.raises(BadMechanism):
            response_for(epsilon, bits)
        return
    found = response_for(epsilon, bits)
    assert found.bits == bits
    assert found.cost() <= epsilon
    if found.flips > 1:
        assert exact_cost(found.flips - 1, bits) > epsilon.micro * MICRO


@given(responses())
def test_what_a_response_costs_buys_it_or_one_of_fewer_flips(mechanism: RandomizedResponse) -> None:
    again = response_for(mechanism.cost(), mechanism.bits)
    assert again.flips <= mechanism.flips
    assert again.cost() == mechanism.cost()


def test_the_yearly_sketch_at_epsilon_1() -> None:
    found = response_for(Epsilon.parse("1"))
    assert (found.flips, found.bits) == (17626, 16)
    assert found.probability == Fraction(17626, 65536)
    assert 0 < float(found.probability) - 1 / (1 + exp(1)) < 2**-16


def test_a_response_is_told_by_a_ledgers_names() -> None:
    assert RandomizedResponse.name == "randomized_response"
    assert RandomizedResponse(17626, 16).parameters() == {"flips": 17626, "flip_bits": 16}


@pytest.mark.parametrize(
    ("flips", "bits"),
    [
        *((0, 16), (-1, 16), (2**15, 16), (2**15 + 1, 16), (1, 1), (0, 1), (1, 0), (1, -1), (1, 33), (1, 10**9)),
        *((1.0, 16), (True, 16), ("1", 16), (None, 16), (1, 16.0), (1, True), (1, None), (Fraction(1), 16)),
    ],
)
def test_a_probability_is_strictly_between_0_and_one_half(flips: Any, bits: Any) -> None:
    with pytest.raises(BadMechanism) as refusal:
        RandomizedResponse(flips, bits)
    assert refusal.value.reason == "BAD_MECHANISM"


@pytest.mark.parametrize(("epsilon", "bits"), [(0, 16), (0, 32), (10**9, 1), (1, 2), (10**6, 0), (10**6, 33)])
def test_flips_that_cannot_be_had_are_refused(epsilon: int, bits: int) -> None:
    with pytest.raises(BadMechanism):
        response_for(Epsilon(epsilon), bits)
