"""Markets whose truth is known: people, the members that they use, and what the members would count.

A person gets a bucket, a member's bit is set where one of its customers falls, and every bit that somebody looks at is
flipped with probability p, once: all who look at it see the same. Bits at which nobody looks are not drawn. So what is
counted has the very distribution that counting over whole sketches has. Only the noise differs from what a node draws:
a rounded normal for the discrete Gaussian, whose scales here are 20 and more.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from privacy.budget.amounts import Epsilon, Rho
from privacy.estimate.cohorts import Member
from privacy.estimate.cross_use.counts import Counted
from privacy.estimate.cross_use.terms import Terms
from privacy.mechanisms.response import RandomizedResponse
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.shelf import find

TERMS = Terms(flip=17626 / 65536, buckets=2**23, sums_variance=20 / 0.018, histogram_variance=199.8)
"""Those of the study as shipped, among ten members."""


EXACT = Terms(flip=1e-9, buckets=2**40, sums_variance=1e-4, histogram_variance=1e-8)
"""Hardly a flip, a collision or any noise."""


@dataclass(frozen=True, eq=False)
class World:
    """uses: bool (people, members). group: int (people,), the group of each, from 0. silent: the last so many members
    send no count."""

    uses: NDArray[np.bool_]
    group: NDArray[np.int64]
    groups: int = 2
    silent: int = 0

    @property
    def ids(self) -> list[str]:
        return [f"house-{index:03d}" for index in range(self.uses.shape[1])]

    @property
    def counting(self) -> NDArray[np.bool_]:
        """(people, members that send a count)."""
        return self.uses[:, : self.uses.shape[1] - self.silent]

    @property
    def overlaps(self) -> NDArray[np.int64]:
        whole = self.counting.astype(np.int64)
        return np.asarray(whole.T @ whole)

    @property
    def reach(self) -> int:
        return int(self.counting.any(axis=1).sum())

    def share(self, least: int, most: int | None) -> float:
        many = self.counting.sum(axis=1)
        inside = (many >= least) & (many <= (most or self.uses.shape[1]))
        return float(inside.sum() / self.reach)


def world_of(
    by_use: Sequence[int], rng: np.random.Generator, groups: int = 2, silent: int = 0, members: int | None = None
) -> World:
    """People by how many members they use (1, 2, ...), each a random set of them, in random groups."""
    size = members or len(by_use)
    many = np.repeat(np.arange(1, len(by_use) + 1), by_use)
    order = rng.random((len(many), size)).argsort(axis=1).argsort(axis=1)
    return World(order < many[:, None], rng.integers(0, groups, len(many)), groups, silent)


def people_by_use(shape: Callable[[NDArray[np.float64]], NDArray[np.float64]], members: int, size: int) -> list[int]:
    """So many people by use that members of `size` customers each come out, in the proportions of `shape`."""
    use = np.arange(1.0, members + 1)
    weights = shape(use)
    return [round(each) for each in (weights * (members * size / (weights * use).sum())).tolist()]


def halving(use: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of those who use k members, 45 % as many use k + 1."""
    return np.asarray(0.45 ** (use - 1))


def drawn(
    world: World, terms: Terms, rng: np.random.Generator, refusals: Collection[tuple[int, int]] = ()
) -> list[Counted]:
    """What the counting members send. refusals: who refused whose sketch, by their positions."""
    people, members = world.uses.shape
    bucket = rng.integers(0, terms.buckets, people)
    places, place = np.unique(bucket, return_inverse=True)
    bits = np.zeros((len(places), members), dtype=np.bool_)
    for member in range(members):
        bits[place[world.uses[:, member]], member] = True
    bits ^= rng.random(bits.shape) < terms.flip
    seen = bits[place]
    refused = [{peer for who, peer in refusals if who == member} for member in range(members)]
    signed = np.where(seen, np.float32(1), np.float32(-1))  # exact up to 2^24
    rows = [np.ones(people, dtype=np.bool_), *(world.group == group for group in range(world.groups))]
    sums = np.array([(world.uses[row].T.astype(np.float32) @ signed[row]).astype(np.int64) for row in rows])
    sizes = np.array([world.uses[row].sum(axis=0) for row in rows])
    bits = seen.sum(axis=1)
    counts = []
    for member in range(members - world.silent):
        own = world.uses[:, member]
        out = sorted({member} | refused[member])
        histogram = np.bincount(bits[own] - seen[own][:, out].sum(axis=1), minlength=members).astype(np.int64)
        counts.append(_count(world, member, refused[member], sizes[:, member], sums[:, member], histogram, terms, rng))
    return counts


def _count(
    world: World,
    member: int,
    refused: set[int],
    sizes: NDArray[np.int64],
    sums: NDArray[np.int64],
    histogram: NDArray[np.int64],
    terms: Terms,
    rng: np.random.Generator,
) -> Counted:
    """With noise. sizes: by row; sums: by row and member; what was refused is nothing but noise."""
    ids = world.ids
    peers = [index for index in range(len(ids)) if index != member]
    counted = np.array([peer not in refused for peer in peers], dtype=np.bool_)
    cells = np.hstack([sizes[:, None], np.where(counted, sums[:, peers], 0)])
    return Counted(
        ids[member],
        False,
        tuple(ids[peer] for peer in peers),
        tuple(counted.tolist()),
        cells + np.rint(rng.normal(0, math.sqrt(terms.sums_variance), cells.shape)).astype(np.int64),
        histogram + laplace(terms.histogram_variance, len(histogram), rng),
    )


def laplace(variance: float, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Discrete Laplace noise of a variance: the difference of two geometric numbers."""
    stays = max((1 + variance - math.sqrt(1 + 2 * variance)) / variance, 0.0)  # 2 a / (1 - a)² = variance
    return np.asarray(rng.geometric(1 - stays, size) - rng.geometric(1 - stays, size), dtype=np.int64)


def study_with(**changes: object) -> CrossUseStudy:
    """The study as shipped, with other values of some fields."""
    study = find("cross-use-year")
    assert isinstance(study, CrossUseStudy)
    return replace(study, **changes)  # type: ignore[arg-type]


def quiet_study(**changes: object) -> CrossUseStudy:
    """The study with hardly a flip and little noise."""
    few = RandomizedResponse(1, 16)
    return study_with(response=few, rho=Rho.parse("1000"), histogram_epsilon=Epsilon.parse("5"), **changes)


def terms_of(study: CrossUseStudy, world: World) -> Terms:
    return Terms.of(study, world.uses.shape[1] - 1)


@dataclass(frozen=True)
class Houses:
    """Who the members are: so many to an industry and to a county, in turn."""

    industries: tuple[str, ...] = ("museum", "orchestra")
    counties: tuple[str, ...] = ("03", "46")

    def members(self, ids: Sequence[str]) -> list[Member]:
        return [
            Member(
                each,
                self.industries[index % len(self.industries)],
                self.counties[(index // len(self.industries)) % len(self.counties)],
            )
            for index, each in enumerate(ids)
        ]
