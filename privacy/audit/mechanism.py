"""Statistical checks of the noise that is installed here: it is what it says, and a check that could not fail is none.

Whatever draws noise on this machine (OpenDP, through `privacy.mechanisms.drawing`; for the flips of sketches the bit
planes of `privacy.mechanisms.bit_planes`) is held against its exact probabilities, and the same test against noise that
is 5 % off, which it must refuse: that is its power. The trade-off asks what an attacker could prove, which the (ε, δ)
of a release is too loose to catch: as μ of a Gaussian, as ε of what has a pure one, as the range of a quantile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import beta, chisquare

from privacy.audit.yardsticks import (
    demonstrated_epsilon,
    demonstrated_range,
    flips_p,
    laplace_p,
    quantile_odds,
    quantile_p,
)
from privacy.mechanisms.bit_planes import flipped
from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.mechanisms.drawing import draw, draw_laplace, draw_quantile
from privacy.mechanisms.laplace import DiscreteLaplace
from privacy.mechanisms.quantile import PrivateQuantile
from privacy.mechanisms.response import RandomizedResponse

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

P_VALUE = 1e-6
"""A test of true noise fails by chance once in a million runs, so ten of them once in 100 000; a wrong scale, at the
sample sizes here, is rarer still to pass."""

DRAWS = 100_000
SCALES = (Fraction(5, 2), Fraction(41), Fraction(1320261, 16384))
"""Small, middle, and that of the shipped benchmark's count of customers."""

LAPLACE_SCALE = Fraction(10)
RESPONSE = RandomizedResponse(17626, 16)
"""Those of the shipped study of cross-use: its histogram, and its sketch."""

QUANTILE = PrivateQuantile(Fraction(19, 20), 200, Fraction(10))
"""The quantile that the highest tier begins at, among customers of whom all but one of the candidates are some five
scales off: so near half of the draws are of that one, and 5 % of the scale move it most."""
QUANTILE_COUNTS = np.array([1007, 27, 9, 9, 8] + [0] * 196, dtype=np.int64)

FLIPS = 2**22
"""Bits: of the rarest pattern of a byte, all ones, 14 are expected."""


