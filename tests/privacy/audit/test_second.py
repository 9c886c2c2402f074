"""The second accountant: never more than the first, and close to what theory says."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from dp_accounting import dp_event
from dp_accounting.pld import PLDAccountant
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.audit import second
from privacy.audit.second import Composed, Noise
from privacy.audit.yardsticks import quantile_odds
from privacy.budget.amounts import MICRO, Epsilon, Rho, Spend, total
from privacy.budget.composition import epsilon_of, total_epsilon
from privacy.ledger.leaves import AnyPart, SpentByCell, SpentLaplace, SpentQuantile, SpentResponse
from privacy.mechanisms.quantile import quantile_for

DELTA = Fraction(1, 10**6)
SKETCH = SpentResponse(table="sketch", measure="customers", cells=2**23, flips=17626, flip_bits=16, epsilon_u=0)
HISTOGRAM = SpentLaplace(table="cross_use", measure="histogram", cells=10, l1=1, scale=Fraction(10), epsilon_u=0)


def gaussians(squares: Mapping[Fraction, int]) -> Composed:
    return Composed(Counter({Noise(square): count for square, count in squares.items()}))


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
    releases[Noise(Fraction(2 * rho_u, MICRO))] += 1
    found = second.epsilon(Composed(releases), DELTA)
    assert found is not None
    assert found <= total_epsilon(booked, DELTA).micro / MICRO + 1e-9


def test_a_year_of_benchmarks_and_cross_use_is_known() -> None:
    # By hand: the same mechanisms through dp-accounting's own accountant, whose Laplace loses as much as these flips.
    accountant = PLDAccountant()
    accountant.compose(dp_event.GaussianDpEvent(1 / 0.16**0.5))
    accountant.compose(dp_event.DiscreteLaplaceDpEvent(0.1, 1))
    accountant.compose(dp_event.DiscreteLaplaceDpEvent(SKETCH.derived.epsilon.micro / MICRO, 1))
    noise = second.noise_of([SKETCH, HISTOGRAM])
    assert noise.square == 0
    found = second.epsilon(Composed(Counter([noise._replace(square=Fraction(16, 100))])), DELTA)
    assert found == pytest.approx(float(accountant.get_epsilon(float(DELTA))), abs=1e-3)
    assert found is not None
    assert 2.5 < found < total_epsilon(Spend(Epsilon(1_100_000), Rho(80_000)), DELTA).micro / MICRO


def test_many_or_large_pure_amounts_are_added() -> None:
    assert second.epsilon(Composed(Counter([Noise(Fraction(0), (40.0,))])), DELTA) == 40
    many: second.Noises = Counter([Noise(Fraction(0), (n / 100,)) for n in range(1, 31)])
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


# Quantiles, and noise by cell.


def quantile(alpha: Fraction, rho_u: int) -> SpentQuantile:
    mechanism = quantile_for(alpha, 471, Rho(rho_u))
    return SpentQuantile(
        table="revenue_quantiles",
        measure="revenue",
        cells=1,
        alpha=alpha,
        candidates=471,
        scale=mechanism.scale,
        rho_u=mechanism.cost().micro,
    )


def found_of(parts: list[AnyPart], rho_u: int = 0) -> float:
    releases = Counter([second.noise_of(parts)])
    releases[Noise(Fraction(2 * rho_u, MICRO))] += 1
    found = second.epsilon(Composed(releases), DELTA)
    assert found is not None
    return found


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 999).map(lambda n: Fraction(n, 1000)), st.integers(1, 20_000)), min_size=1, max_size=6
    ),
    st.integers(1, 40),
    st.sampled_from([0, 1_000, 70_000]),
)
def test_of_quantiles_too_it_never_finds_more(asked: list[tuple[Fraction, int]], times: int, rho_u: int) -> None:
    """Also of very many, of which the pair that dominates one by one loses more than their ρ."""
    parts: list[AnyPart] = [quantile(alpha, each) for alpha, each in asked]
    releases: second.Noises = Counter({second.noise_of(parts): times})
    releases[Noise(Fraction(2 * rho_u, MICRO))] += 1
    booked = total([*(each.derived.times(times) for each in parts), Spend(Epsilon(0), Rho(rho_u))])
    found = second.epsilon(Composed(releases), DELTA)
    assert found is not None
    assert found <= total_epsilon(booked, DELTA).micro / MICRO + 1e-9


def test_three_quantiles_beside_a_year_of_tables_are_known() -> None:
    # ρ 0.03 of tables, 3 times ρ 0.001: more than as much again of tables would lose, by a third of it at the most.
    parts: list[AnyPart] = [quantile(Fraction(at), 1000) for at in ("0.95", "0.8", "0.3")]
    assert found_of([], 33_000) < found_of(parts, 30_000) < found_of([], 34_100)


def test_one_quantile_loses_no_more_than_its_range() -> None:
    part = quantile(Fraction(1, 2), 20_000)
    assert found_of([part]) <= float(second.noise_of([part]).ranges[0]) + 1e-4
    assert float(second.noise_of([part]).ranges[0]) == pytest.approx((8 * 0.02) ** 0.5, rel=1e-5)


@given(
    st.lists(st.integers(0, 6), min_size=3, max_size=6),
    st.integers(0, 5),
    st.sampled_from([Fraction(19, 20), Fraction(1, 2), Fraction(3, 10), Fraction(1, 1000)]),
    st.floats(0.5, 20),
)
def test_the_curve_lies_above_every_quantile_of_neighbours(
    counts: list[int], added: int, alpha: Fraction, scale: float
) -> None:
    """δ(ε) of the exact mechanism on data with and without a customer, both ways, by its definition."""
    more = [*counts]
    more[added % len(counts)] += 1
    one, other = (quantile_odds(np.array(each, dtype=np.int64), alpha, Fraction(scale)) for each in (counts, more))
    width = float(2 * max(alpha, 1 - alpha)) / scale
    for epsilon in np.linspace(-width, width, 21):
        bound = (math.exp(width / 2) - math.exp(epsilon / 2)) ** 2 / math.expm1(width)
        for left, right in ((one, other), (other, one)):
            assert np.maximum(0, left - math.exp(epsilon) * right).sum() <= bound + 1e-12


def test_of_noise_by_cell_the_dearest_cell_counts() -> None:
    cells = SpentByCell(
        table="value_tier",
        measure="revenue",
        cells=3,
        l2_squared=(4, 100, 1),
        scale=(Fraction(10), Fraction(20), Fraction(9)),
        rho_u=125_000,
    )
    assert second.noise_of([cells]) == Noise(Fraction(1, 4))
    assert cells.derived.rho == Rho(125_000)
    with pytest.raises(ValueError, match="zip"):
        second.noise_of([replace(cells, l2_squared=(4, 100))])


@pytest.mark.parametrize("change", [{"candidates": 0}, {"scale": Fraction(2**53 - 1, 2**48)}])
def test_quantiles_that_no_mechanism_gives_are_not_composed(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"candidates|binary64"):
        second.noise_of([replace(quantile(Fraction(1, 2), 1000), **change)])  # type: ignore[arg-type]
