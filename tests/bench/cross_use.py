"""Whether the errors of cross-use are as large as they are said to be: simulated markets, truth beside the estimates.

    python -m tests.bench.cross_use [share of the runs] > table

The bits are simulated exactly, those alone that somebody looks at: each person's bucket, which buckets a member's
customers fill (with all collisions), one flip for each bucket and sketch that is looked up. The noise of the sums is a
rounded normal in place of the discrete Gaussian (its scales are 33 and more), that of the histograms discrete Laplace.
"""

import math
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from privacy.budget.amounts import Epsilon
from privacy.estimate.cross_use.counts import gathered
from privacy.estimate.cross_use.deconvolution import solve
from privacy.estimate.cross_use.overlap import overlaps
from privacy.estimate.cross_use.reach import USES, Estimate, multiplicity, observed_of, reach
from privacy.estimate.cross_use.standing import standing_of
from privacy.estimate.cross_use.terms import Terms
from privacy.mechanisms.response import response_for
from tests.privacy.estimate.cross_use.world import drawn, halving, people_by_use, study_with, world_of

Floats = NDArray[np.float64]

RUNS = 1000
SIZES, PEERS, EPSILONS = (2_000, 20_000, 100_000), (9, 99), ("0.5", "1", "2")
COMMON = 0.2
"""The share of a member's customers that the other has too."""
CONFIDENCE, Z = 0.95, 1.959963985


@dataclass(frozen=True)
class Pair:
    """An overlap under one setting: the standard deviation as the expression has it, and what was measured."""

    size: int
    peers: int
    epsilon: str
    expected: float
    measured: float
    bias: float
    covered: float

    @property
    def ratio(self) -> float:
        return self.measured / self.expected


@dataclass(frozen=True)
class Figure:
    """A figure of a market under one model. truth, spread, bias and error in units of the figure; error is the mean of
    the standard errors that were computed."""

    model: str
    members: int
    size: int
    name: str
    truth: float
    spread: float
    bias: float
    error: float
    covered: float


def expected_variance(size: int, common: float, terms: Terms) -> float:
    """The whole expression of docs/cross-use-errors.md for two members of one size, written out on its own."""
    p, m, noise = terms.flip, terms.buckets, terms.sums_variance
    c = 1 - (1 - 1 / m) ** size
    v = p * (1 - p) / (1 - 2 * p) ** 2
    collisions = (size - common) * c / (1 - c) * (1 + size / m)
    alone = v * size * (1 + size / m) / (1 - c) ** 2 + collisions * common / size
    shared = collisions * (size - common) / size
    of_sum = 1 / (2 * (1 - 2 * p) * (1 - c))
    of_sizes = (1 - 2 * c) / (2 * (1 - c)) + (size - common) * math.log1p(-1 / m)
    return (alone + noise * of_sum**2) / 2 + noise * of_sizes**2 / 2 + shared


def pairs(size: int, epsilon: str, runs: int) -> list[Pair]:
    """Two members of one size, for each number of peers that the noise is made for."""
    study = study_with(response=response_for(Epsilon.parse(epsilon)))
    terms = [Terms.of(study, peers) for peers in PEERS]
    random = np.random.default_rng([size, Epsilon.parse(epsilon).micro])
    common = round(COMMON * size)
    apart = ~np.eye(2, dtype=np.bool_)
    values, errors = np.zeros((runs, len(PEERS))), np.zeros((runs, len(PEERS)))
    taken, flips = np.zeros((2, terms[0].buckets), dtype=np.bool_), np.zeros(terms[0].buckets, dtype=np.bool_)
    for run in range(runs):
        first = random.integers(0, terms[0].buckets, size)
        lists = first, np.concatenate([first[:common], random.integers(0, terms[0].buckets, size - common)])
        for bits, own in zip(taken, lists, strict=True):
            bits[own] = True
        sums = np.zeros((2, 2))
        for row, own in enumerate(lists):
            flips[own] = random.random(size) < terms[0].flip  # of two in one bucket the last stands for both
            sums[row, 1 - row] = 2 * int((taken[1 - row][own] ^ flips[own]).sum()) - size
        for bits, own in zip(taken, lists, strict=True):
            bits[own] = False
        for index, each in enumerate(terms):
            noise = np.rint(random.normal(0, math.sqrt(each.sums_variance), (2, 3)))
            found = overlaps(size + noise[:, 2], np.where(apart, sums + noise[:, :2], 0.0), apart, each)
            values[run, index], errors[run, index] = found.values[0, 1], math.sqrt(found.variances[0, 1])
    answers = []
    for index, (peers, each) in enumerate(zip(PEERS, terms, strict=True)):
        off = values[:, index] - common
        covered = float((np.abs(off) <= Z * errors[:, index]).mean())
        expected = math.sqrt(expected_variance(size, common, each))
        answers.append(Pair(size, peers, epsilon, expected, float(off.std()), float(off.mean()), covered))
    return answers


def _by_square(use: Floats) -> Floats:
    return np.asarray(use**-2.0)


def _by_chance(use: Floats) -> Floats:
    most = len(use)
    return np.array([math.comb(most, int(k)) * 0.2**k * 0.8 ** (most - k) for k in use])


MODELS: dict[str, Callable[[Floats], Floats]] = {
    "45 % as many use one more": halving,
    "1/k² use k": _by_square,
    "each of 20 %, by chance": _by_chance,
}


