"""The second accountant: never more than the first, and close to what theory says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from dp_accounting import dp_event
from dp_accounting.pld import PLDAccountant
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.audit import second
from privacy.audit.second import Composed
from privacy.budget.amounts import MICRO, Epsilon, Rho, Spend, total
from privacy.budget.composition import epsilon_of, total_epsilon
from privacy.ledger.leaves import AnyPart, SpentLaplace, SpentResponse

DELTA = Fraction(1, 10**6)
SKETCH = SpentResponse(table="sketch", measure="customers", cells=2**23, flips=17626, flip_bits=16, epsilon_u=0)
HISTOGRAM = SpentLaplace(table="cross_use", measure="histogram", cells=10, l1=1, scale=Fraction(10), epsilon_u=0)


def gaussians(squares: Mapping[Fraction, int]) -> Composed:
    return Composed(Counter({(square, ()): count for square, count in squares.items()}))


def test_nothing_costs_nothing() -> None:
    assert second.epsilon(Composed(), DELTA) == 0
    assert second.epsilon(Composed(pure_micro=250_000), DELTA) == 0.25


def test_one_gaussian_is_known() -> None:
    # μ = 1 at δ 1e-6: ε 4.887, from the exact trade-off (Balle and Wang 2018, theorem 8).
    found = second.epsilon(gaussians({Fraction(1): 1}), DELTA)
    assert found == pytest.approx(4.887, abs=0.01)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(100, 40_000), st.integers(1, 4)), min_size=1, max_size=3))
def test_it_never_finds_more_than_is_booked(releases: list[tuple[int, int]]) -> None:
    counted: Counter[Fraction] = Counter()
    for rho_u, count in releases:
        counted[Fraction(2 * rho_u, MICRO)] += count
    booked = epsilon_of(Rho(sum(rho_u * count for rho_u, count in releases)), DELTA)
    found = second.epsilon(gaussians(counted), DELTA)
    assert found is not None
    assert found <= booked.micro / MICRO


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 2**15 - 1), st.just(16)), max_size=3),
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4000).map(lambda n: Fraction(n, 16))), max_size=3),
    st.integers(0, 40_000),
)
def test_of_pure_epsilon_too_it_never_finds_more(
    flips: list[tuple[int, int]], histograms: list[tuple[int, Fraction]], rho_u: int
) -> None:
    sketches = [replace(SKETCH, flips=number, flip_bits=bits) for number, bits in flips]
    counts = [replace(HISTOGRAM, l1=l1, scale=scale) for l1, scale in histograms]
    parts: list[AnyPart] = [*sketches, *counts]
    booked = total([*(each.derived for each in parts), Spend(Epsilon(0), Rho(rho_u))])
    releases = Counter([second.noise_of([each]) for each in parts])
    releases[Fraction(2 * rho_u, MICRO), ()] += 1
    found = second.epsilon(Composed(releases), DELTA)
    assert found is not None
    assert found <= total_epsilon(booked, DELTA).micro / MICRO + 1e-9


def test_a_year_of_benchmarks_and_cross_use_is_known() -> None:
    # By hand: the same mechanisms through dp-accounting's own accountant, whose Laplace loses as much as these flips.
    accountant = PLDAccountant()
    accountant.compose(dp_event.GaussianDpEvent(1 / 0.16**0.5))
    accountant.compose(dp_event.DiscreteLaplaceDpEvent(0.1, 1))
    accountant.compose(dp_event.DiscreteLaplaceDpEvent(SKETCH.derived.epsilon.micro / MICRO, 1))
    square, pure = second.noise_of([SKETCH, HISTOGRAM])
    assert square == 0
    found = second.epsilon(Composed(Counter([(Fraction(16, 100), pure)])), DELTA)
    assert found == pytest.approx(float(accountant.get_epsilon(float(DELTA))), abs=1e-3)
    assert found is not None
    assert 2.5 < found < total_epsilon(Spend(Epsilon(1_100_000), Rho(80_000)), DELTA).micro / MICRO


def test_many_or_large_pure_amounts_are_added() -> None:
    assert second.epsilon(Composed(Counter([(Fraction(0), (40.0,))])), DELTA) == 40
    many: second.Noises = Counter([(Fraction(0), (n / 100,)) for n in range(1, 31)])
    assert second.epsilon(Composed(many), DELTA) == pytest.approx(4.65)


def test_flips_that_no_sketch_has_are_not_composed() -> None:
    for flips in (0, 2**15, 2**16):
        with pytest.raises(ValueError, match="between 0 and 1/2"):
            second.noise_of([replace(SKETCH, flips=flips)])


def test_what_is_too_much_is_not_computed() -> None:
    assert second.epsilon(gaussians({Fraction(200): 1}), DELTA) is None


def test_a_delta_that_the_library_cannot_tell_is_not_computed() -> None:
    assert second.epsilon(gaussians({Fraction(6, 100): 1}), Fraction(1, 10**39)) is None
    assert second.epsilon(gaussians({Fraction(6, 100): 1}), Fraction(1, 10**14)) is not None
    assert second.epsilon(gaussians({Fraction(6, 100): 1}), Fraction(1, 10**15)) is None
