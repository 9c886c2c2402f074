"""The second accountant: Google's `dp-accounting`, by privacy loss distributions (PLD). The auditor's alone.

The node adds up what was booked, ρ to ρ and pure ε to pure ε, and turns the sum into one ε by OpenDP's curve. This one
never sees a cost that was booked: it takes the noise as it stands in each release's parts, composes their privacy loss
distributions numerically (Koskela, Jälkö, Honkela 2020; Doroshenko et al. 2022, "Connect the Dots"), and so finds less
or the same.

    discrete Gaussian     a release of several parts is one Gaussian of μ² = Σ Δ₂²/σ² (Dong, Roth, Su 2019, corollary on
                          composition); of a part with noise by cell the largest Δ₂²/σ², for a customer is in one cell
    quantile              range η = 2·max(α, 1−α)/s
    discrete Laplace      ε = Δ₁/s
    randomized response   ε = ln((1 − p)/p)

What is ε-private in the pure sense loses no more than randomized response at that ε does (Kairouz, Oh, Viswanath 2015,
"The Composition Theorem for Differential Privacy"), and is composed as that; a sketch and a discrete Laplace of Δ₁ = 1
are just that. The library rounds losses up to a grid of 10⁻⁴: where that makes it more than the plain sum of the ε, the
sum holds.

A quantile is drawn by the exponential mechanism, which loses between t − η and t, for some t from 0 to η that depends
on the data (Dong, Durfee, Rogers 2020, "Optimal Differential Privacy Composition for Exponential Mechanisms"). For each
t a coin with just these two losses is the worst; the largest δ over all t is

    δ(ε) = (e^(η/2) − e^(ε/2))² / (e^η − 1)        for ε from −η to η

convex in e^ε, and so the curve of a pair of distributions that dominates every t and is composed in its place (Zhu,
Dong, Wang 2022, "Optimal Accounting of Differential Privacy via Characteristic Function"). That pair loses a little
more than any one quantile can, so that of very many together it may come to more than their ρ = η²/8 does (Cesar and
Rogers 2021, "Bounding, Concentrating, and Truncating"). Therefore what Gaussians and quantiles lose is also bounded by
their ρ, here from the parameters again, and turned into ε over all Rényi orders (Canonne, Kamath, Steinke 2020, on
converting to approximate differential privacy); the smaller of the two holds.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from privacy.ledger.leaves import AnyPart, SpentByCell, SpentLaplace, SpentPart, SpentQuantile, SpentResponse
from privacy.mechanisms.calibration import BadMechanism
from privacy.mechanisms.quantile import PrivateQuantile

if TYPE_CHECKING:
    from dp_accounting.pld.privacy_loss_distribution import PrivacyLossDistribution

SMALLEST_DELTA = Fraction(1, 10**14)
"""Below it the library's answer is numerical noise: it works in floats, and cuts off tails of some 1e-15."""

LARGEST_RHO = 50
"""Beyond it a distribution is too long to hold, and ε above 100 needs no second opinion."""

_LARGEST_PURE = 30
_MOST_PURE = 12
"""Beyond so much pure ε, or so many different amounts of it, it is added and not composed."""

_GRID = 10_000
"""Losses are rounded up to so many parts of one, by the library and, for quantiles, here."""
_LONGEST_RANGE = 20
"""A quantile that may lose more is bounded by its ρ alone: its distribution would be too long to hold."""


class Noise(NamedTuple):
    """The noise of a release: μ² of its Gaussians, each pure ε, and the range of each quantile."""

    square: Fraction
    pure: tuple[float, ...] = ()
    ranges: tuple[Fraction, ...] = ()


Noises = Counter[Noise]
"""Releases by their noise."""


@dataclass(frozen=True)
class Composed:
    """Releases that are composed: counted by their noise, and what was booked of pure ε besides, in millionths."""

    releases: Noises = field(default_factory=Counter)
    pure_micro: int = 0


def noise_of(parts: Iterable[AnyPart]) -> Noise:
    """The noise of a release: μ² = Σ Δ₂²/σ², twice its exact ρ, and what each other part may lose.

    Raises ValueError for parameters that no noise has.
    """
    square, pure, ranges = Fraction(0), [], []
    for part in parts:
        match part:
            case SpentPart():
                square += Fraction(part.l2_squared) / part.scale**2
            case SpentByCell():
                cells = zip(part.l2_squared, part.scale, strict=True)
                square += max(Fraction(l2_squared) / scale**2 for l2_squared, scale in cells)
            case SpentQuantile():
                ranges.append(_range(part))
            case SpentLaplace():
                pure.append(float(Fraction(part.l1) / part.scale))
            case SpentResponse():
                flips, cases = part.flips, 2**part.flip_bits
                if not 0 < 2 * flips < cases:
                    raise ValueError("a bit is flipped with a probability between 0 and 1/2")
                pure.append(math.log((cases - flips) / flips))
    return Noise(square, tuple(pure), tuple(ranges))


