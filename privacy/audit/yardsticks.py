"""What is drawn, as it should look, by its definition alone: flips of bits, discrete Laplace noise, and quantiles."""

from fractions import Fraction
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, chisquare

Integers = NDArray[np.int64]


def laplace_p(noise: Integers, scale: Fraction) -> float:
    """The p-value of `noise` under the exact discrete Laplace, P(x) ∝ exp(−|x|/scale): χ² over x from −6 to 6 scales.

    Beyond them e^−6 of the draws lie, which join the ends: of 200 000 some 250 at either.
    """
    reach = 6 * int(scale) + 6
    decay = np.exp(-1 / float(scale))
    x = np.arange(-reach, reach + 1)
    share = (1 - decay) / (1 + decay) * decay ** np.abs(x)
    share[[0, -1]] = decay**reach / (1 + decay)
    observed = np.bincount(np.clip(noise, -reach, reach) + reach, minlength=x.size)
    return float(chisquare(observed, noise.size * share).pvalue)


def flips_p(flipped: NDArray[np.uint8], probability: Fraction) -> float:
    """The p-value of the flips of a bitmap of zeros, uint8 (n,): χ² over the 256 patterns that a byte can have.

    So both how many there are, and whether those in a byte are independent of each other.
    """
    p, ones = float(probability), np.bitwise_count(np.arange(256))
    expected = flipped.size * p**ones * (1 - p) ** (8 - ones)
    return float(chisquare(np.bincount(flipped, minlength=256), expected).pvalue)


def demonstrated_epsilon(without: Integers, moved: Integers, events: list[int], risk: float) -> float:
    """The largest ε that an attacker can prove from what a mechanism gives on two neighbours, half of each apart.

    An event is to be at a threshold or beyond it. Which of them tells the neighbours apart best is looked for in the
    first half of the samples; in the other half its two probabilities get Clopper-Pearson bounds, either of which is
    wrong with a chance of risk / 2. Pure ε: P(event | moved) <= e^ε · P(event | without).
    """
    half = without.size // 2
    seen = {at: ((moved[:half] >= at).sum() + 1) / ((without[:half] >= at).sum() + 1) for at in events}
    best = max(seen, key=lambda at: seen[at])
    trials = without.size - half
    often, seldom = int((moved[half:] >= best).sum()), int((without[half:] >= best).sum())
    least = float(beta.ppf(risk / 2, often, trials - often + 1))
    most = float(beta.ppf(1 - risk / 2, seldom + 1, trials - seldom))
    return log(least / most) if least > 0 else 0.0


def quantile_odds(counts: Integers, alpha: Fraction, scale: Fraction) -> NDArray[np.float64]:
    """How likely each candidate is, float64 (n − 1,), where `counts`, int64 (n,), lie around them: exp(−score / scale).

    Score: |(1−α)·b − α·a| with b customers below the candidate, and a not. By the definition of the mechanism.
    """
    below = np.cumsum(counts)[:-1]
    score = np.abs(float(1 - alpha) * below - float(alpha) * (counts.sum() - below))
    odds = np.exp(-(score - score.min()) / float(scale))
    return np.asarray(odds / odds.sum())


def quantile_p(chosen: Integers, odds: NDArray[np.float64], bins: Integers) -> float:
    """The p-value of candidates that were chosen, by their indices: χ² over bins that begin at these indices."""
    observed = np.add.reduceat(np.bincount(chosen, minlength=odds.size), bins)
    return float(chisquare(observed, chosen.size * np.add.reduceat(odds, bins)).pvalue)


def demonstrated_range(without: Integers, moved: Integers, risk: float) -> float:
    """The largest range that an attacker can prove of a choice among two, from what is chosen on two neighbours.

    The range of a mechanism is by how much the logarithm of the odds between two answers can change. Of both chances of
    the answer 1 there are Clopper-Pearson bounds, either of which is wrong with a chance of risk / 2.
    """
    often, seldom = int(moved.sum()), int(without.sum())
    least = float(beta.ppf(risk / 2, often, moved.size - often + 1))
    most = float(beta.ppf(1 - risk / 2, seldom + 1, without.size - seldom))
    return log(least / (1 - least)) - log(most / (1 - most)) if least > 0 and most < 1 else 0.0
