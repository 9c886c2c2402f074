"""Statistical checks of the noise that is installed here: it is what it says, and a check that could not fail is none.

Whatever draws noise on this machine (OpenDP, through `privacy.mechanisms.drawing`) is held against the discrete
Gaussian's exact probabilities at several scales, and the same test against noise 5 % off, which it must refuse: that is
its power. The trade-off asks what an attacker could prove, which the (ε, δ) of a release is too loose to catch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import beta, chisquare

from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.mechanisms.drawing import draw

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

P_VALUE = 1e-6
"""A test of true noise fails by chance once in a million runs, so ten of them once in 100 000; a wrong scale, at the
sample sizes here, is rarer still to pass."""

DRAWS = 100_000
SCALES = (Fraction(5, 2), Fraction(41), Fraction(1320261, 16384))
"""Small, middle, and that of the shipped benchmark's count of customers."""


@dataclass(frozen=True)
class Check:
    """One check of the noise at one scale.

    `figure` is a p-value, or the μ that an attacker proved; `limit` what it is held against. `passed` says whether the
    noise at the stated scale passed, `power` whether the same check refused noise that is off; both must hold.
    """

    name: str
    scale: Fraction
    figure: float
    limit: float
    passed: bool
    power: bool

    @property
    def sound(self) -> bool:
        """Whether it passed, and could have failed."""
        return self.passed and self.power


def checks(draws: int = DRAWS) -> Iterator[Check]:
    """Every check, one after the other; some 15 s in all. Under 50 000 draws, 5 % of the scale are not told apart."""
    for scale in SCALES:
        noise = residuals(scale, draws, truth=1_000_000)
        p = chi_squared_p(noise, scale)
        power = all(chi_squared_p(residuals(changed(scale, off), draws), scale) < P_VALUE for off in (-5, 5))
        yield Check("distribution", scale, p, P_VALUE, p > P_VALUE, power)
        shift = round(2 * scale)
        claimed = shift / float(scale)
        thresholds = [max(1, shift // 2 + step) for step in sorted({-shift // 4, 0, shift // 4})]
        proven = demonstrated_mu(noise, shift, thresholds, P_VALUE)
        less = demonstrated_mu(residuals(changed(scale, -10), draws), shift, thresholds, P_VALUE)
        yield Check("trade-off", scale, proven, claimed, proven <= claimed, less > claimed)


def changed(scale: Fraction, percent: int) -> Fraction:
    """The binary64 number next to `scale` changed by `percent`: a scale that can be drawn."""
    return Fraction(float(scale * (100 + percent) / 100))


def residuals(scale: Fraction, count: int, truth: int = 0) -> Integers:
    """`count` independent draws of noise of that scale, as released on cells that hold `truth`; int64."""
    return draw(np.full(count, truth, dtype=np.int64), DiscreteGaussian(scale)) - truth


def chi_squared_p(noise: Integers, scale: Fraction) -> float:
    """The p-value of `noise` under the exact discrete Gaussian: χ² over bins of 20 expected draws or more."""
    reach = int(20 * scale) + 20  # exp(-200): nothing beyond it is ever drawn, at these scales
    x = np.arange(-reach, reach + 1)
    weight = np.exp(-(x.astype(np.float64) ** 2) / (2 * float(scale) ** 2))
    expected = noise.size * weight / weight.sum()
    inside = noise[np.abs(noise) <= reach]
    if inside.size < noise.size:
        return 0.0
    observed = np.bincount(inside + reach, minlength=x.size)
    bins = _bins_of_at_least(20, expected)
    return float(chisquare(_sums(observed, bins), _sums(expected, bins)).pvalue)


def _bins_of_at_least(least: float, expected: Floats) -> Integers:
    """Where bins start, so that each holds `least` or more; too little at the end joins the last one."""
    starts, held = [0], 0.0
    for place, value in enumerate(expected):
        if held >= least:
            starts.append(place)
            held = 0.0
        held += value
    if held < least:
        starts.pop()
    return np.array(starts, dtype=np.int64)


def _sums(values: Integers | Floats, starts: Integers) -> Floats:
    return np.add.reduceat(values.astype(np.float64), starts)


def demonstrated_mu(noise: Integers, shift: int, thresholds: list[int], risk: float) -> float:
    """The largest μ that an attacker can prove from `noise` against the same noise moved by `shift`.

    Half of the draws stand for a data set, half (moved) for its neighbour; from a threshold on the attacker
    says "neighbour". Both error rates get Clopper-Pearson upper bounds, `risk` being the chance that any of
    these is wrong. A μ-GDP mechanism has Φ⁻¹(1 − α) − Φ⁻¹(β) <= μ for every test (Dong, Roth, Su 2019,
    "Gaussian Differential Privacy"), and noise N(0, σ²) has exactly μ = shift/σ. The discrete Gaussian, whose
    zCDP is the same, is told apart a little better: at shift = 2σ by 0.7 % of μ for σ = 2.5, 0.002 % for 41
    (from its exact probabilities). The bounds take off 3 % and more.
    """
    half = noise.size // 2
    without, moved = noise[:half], noise[half:] + shift
    each = risk / (2 * len(thresholds))
    found = []
    for threshold in thresholds:
        alpha = _upper_bound(int((without >= threshold).sum()), without.size, each)
        beta_ = _upper_bound(int((moved < threshold).sum()), moved.size, each)
        found.append(float(ndtri(1 - alpha) - ndtri(beta_)))
    return max(found)


def _upper_bound(hits: int, trials: int, risk: float) -> float:
    return float(beta.ppf(1 - risk, hits + 1, trials - hits))