def market(model: str, members: int, size: int, runs: int, seed: int = 0) -> Floats:
    """What was estimated in so many runs of one population: reach and each use, with errors and truth.

    Shape (runs, figures, 3). Whoever uses k members uses a random set of k.
    """
    random = np.random.default_rng([members, size, seed, len(model)])
    world = world_of(people_by_use(MODELS[model], members, size), random, groups=1)
    terms = Terms.of(study_with(), members - 1)
    uses = {name: (least, most) for name, least, most in USES if least <= members}
    truth = [float(world.reach), *(world.share(*bounds) for bounds in uses.values())]
    answers = []
    for _ in range(runs):
        counts = gathered(world.ids, drawn(world, terms, random), 1)
        standing = standing_of(counts, terms)
        solved = solve(observed_of(counts, standing), terms)
        found: list[Estimate] = [reach(solved), *multiplicity(solved).values()]
        answers.append([(each.value, each.error, true) for each, true in zip(found, truth, strict=True)])
    return np.array(answers)


def figures(model: str, members: int, size: int, found: Floats) -> list[Figure]:
    """What the runs of `market` come to."""
    names = ["reach", *(name for name, least, _ in USES if least <= members)]
    answers = []
    for index, name in enumerate(names):
        value, error, truth = found[:, index].T
        off = value - truth
        covered = float((np.abs(off) <= Z * error).mean())
        answers.append(
            Figure(
                model,
                members,
                size,
                name,
                float(truth[0]),
                float(off.std()),
                float(off.mean()),
                float(error.mean()),
                covered,
            )
        )
    return answers


def measure(share: float) -> tuple[list[Pair], list[Figure]]:
    """All of it, on all cores."""
    runs = max(20, round(RUNS * share))
    jobs = [("market", (model, 10, 20_000)) for model in MODELS]
    jobs += [("market", (next(iter(MODELS)), members, size)) for members, size in ((5, 20_000), (10, 2_000))]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        halves = [(job, [pool.submit(market, *job, runs // 4, seed) for seed in range(4)]) for _, job in jobs]
        overlapping = [pool.submit(pairs, size, epsilon, runs) for size, epsilon in product(SIZES, EPSILONS)]
        solved = [
            each for job, parts in halves for each in figures(*job, np.concatenate([part.result() for part in parts]))
        ]
        return [each for part in overlapping for each in part.result()], solved


_OF_PAIRS = ("customers each", "peers", "ε₁", "sd by the expression", "sd measured", "ratio", "bias, in sd", "hold")
_OF_MARKETS = ("people", "members", "customers each", "figure", "truth", "sd", "bias", "mean standard error", "hold")


@dataclass(frozen=True)
class Target:
    """A number to reach: the worst that was measured, and between which it is to be."""

    what: str
    measured: float
    low: float
    high: float

    @property
    def met(self) -> bool:
        return self.low <= self.measured <= self.high


def targets(found: list[Pair], solved: list[Figure]) -> list[Target]:
    """What docs/cross-use-errors.md promises, each with the worst of what was measured."""
    ratio = max((pair.ratio for pair in found), key=lambda each: abs(math.log(each)))
    bias = max(abs(pair.bias / pair.measured) for pair in found)
    held = max((pair.covered for pair in found), key=lambda each: abs(each - CONFIDENCE))
    model = next(iter(MODELS))
    ours = [each for each in solved if (each.model, each.members, each.size) == (model, 10, 20_000)]
    holding = max((each.covered for each in ours if each.name != "6+"), key=lambda each: abs(each - CONFIDENCE))
    return [
        Target("sd of an overlap, of the whole expression, worst of 18", ratio, 0.9, 1.1),
        Target("bias of an overlap in its sd, worst of 18", bias, 0, 0.1),
        Target("95 % intervals of an overlap that hold, worst of 18", held, 0.93, 0.97),
        Target(
            f"sd of the reach of 10 members of 20,000, in percent ({model})",
            100 * ours[0].spread / ours[0].truth,
            0,
            1.2,
        ),
        Target("95 % intervals of its reach, and of the shares that use 1, 2, 3-5, worst", holding, 0.93, 0.97),
    ]


def tables(found: list[Pair], solved: list[Figure]) -> str:
    """As Markdown; `hold` is the share of 95 % intervals that hold the truth."""
    return "\n".join([*_head(_OF_PAIRS, 2), *map(_pair, found), "", *_head(_OF_MARKETS, 3), *map(_figure, solved)])


def _head(names: tuple[str, ...], texts: int) -> list[str]:
    ruler = ["---" if index < texts else "---:" for index in range(len(names))]
    return [_line(names), _line(ruler)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pair(pair: Pair) -> str:
    return _line(
        (
            f"{pair.size:,}",
            str(pair.peers),
            pair.epsilon,
            f"{pair.expected:.1f}",
            f"{pair.measured:.1f}",
            f"{pair.ratio:.3f}",
            f"{pair.bias / pair.measured:+.3f}",
            f"{100 * pair.covered:.1f} %",
        )
    )


def _figure(each: Figure) -> str:
    unit = each.truth if each.name == "reach" else 1.0
    errors = (
        f"{100 * value / unit:{sign}.2f} %" for value, sign in ((each.spread, ""), (each.bias, "+"), (each.error, ""))
    )
    truth = f"{each.truth:,.0f}" if each.name == "reach" else f"{100 * each.truth:.1f} %"
    head = (each.model, str(each.members), f"{each.size:,}", each.name, truth)
    return _line((*head, *errors, f"{100 * each.covered:.1f} %"))


if __name__ == "__main__":
    print(tables(*measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)))
