"""Which cohorts may be published, and which of their cells: institutions' secrets, not persons'.

Differential privacy keeps the customers; these rules keep a member's figures from whoever reads the benchmark. They
work on noisy values and on memberships, both of which the coordinator and an auditor have, so both come to the same.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.cohorts import Cohort
from privacy.estimate.isolation import isolates, rank
from privacy.estimate.reasons import Reason

Category = tuple[str, str]
"""A table and one of its categories: what is shown or withheld as one, with all measures and ratios."""

WHOLE: Category = ("totals", "all")
"""The whole of a cohort, to which every table adds up."""

NOISE_ERRORS = 2.0
"""A figure below this many of its standard errors is nothing but noise. A constant, not the study's unreliable percent,
which is about what a reader can use: 25 % is 4 standard errors, and a figure of 3 tells a good deal."""

ONE_SIDED = 1.645
"""The 95 % quantile of a standard normal: a share may be this many standard errors above its estimate."""


@dataclass(frozen=True)
class Published:
    """A cohort that was published before for the same window, in another version or round.

    categories: what was shown. withheld: what must stay hidden, because one member dominates it or because it would
    give away another that is withheld. A category with nothing but noise is in neither. quartiles: whether any over its
    members were shown.
    """

    members: frozenset[str]
    categories: frozenset[Category]
    withheld: frozenset[Category] = frozenset()
    quartiles: bool = False


def admit(
    cohorts: Sequence[Cohort], earlier: Collection[frozenset[str]], min_members: int
) -> tuple[Reason | None, ...]:
    """For each cohort None where it may be published, or why not.

    Greedy: cohorts are taken in the given order, and one is refused where, with those already admitted and the member
    sets of `earlier`, some integer combination isolates 1 to min_members - 1 members. A cohort that can be computed
    from what is published already adds nothing and is admitted. Where `earlier` alone isolates somebody (as a study
    with a smaller `min_members` may have), no cohort that adds anything is admitted any more.
    """
    everyone = sorted(set().union(*(cohort.members for cohort in cohorts), *earlier))
    column = {member: index for index, member in enumerate(everyone)}
    rows = indicators(sorted({tuple(sorted(members)) for members in earlier}), column)
    known = rank(rows)
    answers: list[Reason | None] = []
    for cohort in cohorts:
        if len(cohort.members) < min_members:
            answers.append(Reason.TOO_FEW_MEMBERS)
            continue
        with_it = np.vstack([rows, indicators([cohort.members], column)])
        if rank(with_it) > known:
            if isolates(with_it, min_members - 1):
                answers.append(Reason.ISOLATES_MEMBERS)
                continue
            rows, known = with_it, known + 1
        answers.append(None)
    return tuple(answers)


def indicators(sets: Sequence[Collection[str]], column: dict[str, int]) -> NDArray[np.int8]:
    """One row of 0 and 1 per set of members, shape (sets, members), int8."""
    rows = np.zeros((len(sets), len(column)), dtype=np.int8)
    for row, members in zip(rows, sets, strict=True):
        row[[column[member] for member in members]] = 1
    return rows


def dominated(values: NDArray[np.int64], variances: NDArray[np.float64], dominance_percent: int) -> NDArray[np.bool_]:
    """For each cell of a cohort, whether one member may be more than `dominance_percent` of it. Shape (cells,).

    values: int64, shape (members, cells), each member's noisy cells; small enough that a column's sum is an int64.
    variances: float64, shape (cells,), of the noise on one member's cell.

    With x the values clipped at 0, t their sum, s = max x / t the largest share, and n members whose noises are
    independent with variance V, the delta method gives Var(s) = V ((1 - s)² + (n - 1) s²) / t². A cell is dominated
    where s + 1.645 standard errors exceeds the limit, and where t is 0: then nobody can say.
    """
    clipped = np.maximum(values, 0)
    total = clipped.sum(axis=0)
    nothing = total == 0
    whole = np.where(nothing, 1, total).astype(np.float64)
    share = clipped.max(axis=0).astype(np.float64) / whole
    spread = (1 - share) * (1 - share) + (len(values) - 1) * share * share
    margin = ONE_SIDED * np.sqrt(variances * spread) / whole
    return np.asarray(nothing | (share + margin > dominance_percent / 100))


def more_than_noise(sums: NDArray[np.int64], variances: NDArray[np.float64], members: int) -> NDArray[np.bool_]:
    """For each sum over so many members whether it is at least NOISE_ERRORS standard errors from zero.

    sums: int64, variances: float64, of the noise on one member's part; both of one shape.
    """
    return np.asarray(np.abs(sums) >= NOISE_ERRORS * np.sqrt(members * variances))


@dataclass(frozen=True, eq=False)
class Pile:
    """Several categories of one cohort taken together: what is left of a table when the others are taken off.

    values: int64, shape (members, measures), each member's. variances: float64, shape (measures,), of the noise on one
    member's; 0 where no category has the measure.
    """

    values: NDArray[np.int64]
    variances: NDArray[np.float64]

    def gives_away(self, dominance_percent: int) -> bool:
        """Whether, as one cell, it would be dominated and more than noise, each for any measure."""
        there = self.variances > 0
        values, variances = self.values[:, there], self.variances[there]
        tells = more_than_noise(values.sum(axis=0), variances, len(values)).any()
        return bool(tells and dominated(values, variances, dominance_percent).any())


@dataclass(frozen=True, eq=False)
class Releases:
    """What the members of one cohort released, after least squares, to be piled up by category.

    values: int64, shape (all members, cells), and rows, those of the cohort. covariance: of the noise on some cells of
    one member's, one a row, with that on others, one a column, all of one measure. cells: int64, shape (categories,
    measures): where each lies in a release, or -1 where there is none, or nothing by definition.
    """

    values: NDArray[np.int64]
    rows: NDArray[np.int64]
    covariance: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
    cells: NDArray[np.int64]

    def pile(self, categories: Sequence[int]) -> Pile:
        """These categories, by their positions, taken together. Their noises hang together."""
        columns = [each[each >= 0] for each in self.cells[list(categories)].T]
        values = [self.values[np.ix_(self.rows, each)].sum(axis=1) for each in columns]
        variances = [max(0.0, _added(self.covariance(each, each))) for each in columns]
        return Pile(np.stack(values, axis=1), np.array(variances))

    def secret(self, dominance_percent: int) -> NDArray[np.bool_]:
        """By category whether, alone, it would be dominated and more than noise, each for any measure."""
        of_one, tells = (np.zeros(len(self.cells), dtype=np.bool_) for _ in range(2))
        for cells in self.cells.T:
            there = np.flatnonzero(cells >= 0)
            variances = self.covariance(cells[there], cells[there]).diagonal()
            there, variances = there[variances > 0], variances[variances > 0]
            values = self.values[np.ix_(self.rows, cells[there])]
            of_one[there] |= dominated(values, variances, dominance_percent)
            tells[there] |= more_than_noise(values.sum(axis=0), variances, len(values))
        return np.asarray(of_one & tells)

    def with_more(self, pile: Pile, categories: Sequence[int], more: int) -> Pile:
        """The pile of these categories, and one more."""
        values, variances = pile.values.copy(), pile.variances.copy()
        there = self.cells[list(categories)]
        for measure in np.flatnonzero(self.cells[more] >= 0).tolist():
            cell, others = self.cells[more, measure], there[:, measure]
            values[:, measure] += self.values[self.rows, cell]
            own, *shared = self.covariance(np.array([cell]), np.array([cell, *others[others >= 0]]))[0].tolist()
            variances[measure] = max(0.0, variances[measure] + own + 2 * math.fsum(shared))
        return Pile(values, variances)


def _added(covariance: NDArray[np.float64]) -> float:
    """The sum of a matrix: row after row, and then correctly rounded, so in an order that no machine chooses."""
    total = np.zeros(covariance.shape[1])
    for row in covariance:
        total += row
    return math.fsum(total.tolist())


def relative_error_exceeds(value: float, standard_error: float, percent: int) -> bool:
    """Whether the standard error is more than `percent` of the value: then a figure is shown as unreliable."""
    return not math.isfinite(value) or 100 * standard_error > percent * abs(value)