@dataclass(frozen=True)
class Check:
    """One check of the noise of one mechanism.

    `scale` is that of the noise; of randomized response the probability of a flip. `figure` is a p-value, or the μ, ε
    or range that an attacker proved; `limit` what it is held against. `passed` says whether the noise as stated passed,
    `power` whether the same check refused noise that is off; both must hold.
    """

    mechanism: str
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
    """Every check, one after the other; some 30 s in all. Under 50 000 draws, 5 % of the scale are not told apart."""
    for scale in SCALES:
        yield from gaussian_checks(scale, draws)
    yield from laplace_checks(LAPLACE_SCALE, draws)
    yield from response_checks(RESPONSE)
    yield from quantile_checks(QUANTILE, draws // 10)


def gaussian_checks(scale: Fraction, draws: int) -> Iterator[Check]:
    """Of Gaussian noise at one scale."""
    noise = residuals(scale, draws, truth=1_000_000)
    p = chi_squared_p(noise, scale)
    power = all(chi_squared_p(residuals(changed(scale, off), draws), scale) < P_VALUE for off in (-5, 5))
    yield Check(DiscreteGaussian.name, "distribution", scale, p, P_VALUE, p > P_VALUE, power)
    shift = round(2 * scale)
    claimed = shift / float(scale)
    thresholds = [max(1, shift // 2 + step) for step in sorted({-shift // 4, 0, shift // 4})]
    proven = demonstrated_mu(noise, shift, thresholds, P_VALUE)
    less = demonstrated_mu(residuals(changed(scale, -10), draws), shift, thresholds, P_VALUE)
    yield Check(DiscreteGaussian.name, "trade-off", scale, proven, claimed, proven <= claimed, less > claimed)


def laplace_checks(scale: Fraction, draws: int) -> Iterator[Check]:
    """As of Gaussian noise, with twice the draws: at 5 % off, the χ² of so many is 9 deviations beyond its limit.

    Neighbours are a scale apart, at which ε is 1: nearer ones take more draws to tell apart.
    """
    noise = _laplace_noise(scale, 2 * draws)
    p = laplace_p(noise, scale)
    power = all(laplace_p(_laplace_noise(changed(scale, off), 2 * draws), scale) < P_VALUE for off in (-5, 5))
    yield Check(DiscreteLaplace.name, "distribution", scale, p, P_VALUE, p > P_VALUE, power)
    shift = round(scale)
    claimed = shift / float(scale)
    events = [shift // 2, shift, shift + shift // 2]
    proven = demonstrated_epsilon(noise[:draws], noise[draws:] + shift, events, P_VALUE)
    weak = _laplace_noise(changed(scale, -25), 2 * draws)
    less = demonstrated_epsilon(weak[:draws], weak[draws:] + shift, events, P_VALUE)
    yield Check(DiscreteLaplace.name, "trade-off", scale, proven, claimed, proven <= claimed, less > claimed)


def response_checks(mechanism: RandomizedResponse) -> Iterator[Check]:
    """The flips of a bitmap: how many there are, in which patterns, and what one bit tells of what it was."""
    scale, fewer = mechanism.probability, _flips_changed(mechanism, -25)
    p = flips_p(_flipped(mechanism, 0), scale)
    power = all(flips_p(_flipped(_flips_changed(mechanism, off), 0), scale) < P_VALUE for off in (-5, 5))
    yield Check(RandomizedResponse.name, "distribution", scale, p, P_VALUE, p > P_VALUE, power)
    claimed = float(np.log(float((1 - scale) / scale)))
    proven = demonstrated_epsilon(_bits(mechanism, 0), _bits(mechanism, 1), [1], P_VALUE)
    less = demonstrated_epsilon(_bits(fewer, 0), _bits(fewer, 1), [1], P_VALUE)
    yield Check(RandomizedResponse.name, "trade-off", scale, proven, claimed, proven <= claimed, less > claimed)


def quantile_checks(mechanism: PrivateQuantile, draws: int) -> Iterator[Check]:
    """A quantile among the customers above: how often each candidate is chosen, those far off in eight groups.

    A tenth of the draws tells 5 % of its scale apart: of 10 000 its χ² is 5 deviations beyond its limit. Neighbours are
    ten customers apart, at which the range is ten times that of one.
    """
    scale, odds = mechanism.scale, quantile_odds(QUANTILE_COUNTS, mechanism.alpha, mechanism.scale)
    bins = np.array([0, 1, 2, 3, 4, *range(25, 200, 25)], dtype=np.int64)
    p = quantile_p(_chosen(mechanism, QUANTILE_COUNTS, draws), odds, bins)
    off = (replace(mechanism, scale=changed(scale, percent)) for percent in (-5, 5))
    power = all(quantile_p(_chosen(each, QUANTILE_COUNTS, draws), odds, bins) < P_VALUE for each in off)
    yield Check(PrivateQuantile.name, "distribution", scale, p, P_VALUE, p > P_VALUE, power)
    two = replace(mechanism, candidates=2, scale=Fraction(19, 2))
    claimed = float(10 * two.range)
    proven = _proven_range(two, draws // 2)
    less = _proven_range(replace(two, scale=changed(two.scale, -25)), draws // 2)
    yield Check(PrivateQuantile.name, "trade-off", two.scale, proven, claimed, proven <= claimed, less > claimed)


def _chosen(mechanism: PrivateQuantile, counts: Integers, draws: int) -> Integers:
    return np.array([draw_quantile(counts, mechanism) for _ in range(draws)], dtype=np.int64)


def _proven_range(mechanism: PrivateQuantile, draws: int) -> float:
    """Of 195 customers the lower candidate is the likelier one by e; of ten more, all above, the higher one is."""
    without, moved = (np.array([185, 10, more], dtype=np.int64) for more in (0, 10))
    return demonstrated_range(_chosen(mechanism, without, draws), _chosen(mechanism, moved, draws), P_VALUE)


def _laplace_noise(scale: Fraction, count: int) -> Integers:
    truth = 1_000_000
    return draw_laplace(np.full(count, truth, dtype=np.int64), DiscreteLaplace(scale)) - truth


def _flips_changed(mechanism: RandomizedResponse, percent: int) -> RandomizedResponse:
    return RandomizedResponse(round(mechanism.flips * (100 + percent) / 100), mechanism.bits)


def _flipped(mechanism: RandomizedResponse, bit: int) -> NDArray[np.uint8]:
    return flipped(np.full(FLIPS // 8, 255 * bit, dtype=np.uint8), mechanism)


def _bits(mechanism: RandomizedResponse, bit: int) -> Integers:
    """What is released of bits that are all the same."""
    return np.unpackbits(_flipped(mechanism, bit)).astype(np.int64)


def changed(scale: Fraction, percent: int) -> Fraction:
    """A number of 24 bits or fewer next to `scale` changed by `percent`: a scale that can be drawn."""
    return Fraction(float(np.float32(float(scale * (100 + percent) / 100))))


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
