"""The second accountant: Google's `dp-accounting`, by privacy loss distributions (PLD). The auditor's alone.

The node adds ρ and turns the sum into ε by OpenDP's curve. This one never sees a ρ that was booked: it takes each
release's Δ₂² and σ² as they stand in its parts, composes the Gaussians' privacy loss distributions numerically
(Koskela, Jälkö, Honkela 2020; Doroshenko et al. 2022, "Connect the Dots"), and so finds less or the same.

A release of several parts is one Gaussian of μ² = Σ Δ²/σ² (Dong, Roth, Su 2019, corollary on composition).
"""

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from privacy.ledger.leaves import SpentPart

SMALLEST_DELTA = Fraction(1, 10**14)
"""Below it the library's answer is numerical noise: it works in floats, and cuts off tails of some 1e-15."""

LARGEST_RHO = 50
"""Beyond it a distribution is too long to hold, and ε above 100 needs no second opinion."""


def squared_mu(parts: Iterable[SpentPart]) -> Fraction:
    """μ² = Σ Δ₂²/σ² of a release: twice its exact ρ."""
    return sum((Fraction(part.l2_squared) / part.scale**2 for part in parts), start=Fraction(0))


def epsilon(releases: Counter[Fraction], delta: Fraction, pure_micro: int = 0) -> float | None:
    """The ε of releases composed, at `delta`; None where there is too much to compute, or δ is too small for it.

    `releases` counts them by their μ²; `pure_micro` is what was spent of pure ε besides, in millionths, which adds up.
    """
    if delta < SMALLEST_DELTA:
        return None
    squares = tuple(sorted((square, count) for square, count in releases.items() if square > 0))
    if sum(square * count for square, count in squares) > 2 * LARGEST_RHO:
        return None
    found = _composed(squares, delta)
    return found + pure_micro / 10**6 if math.isfinite(found) else None


@lru_cache(maxsize=4096)
def _composed(squares: tuple[tuple[Fraction, int], ...], delta: Fraction) -> float:
    if not squares:
        return 0.0
    # Imported here: it brings SciPy with it, and most of the auditor's commands need neither.
    from dp_accounting import dp_event
    from dp_accounting.pld import PLDAccountant

    accountant = PLDAccountant()
    for square, count in squares:
        accountant.compose(dp_event.GaussianDpEvent(1 / math.sqrt(square)), count)
    return float(accountant.get_epsilon(float(delta)))
