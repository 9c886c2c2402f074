"""How many people of a group the members reach, and how many members each of them uses.

Two sums are known of a group: W, that of its lists, which counts each person M times, and V, that of all overlaps,
which counts him M (M - 1) times. How many people that is depends on how M is distributed among them; the two sums give
the mean of M over the lists, 1 + V / W. Of all distributions with that mean, the one is taken that is nearest to the
whole market's, in the sense of Kullback and Leibler: the market's, tilted by e^(λM). So a group whose people use as
many members as all do has the market's distribution. That it is tilted, and not another, is an assumption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.cross_use.counts import Counts
from privacy.estimate.cross_use.deconvolution import SPARE, Solved
from privacy.estimate.cross_use.reach import Estimate
from privacy.estimate.cross_use.standing import Standing
from privacy.estimate.cross_use.terms import Terms

Floats = NDArray[np.float64]

SMOOTHING = 0.01
"""How much of the bootstrap's smooth population is mixed in, so that a tilt finds people at every number of members."""
STEEPEST = 30.0
_HALVINGS = 60


@dataclass(frozen=True)
class GroupFigures:
    """Of one group: how many people, and how many members each uses."""

    people: Estimate
    institutions: Estimate


def group_figures(counts: Counts, standing: Standing, solved: Solved, terms: Terms) -> list[GroupFigures]:
    """The figures of each group of the partition, in its order. At least two members count."""
    rows = np.flatnonzero(standing.counted)
    sizes = counts.sizes[rows][:, 1:]
    taken = terms.collision(counts.sizes[rows, 0])[None, :, None]
    sums = counts.sums[np.ix_(rows, counts.seats[rows])][:, :, 1:]
    each = (sums / terms.contrast + sizes[:, None, :] * (1 - 2 * taken)) / (2 * (1 - taken))
    each[np.arange(len(rows)), np.arange(len(rows))] = 0.0
    lists, overlaps = sizes.sum(axis=0), each.sum(axis=(0, 1))
    group = _Group(solved, terms, len(rows), float(taken.mean()), float(counts.sizes[rows, 0].sum()))
    return [group.figures(float(w), float(v)) for w, v in zip(lists, overlaps, strict=True)]


@dataclass(frozen=True, eq=False)
class _Group:
    """What the groups share: J members, the mean collision c, and the sum of the members' lists."""

    solved: Solved
    terms: Terms
    members: int
    taken: float
    lists: float

    def figures(self, lists: float, overlaps: float) -> GroupFigures:
        """From W and V, by the same function for the data and for each replicate of the bootstrap."""
        overlaps = max(overlaps, 0.0)  # what noise left below is drawn around 0
        drawn_lists, drawn_overlaps = self._drawn(lists, overlaps)
        solved = self.solved
        people, use = self._tilted(solved.people, np.array([lists]), np.array([overlaps]))
        around, use_around = self._tilted(solved.centre, np.array([lists]), np.array([overlaps]))
        spread, use_spread = self._tilted(solved.replicates, drawn_lists, drawn_overlaps)
        return GroupFigures(
            Estimate(float(people[0]), float(np.sqrt(((spread - around) ** 2).mean()))),
            Estimate(float(use[0]), float(np.sqrt(((use_spread - use_around) ** 2).mean()))),
        )

    def _drawn(self, lists: float, overlaps: float) -> tuple[Floats, Floats]:
        """W and V of each replicate: with the flips that the group shares with the market, and noise of their own.

        The flips leave v Σ_persons (M (M-1)² + (J-M) M²) = v ((J-2) (V+W) + W) in V: his own bit in each sketch of
        his is met on M - 1 lists, his bit in any other on M.
        """
        terms, members, solved = self.terms, self.members, self.solved
        free = 1 - self.taken
        there = max(lists, 0.0)
        bits = (members - 2) * (overlaps + there) + there
        flips = (terms.per_bit + self.taken) / free**2 * bits * (1 + there / terms.buckets)
        by_sum, by_size = 1 / (2 * terms.contrast * free), (members - 1) * (1 - 2 * self.taken) / (2 * free)
        sums = members * (members - 1) * terms.sums_variance * by_sum**2
        # The set bits, which the market's draws know, and V of the group have the group's flips in common.
        share = min(there / self.lists, 1.0) if self.lists > 0 else 0.0
        peers = len(solved.people) - 1
        common = solved.flips[:, -1] * share * (members - 1) / peers / (terms.contrast * free)
        by_draw = np.linalg.solve(solved.root, common)
        rest = np.sqrt(max(flips - float(by_draw @ by_draw), 0.0) + sums)
        market, own = solved.draws[:, :-SPARE], solved.draws[:, -SPARE:]
        by_lists = np.sqrt(members * terms.sums_variance) * own[:, 0]
        return lists + by_lists, overlaps + market @ by_draw + by_size * by_lists + rest * own[:, 1]

    def _tilted(self, people: Floats, lists: Floats, overlaps: Floats) -> tuple[Floats, Floats]:
        """How many people, and how many members each uses, for one or more populations of the market."""
        solved = self.solved
        base = solved.by_use(np.atleast_2d(people))
        base = _shares(base) + SMOOTHING * _shares(solved.by_use(solved.centre)[None, :])
        use = np.arange(1.0, base.shape[1] + 1)
        w = np.maximum(lists, 1.0)
        mean = tilted_mean(base, use, np.clip(1 + overlaps / w, 1.0, use[-1]))
        return lists / mean, mean


def _shares(people: Floats) -> Floats:
    """Each row divided by its sum; where nobody is, everybody uses one member."""
    first = np.zeros(people.shape[1])
    first[0] = 1.0
    whole = people.sum(axis=1, keepdims=True)
    return np.asarray(np.where(whole > 0, people / np.where(whole > 0, whole, 1.0), first))


def tilted_mean(base: Floats, use: Floats, wanted: Floats) -> Floats:
    """The mean of `use` over people, where tilting gives it the wanted mean over lists; shape (rows,).

    base: weights, (rows, uses), none below 0 and not all 0. wanted: (rows,). Where no tilt up to STEEPEST gives the
    wanted mean, the steepest is taken.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(base)
    low, high = np.full(len(base), -STEEPEST), np.full(len(base), STEEPEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        weights = _tilt(logs, use, middle)
        below = (weights @ (use * use)) < wanted * (weights @ use)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    weights = _tilt(logs, use, (low + high) / 2)
    return np.asarray((weights @ use) / weights.sum(axis=1))


def _tilt(logs: Floats, use: Floats, by: Floats) -> Floats:
    tilted = logs + by[:, None] * use
    return np.asarray(np.exp(tilted - tilted.max(axis=1, keepdims=True)))
