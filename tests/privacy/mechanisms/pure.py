"""What the pure mechanisms' noise looks like, from their definitions alone: the yardstick of the tests."""

from fractions import Fraction
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, chisquare

from privacy.mechanisms.bit_planes import flipped
from privacy.mechanisms.drawing import draw_laplace
from privacy.mechanisms.laplace import DiscreteLaplace
from privacy.mechanisms.response import RandomizedResponse
from tests.privacy.mechanisms.noise import P_VALUE, Integers


def laplace_noise(scale: Fraction, count: int, truth: int = 0) -> Integers:
    """`count` independent draws, as released on cells that hold `truth`."""
    return draw_laplace(np.full(count, truth, dtype=np.int64), DiscreteLaplace(scale)) - truth


def flips(mechanism: RandomizedResponse, count: int) -> NDArray[np.uint8]:
    """`count` independent flips, one to a number: 1 for a flip."""
    bitmap = np.zeros(-(-count // 8), dtype=np.uint8)
    return np.unpackbits(flipped(bitmap, mechanism), count=count, bitorder="little")


def chi_squared(observed: Integers, expected: NDArray[np.float64]) -> float:
    """The p-value of observed numbers in cells of these expectations, which come to as many."""
    return float(chisquare(observed, expected).pvalue)


def lower_bound_of_epsilon(without: Integers, with_: Integers, events: list[int], risk: float = P_VALUE) -> float:
    """The largest ε that an attacker can prove from what a mechanism gives on two neighbours.

    An event is to be at a threshold or beyond it. Which one tells the neighbours apart best is looked for in the first
    half of the samples; in the other half its two probabilities get Clopper-Pearson bounds, either of which is wrong
    with a chance of risk / 2. Pure ε-DP has P(event | with) <= e^ε · P(event | without).
    """
    half = len(without) // 2
    seen = {at: ((with_[:half] >= at).sum() + 1) / ((without[:half] >= at).sum() + 1) for at in events}
    best = max(seen, key=lambda at: seen[at])
    trials = len(without) - half
    often, seldom = int((with_[half:] >= best).sum()), int((without[half:] >= best).sum())
    least = float(beta.ppf(risk / 2, often, trials - often + 1))
    most = float(beta.ppf(1 - risk / 2, seldom + 1, trials - seldom))
    return log(least / most)
