"""The second accountant: never more than the first, and close to what theory says."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.audit import second
from privacy.budget.amounts import MICRO, Rho
from privacy.budget.composition import epsilon_of

DELTA = Fraction(1, 10**6)


def test_nothing_costs_nothing() -> None:
    assert second.epsilon(Counter(), DELTA) == 0
    assert second.epsilon(Counter(), DELTA, pure_micro=250_000) == 0.25


def test_one_gaussian_is_known() -> None:
    # μ = 1 at δ 1e-6: ε 4.887, from the exact trade-off (Balle and Wang 2018, theorem 8).
    found = second.epsilon(Counter({Fraction(1): 1}), DELTA)
    assert found == pytest.approx(4.887, abs=0.01)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(100, 40_000), st.integers(1, 4)), min_size=1, max_size=3))
def test_it_never_finds_more_than_is_booked(releases: list[tuple[int, int]]) -> None:
    counted: Counter[Fraction] = Counter()
    for rho_u, count in releases:
        counted[Fraction(2 * rho_u, MICRO)] += count
    booked = epsilon_of(Rho(sum(rho_u * count for rho_u, count in releases)), DELTA)
    found = second.epsilon(counted, DELTA)
    assert found is not None
    assert found <= booked.micro / MICRO


def test_what_is_too_much_is_not_computed() -> None:
    assert second.epsilon(Counter({Fraction(200): 1}), DELTA) is None


def test_a_delta_that_the_library_cannot_tell_is_not_computed() -> None:
    assert second.epsilon(Counter({Fraction(6, 100): 1}), Fraction(1, 10**39)) is None
    assert second.epsilon(Counter({Fraction(6, 100): 1}), Fraction(1, 10**14)) is not None
    assert second.epsilon(Counter({Fraction(6, 100): 1}), Fraction(1, 10**15)) is None
