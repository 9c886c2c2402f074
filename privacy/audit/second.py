"""The second accountant: Google's `dp-accounting`, by privacy loss distributions (PLD). The auditor's alone.

The node adds up what was booked, ρ to ρ and pure ε to pure ε, and turns the sum into one ε by OpenDP's curve. This one
never sees a cost that was booked: it takes the noise as it stands in each release's parts, composes their privacy loss
distributions numerically (Koskela, Jälkö, Honkela 2020; Doroshenko et al. 2022, "Connect the Dots"), and so finds less
or the same.

    discrete Gaussian     a release of several parts is one Gaussian of μ² = Σ Δ₂²/σ² (Dong, Roth, Su 2019, corollary on
                          composition)
    discrete Laplace      ε = Δ₁/s
    randomized response   ε = ln((1 − p)/p)

What is ε-private in the pure sense loses no more than randomized response at that ε does (Kairouz, Oh, Viswanath 2015,
"The Composition Theorem for Differential Privacy"), and is composed as that; a sketch and a discrete Laplace of Δ₁ = 1
are just that. The library rounds losses up to a grid of 10⁻⁴: where that makes it more than the plain sum of the ε, the
sum holds.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from privacy.ledger.leaves import AnyPart, SpentLaplace, SpentPart, SpentResponse

SMALLEST_DELTA = Fraction(1, 10**14)
"""Below it the library's answer is numerical noise: it works in floats, and cuts off tails of some 1e-15."""

LARGEST_RHO = 50
"""Beyond it a distribution is too long to hold, and ε above 100 needs no second opinion."""

_LARGEST_PURE = 30
_MOST_PURE = 12
"""Beyond so much pure ε, or so many different amounts of it, it is added and not composed."""

Noises = Counter[tuple[Fraction, tuple[float, ...]]]
"""Releases by their noise: μ² of its Gaussians, and each pure ε."""


@dataclass(frozen=True)
class Composed:
    """Releases that are composed: counted by their noise, and what was booked of pure ε besides, in millionths."""

    releases: Noises = field(default_factory=Counter)
    pure_micro: int = 0


def noise_of(parts: Iterable[AnyPart]) -> tuple[Fraction, tuple[float, ...]]:
    """The noise of a release: μ² = Σ Δ₂²/σ², twice its exact ρ, and the pure ε of each other part.

    Raises ValueError for parameters that no noise has.
    """
    square, pure = Fraction(0), []
    for part in parts:
        match part:
            case SpentPart():
                square += Fraction(part.l2_squared) / part.scale**2
            case SpentLaplace():
                pure.append(float(Fraction(part.l1) / part.scale))
            case SpentResponse():
                flips, cases = part.flips, 2**part.flip_bits
                if not 0 < 2 * flips < cases:
                    raise ValueError("a bit is flipped with a probability between 0 and 1/2")
                pure.append(math.log((cases - flips) / flips))
    return square, tuple(pure)


def epsilon(composed: Composed, delta: Fraction) -> float | None:
    """The ε of releases composed, at `delta`; None where there is too much to compute, or δ is too small for it."""
    if delta < SMALLEST_DELTA:
        return None
    squares: Counter[Fraction] = Counter()
    pure: Counter[float] = Counter()
    for (square, amounts), count in composed.releases.items():
        squares[square] += count
        for each in amounts:
            pure[each] += count
    del squares[Fraction(0)], pure[0.0]
    if sum(square * count for square, count in squares.items()) > 2 * LARGEST_RHO:
        return None
    gaussians = tuple(sorted(squares.items()))
    added = math.fsum(amount * count for amount, count in pure.items())
    found = _composed(gaussians, (), delta) + added
    if pure and len(pure) <= _MOST_PURE and added <= _LARGEST_PURE:
        found = min(found, _composed(gaussians, tuple(sorted(pure.items())), delta))
    return found + composed.pure_micro / 10**6 if math.isfinite(found) else None


@lru_cache(maxsize=4096)
def _composed(
    gaussians: tuple[tuple[Fraction, int], ...], pure: tuple[tuple[float, int], ...], delta: Fraction
) -> float:
    if not gaussians and not pure:
        return 0.0
    # Imported here: it brings SciPy with it, and most of the auditor's commands need neither.
    from dp_accounting import NeighboringRelation
    from dp_accounting.pld import privacy_loss_distribution as pld

    found = pld.identity()
    if gaussians:
        square = sum(each * count for each, count in gaussians)
        found = found.compose(pld.from_gaussian_mechanism(1 / math.sqrt(square)))
    for amount, count in pure:
        one = pld.from_randomized_response(
            2 / (1 + math.exp(amount)), 2, neighboring_relation=NeighboringRelation.REPLACE_ONE
        )
        found = found.compose(one.self_compose(count))
    return float(found.get_epsilon_for_delta(float(delta)))
