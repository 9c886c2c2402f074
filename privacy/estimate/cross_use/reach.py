"""How many different people the counting members reach, and what share of them uses 1, 2, 3-5, 6 or more of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.cross_use.counts import Counts
from privacy.estimate.cross_use.deconvolution import Observed, Solved
from privacy.estimate.cross_use.standing import Standing

Floats = NDArray[np.float64]

USES = (("1", 1, 1), ("2", 2, 2), ("3-5", 3, 5), ("6+", 6, None))
"""The categories of how many members a person uses, with the least and the most."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its standard error; NaN where there is none."""

    value: float
    error: float


def observed_of(counts: Counts, standing: Standing) -> Observed:
    """What the members that count saw together. At least two of them."""
    rows = np.flatnonzero(standing.counted)
    sizes = counts.sizes[rows, 0]
    bins = len(standing.peers)  # a member is among these itself, so it has one peer less, and one bin more than that
    set_bits = (counts.sums[np.ix_(rows, standing.peers)][:, :, 0].sum() + (bins - 1) * sizes.sum()) / 2
    return Observed(
        members=len(rows),
        silent=bins - len(rows),
        histogram=counts.histograms[rows, :bins].sum(axis=0),
        lists=float(sizes.sum()),
        set_bits=float(set_bits),
    )


def reach(solved: Solved) -> Estimate:
    """How many people use at least one of the counting members."""
    return estimate(solved, lambda people: people.sum(axis=-1))


def multiplicity(solved: Solved) -> dict[str, Estimate]:
    """The share of them by how many they use: the categories of USES that there are members for."""
    members = len(solved.seen.lists)
    return {name: estimate(solved, _share(least, most)) for name, least, most in USES if least <= members}


def _share(least: int, most: int | None) -> Callable[[Floats], Floats]:
    def share(people: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.asarray(people[..., least - 1 : most].sum(axis=-1) / people.sum(axis=-1))

    return share


def estimate(solved: Solved, of: Callable[[Floats], Floats]) -> Estimate:
    """A function of the people by use, with its error: the spread of the replicates around what they were drawn from.

    of: takes people by how many of the counting members they use, on the last axis.
    """
    spread = of(solved.by_use(solved.replicates)) - of(solved.by_use(solved.centre))
    return Estimate(float(of(solved.by_use(solved.people))), float(np.sqrt((spread * spread).mean())))
