"""What noise with a pure ε looks like, from its definition alone: flips of bits, and the discrete Laplace's."""

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
