"""What a person leaves in the histograms of the members: the mean and the covariance, by how many members he uses.

A person who is on the lists of M counting members meets in each of them the same bits: one in every sketch of the
market. Let t of the bits in his own M sketches be set, and o in all others. The t members whose own bit is set see
t + o - 1 set bits among their peers', the other M - t see t + o. So he adds

    t e_{t+o-1} + (M - t) e_{t+o}

to the sum of the histograms, and that is all that is needed: his lists are not independent of each other, and taking
them for it would make every error too small. t is binomial (M, 1 - p). Of the other bits some are those of members
that he uses and that sent no count, and some are set because somebody else fell into his bucket; they come out set with
1 - p, and the rest with p. Who shares a bucket brings all members that he uses at once: taking the collisions of
different sketches for independent of each other made the reach of a hundred thousand people 0.2 % too large.

Who uses U of the market's members, J of which sent a count, is on M of their lists with the hypergeometric
probability of M among U draws: silent members are taken for no different from the others. Where all sent one, M = U.
Which members somebody in the same bucket uses is taken for independent of whose bucket it is; that is what a hash does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sight:
    """By how many members of the market a person uses (U = 1, 2, ..., columns), what he leaves in the histograms.

    mean: (bins, U). second: (bins, U), the diagonal of the second moments, and beside: (bins - 1, U), what stands next
    to it; the rest is 0. lists: (J, U), the probability of being on M = 1, 2, ... counting members' lists.
    """

    mean: Floats
    second: Floats
    beside: Floats
    lists: Floats

    def covariance(self, people: Floats) -> Floats:
        """Of the sum of the histograms, for so many people by U. Shape (bins, bins)."""
        diagonal, side = self.second @ people, self.beside @ people
        moments = np.diag(diagonal) + np.diag(side, 1) + np.diag(side, -1)
        return np.asarray(moments - (self.mean * people) @ self.mean.T)


def sight(members: int, silent: int, flip: float, beside: Floats) -> Sight:
    """What is seen by so many counting members, with so many more sketches in the market that sent no count.

    beside: float64, shape (members + silent,), how likely somebody who uses 1, 2, ... members is in one's bucket.
    """
    market = members + silent
    set_, clear = _binomials(market, 1 - flip), _binomials(market, flip)
    mean, second = np.zeros((market, market)), np.zeros((market, market))
    next_to, lists = np.zeros((market - 1, market)), np.zeros((members, market))
    for used, extra in enumerate(_extra(market, beside), start=1):
        for own in range(max(1, used - silent), min(used, members) + 1):
            share = comb(members, own) * comb(silent, used - own) / comb(market, used)
            others = sum(
                (
                    chance * np.convolve(set_[used - own + more], clear[market - used - more])
                    for more, chance in enumerate(extra.tolist())
                ),
                start=np.zeros(market - own + 1),
            )
            one, square, side = _moments(own, set_[own], others)
            mean[:, used - 1] += share * one
            second[:, used - 1] += share * square
            next_to[:, used - 1] += share * side
            lists[own - 1, used - 1] = share
    return Sight(mean, second, next_to, lists)


def _extra(market: int, beside: Floats) -> Iterator[Floats]:
    """For who uses 1, 2, ... members, how likely it is that 0, 1, ... others have a customer in his bucket.

    One other person at most: two in the same bucket as a third are as rare as the square of one. Of the k members that
    he uses, e are among the D - U others with the probability C(D-U, e) C(U, k-e) / C(D, k).
    """
    choices = np.array([[comb(n, k) for k in range(market + 1)] for n in range(market + 1)], dtype=np.float64)
    weights = np.concatenate([[0.0], beside]) / choices[market]
    for used in range(1, market + 1):
        rest = market - used
        drawn = np.array([choices[used, : market + 1 - more] @ weights[more:] for more in range(rest + 1)])
        found = choices[rest, : rest + 1] * drawn
        found[0] += 1 - float(found.sum())  # nobody there, or nobody who adds anything
        yield found


def _moments(own: int, set_: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """Of what a person adds who is on `own` lists: the mean, the diagonal and the side of the second moments."""
    t = np.arange(own + 1)
    zero, one, two = (np.convolve(set_ * t**power, others) for power in range(3))  # Σ over t of P(t, t + o = T) t^power
    mean = one[1:] + own * zero[:-1] - one[:-1]
    square = two[1:] + own * own * zero[:-1] - 2 * own * one[:-1] + two[:-1]
    return mean, square, own * one[1:-1] - two[1:-1]


def _binomials(most: int, probability: float) -> list[Floats]:
    """The binomial distributions of 0 to `most` draws, by sums and products alone."""
    found = [np.ones(1)]
    for _ in range(most):
        found.append(np.convolve(found[-1], [1 - probability, probability]))
    return found