def _range(part: SpentQuantile) -> Fraction:
    try:
        return PrivateQuantile(part.alpha, part.candidates, part.scale).range
    except BadMechanism as error:
        raise ValueError(str(error)) from error


def epsilon(composed: Composed, delta: Fraction) -> float | None:
    """The ε of releases composed, at `delta`; None where there is too much to compute, or δ is too small for it."""
    if delta < SMALLEST_DELTA:
        return None
    squares: Counter[Fraction] = Counter()
    pure: Counter[float] = Counter()
    selections: Counter[Fraction] = Counter()
    for noise, count in composed.releases.items():
        squares[noise.square] += count
        for each in noise.pure:
            pure[each] += count
        for width in noise.ranges:
            selections[width] += count
    del squares[Fraction(0)], pure[0.0]
    rho = sum((square * count for square, count in squares.items()), start=Fraction(0)) / 2
    rho += sum((width**2 * count for width, count in selections.items()), start=Fraction(0)) / 8
    if rho > LARGEST_RHO:
        return None
    gaussians, ranges = tuple(sorted(squares.items())), _on_grid(selections)
    added = math.fsum(amount * count for amount, count in pure.items())
    found = math.inf
    if sum(width * count for width, count in ranges) <= _LONGEST_RANGE * _GRID:
        found = _composed(gaussians, ranges, (), delta) + added
        if pure and len(pure) <= _MOST_PURE and added <= _LARGEST_PURE:
            found = min(found, _composed(gaussians, ranges, tuple(sorted(pure.items())), delta))
    if ranges:
        found = min(found, _epsilon_of_rho(float(rho), float(delta)) + added)
    return found + composed.pure_micro / 10**6 if math.isfinite(found) else None


def _on_grid(selections: Counter[Fraction]) -> tuple[tuple[int, int], ...]:
    """Ranges rounded up to the grid, in its units, and how many there are of each: nearly all of a study are alike."""
    found: Counter[int] = Counter()
    for width, count in selections.items():
        found[math.ceil(width * _GRID)] += count
    return tuple(sorted(found.items()))


def _epsilon_of_rho(rho: float, delta: float) -> float:
    """The least ε over all orders α > 1 of αρ + ln(1 − 1/α) − (ln δ + ln α)/(α − 1); any of them is true."""

    def at(less_one: float) -> float:
        order = 1 + math.exp(less_one)
        return rho * order - math.log1p(1 / (order - 1)) - (math.log(delta) + math.log(order)) / (order - 1)

    low, high = -10.0, 40.0
    for _ in range(200):  # it falls and then rises: a third of what is left goes each time
        third = (high - low) / 3
        low, high = (low, high - third) if at(low + third) < at(high - third) else (low + third, high)
    return max(0.0, at((low + high) / 2))


@lru_cache(maxsize=4096)
def _composed(
    gaussians: tuple[tuple[Fraction, int], ...],
    ranges: tuple[tuple[int, int], ...],
    pure: tuple[tuple[float, int], ...],
    delta: Fraction,
) -> float:
    if not gaussians and not ranges and not pure:
        return 0.0
    # Imported here: it brings SciPy with it, and most of the auditor's commands need neither.
    from dp_accounting import NeighboringRelation
    from dp_accounting.pld import privacy_loss_distribution as pld

    found = pld.identity()
    if gaussians:
        square = sum(each * count for each, count in gaussians)
        found = found.compose(pld.from_gaussian_mechanism(1 / math.sqrt(square)))
    for width, count in ranges:
        found = found.compose(_selection(width).self_compose(count))
    for amount, count in pure:
        one = pld.from_randomized_response(
            2 / (1 + math.exp(amount)), 2, neighboring_relation=NeighboringRelation.REPLACE_ONE
        )
        found = found.compose(one.self_compose(count))
    return float(found.get_epsilon_for_delta(float(delta)))


def _selection(width: int) -> "PrivacyLossDistribution":
    """What a quantile loses whose range is so many units of the grid, by the curve above, at each of its points."""
    import numpy as np
    from dp_accounting.pld import pld_pmf
    from dp_accounting.pld.privacy_loss_distribution import PrivacyLossDistribution

    losses = np.arange(-width, width + 1)
    deltas = (np.exp(width / _GRID / 2) - np.exp(losses / _GRID / 2)) ** 2 / np.expm1(width / _GRID)
    return PrivacyLossDistribution(pld_pmf.create_pmf_pessimistic_connect_dots(1 / _GRID, losses, deltas))
