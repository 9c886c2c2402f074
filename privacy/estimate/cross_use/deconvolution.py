"""From the histograms of set bits to how many people use how many members: who is behind the flips.

Constrained maximum likelihood without any assumption on the shape: numbers of people, none below 0, under the normal
distribution with the mean and the covariance that `sight` and the noise give. The covariance depends on the answer, so
it is solved again until it stays: iteratively re-weighted non-negative least squares. (The histograms are sums over
thousands of people; a multinomial likelihood would take the lists of one person for independent, and the noise of the
members for none.) Two more observations go in beside the bins, each with its covariance with the others: the members'
sizes, and the set bits that they counted in their sums. They have the same flips in them, and far less noise.

Errors are those of a parametric bootstrap. The answer itself has few numbers above 0, as all such answers do, and
would be a poor population to draw from; so the bootstrap draws from the mean of the answers to data drawn around it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from privacy.estimate.cross_use.draws import standard_normals
from privacy.estimate.cross_use.sight import Sight, sight
from privacy.estimate.cross_use.terms import Terms
from privacy.estimate.errors import EstimateError

Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""It has converged when one more turn moves what it expects to observe by less than this many standard errors."""
MOST_TURNS = 100
RIDGE = 1e-9
"""Keeps answers that the data cannot tell apart from depending on the last bits of a machine. It is a millionth of the
weight at which it would begin to be felt."""
SPARE = 2
"""Columns of draws that the fit leaves to others, for what has noise of its own."""


class NotConverged(EstimateError):
    """The solver did not come to an end: there is no answer."""

    reason = "NOT_CONVERGED"

    def __init__(self) -> None:
        super().__init__("The number of people could not be solved for within the bound on the work. Report the round.")


@dataclass(frozen=True, eq=False)
class Observed:
    """What the counting members saw together.

    members: J; silent: sketches of the market beside theirs that all counted against. histogram: float64, the sum over
    members, one bin for each number of set bits from 0 to J + silent - 1. lists: the sum of their sizes. set_bits: Σ of
    (S + n) / 2 over members and the peers of each.
    """

    members: int
    silent: int
    histogram: Floats
    lists: float
    set_bits: float


@dataclass(frozen=True, eq=False)
class Solved:
    """Numbers of people by how many members of the market they use, 1, 2, ...: `people`, shape (market,).

    replicates: the bootstrap's answers, (draws, market), and centre: the population that it drew from. root: of the
    covariance of what is observed; flips: that part of it which is from the sketches, observations by observations.
    draws: what the replicates were drawn with, then SPARE columns more; (draws, observations + SPARE).
    """

    seen: Sight
    people: Floats
    replicates: Floats
    centre: Floats
    root: Floats
    flips: Floats
    draws: Floats

    def by_use(self, people: Floats) -> Floats:
        """People by how many of the counting members they use, 1, 2, ..., from those by the whole market."""
        return np.asarray(people @ self.seen.lists.T)


def solve(observed: Observed, terms: Terms) -> Solved:
    """The numbers of people, with what their errors are computed from. Raises NotConverged."""
    fit = _Fit.converged(observed, terms)
    draws = standard_normals(len(fit.root) + SPARE)

    def answers(population: Floats) -> Floats:
        return _solved(fit.columns, fit.columns @ population + draws[:, : len(fit.root)])

    centre = answers(fit.people).mean(axis=0)
    return Solved(fit.seen, fit.people, answers(centre), centre, fit.root, fit.flips, draws)


@dataclass(frozen=True, eq=False)
class _Fit:
    """An answer, and the problem that it makes: who else is in a bucket, and how what is observed varies, depend on it.

    Observations: the bins, the lists, the set bits. mean: what is expected of them, by people; columns: in units of
    the root of their covariance.
    """

    people: Floats
    seen: Sight
    mean: Floats
    flips: Floats
    root: Floats
    columns: Floats

    @staticmethod
    def converged(observed: Observed, terms: Terms) -> "_Fit":
        """Solves again until the answer stays. Raises NotConverged."""
        target = np.concatenate([observed.histogram, [observed.lists, observed.set_bits]])
        market = observed.members + observed.silent
        fit = _Fit._at(max(observed.lists, 0.0) / (market * np.arange(1.0, market + 1)), observed, terms)
        for _ in range(MOST_TURNS):
            people = _solved(fit.columns, np.linalg.solve(fit.root, target)[None, :])[0]
            moved = np.linalg.solve(fit.root, fit.mean @ (people - fit.people))
            fit = _Fit._at(people, observed, terms)
            if float(np.abs(moved).max()) < TOLERANCE:
                return fit
        raise NotConverged

    @staticmethod
    def _at(people: Floats, observed: Observed, terms: Terms) -> "_Fit":
        market = observed.members + observed.silent
        rows = np.vstack([np.eye(market), np.ones(market), np.arange(market)])
        beside = people / max(terms.buckets, float(people.sum()))
        seen = sight(observed.members, observed.silent, terms.flip, beside)
        crowd = 1 + max(observed.lists, 0.0) / terms.buckets  # people in one bucket share their bits
        flips = np.asarray(rows @ seen.covariance(people) @ rows.T * crowd)
        try:
            root = np.asarray(np.linalg.cholesky(flips + _noise(observed.members, market, terms)))
        except np.linalg.LinAlgError as error:  # so little noise that nothing is left of it beside rounding
            raise NotConverged from error
        mean = np.asarray(rows @ seen.mean)
        return _Fit(people, seen, mean, flips, root, np.asarray(np.linalg.solve(root, mean)))


def _noise(members: int, market: int, terms: Terms) -> Floats:
    """The covariance of what the members added to bins, lists and set bits."""
    peers = market - 1
    found = np.diag(np.concatenate([np.full(market, members * terms.histogram_variance), np.zeros(2)]))
    each = members * terms.sums_variance
    found[-2, -2] = each
    found[-2, -1] = found[-1, -2] = each * peers / 2
    found[-1, -1] = each * (peers + peers * peers) / 4
    return found


def _solved(columns: Floats, targets: Floats) -> Floats:
    """The non-negative least squares for each row of targets, columns scaled to length 1, with the ridge."""
    length = np.sqrt((columns * columns).sum(axis=0))
    size = columns.shape[1]
    padded = np.vstack([columns / length, np.sqrt(RIDGE) * np.eye(size)])
    wanted = np.hstack([targets, np.zeros((len(targets), size))])
    try:
        found = [nnls(padded, each, maxiter=50 * size)[0] for each in wanted]
    except RuntimeError as error:  # too many iterations
        raise NotConverged from error
    return np.asarray(found / length)
