"""From the members' releases to what a benchmark shows: sums, their errors, the key figures, and what is withheld.

A pure function of the study, of who is included, of their noisy integers, and of what was shown before for the same
window. docs/benchmark.md states every rule; coordinator and auditor both call `combine`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import LARGEST_SUM, Body, Cell, CohortLine
from privacy.estimate.cells import Layout, cells_of
from privacy.estimate.cohorts import Cohort, Member, cohorts_of
from privacy.estimate.complementary import complementary
from privacy.estimate.disclosure import Category, Published, Reason, admit, dominated
from privacy.estimate.errors import ImpossibleValueError, InvalidVectorError
from privacy.studies.study import Study


def combine(
    study: Study, members: Sequence[Member], values: NDArray[np.int64], earlier: Sequence[Published] = ()
) -> Body:
    """The body of a benchmark.

    members: whose releases are included, in any order, each once. values: int64, shape (members, cells of the
    study), row by row the released integers of that member. earlier: every cohort that was published for the same
    window before, by another round or version (`shown` gives those of a body).

    Raises InvalidCohortsError for a member twice, InvalidVectorError for another type or shape, and
    ImpossibleValueError for values so large that the sums of a cohort could leave 2^53.
    """
    _check(study, members, values)
    layout = Layout.of(study)
    cohorts = cohorts_of(members, study.cohorts)
    reasons = admit(cohorts, {each.members for each in earlier}, study.disclosure.min_members)
    lines = tuple(
        CohortLine(cohort.name, len(cohort.members), "suppressed" if reason else "published", reason)
        for cohort, reason in zip(cohorts, reasons, strict=True)
    )
    admitted = [cohort for cohort, reason in zip(cohorts, reasons, strict=True) if reason is None]
    sums, dominant = _summed(admitted, members, values, layout, study.disclosure.dominance_percent)
    percent = study.disclosure.unreliable_percent
    telling = dominant & _telling(admitted, sums, layout, percent)
    sets = [cohort.members for cohort in admitted]
    withheld = dominant | complementary(sets, layout.categories, telling, _sizes(sums, layout), earlier)
    cells: list[Cell] = []
    for index, cohort in enumerate(admitted):
        why = _reasons(layout, dominant[index], withheld[index])
        noise = {
            category
            for category, largest, tells in zip(layout.categories, dominant[index], telling[index], strict=True)
            if largest and not tells
        }
        cells += cells_of(cohort, layout, sums[index].tolist(), why, noise, percent)
    return Body(lines, tuple(cells))


def shown(body: Body, study: Study, members: Sequence[Member]) -> tuple[Published, ...]:
    """What a body that `combine` made of these members showed: for later rounds and versions of the same window."""
    categories: dict[str, set[Category]] = {line.cohort: set() for line in body.cohorts if line.status == "published"}
    for cell in body.cells:
        if cell.status != "suppressed":
            categories[cell.cohort].add((cell.table, cell.category))
    sets = {cohort.name: cohort.members for cohort in cohorts_of(members, study.cohorts)}
    return tuple(Published(sets[name], frozenset(shown)) for name, shown in categories.items())


def _check(study: Study, members: Sequence[Member], values: NDArray[np.int64]) -> None:
    if values.dtype != np.int64 or values.shape != (len(members), study.cells):
        raise InvalidVectorError(
            f"{len(members)} releases of this study are int64 of shape ({len(members)}, {study.cells}); "
            f"these are {values.dtype} of {values.shape}. Check the layout against the study."
        )
    if values.size and max(int(values.max()), -int(values.min())) * len(members) > LARGEST_SUM:
        raise ImpossibleValueError(
            "A release has a value so large that a sum could not be written exactly, which no honest one comes near. "
            "Find the release with an impossible value and leave it out."
        )


def _summed(
    cohorts: Sequence[Cohort],
    members: Sequence[Member],
    values: NDArray[np.int64],
    layout: Layout,
    dominance_percent: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The sums, int64 of shape (cohorts, cells), and what one member dominates, bool of shape (cohorts, categories)."""
    row = {member.member: index for index, member in enumerate(members)}
    variances = np.array([float(layout.variances[part]) for part in layout.part_of], dtype=np.float64)
    sums = np.zeros((len(cohorts), values.shape[1]), dtype=np.int64)
    dominant = np.zeros((len(cohorts), len(layout.categories)), dtype=np.bool_)
    for index, cohort in enumerate(cohorts):
        own = values[sorted(row[member] for member in cohort.members)]
        sums[index] = own.sum(axis=0)
        cells = dominated(own, variances, dominance_percent) & layout.tested
        dominant[index, layout.category_of[cells]] = True
    return sums, dominant


def _telling(cohorts: Sequence[Cohort], sums: NDArray[np.int64], layout: Layout, percent: int) -> NDArray[np.bool_]:
    """Which categories have any figure that is more than noise, bool of shape (cohorts, categories).

    Where there is nothing but noise, nobody can rule dominance out, and so it is withheld; but what could be worked out
    of it would be as unreliable, and nothing else needs to be withheld on its account.
    """
    variances = np.array([float(layout.variances[part]) for part in layout.part_of], dtype=np.float64)
    found = np.zeros((len(cohorts), len(layout.categories)), dtype=np.bool_)
    for index, cohort in enumerate(cohorts):
        errors = np.sqrt(len(cohort.members) * variances)
        cells = (100 * errors <= percent * np.abs(sums[index])) & layout.tested
        found[index, layout.category_of[cells]] = True
    return found


def _sizes(sums: NDArray[np.int64], layout: Layout) -> NDArray[np.int64]:
    """How large each category is, by the first measure that its table has. Shape (cohorts, categories)."""
    first = np.unique(layout.category_of, return_index=True)[1]
    return sums[:, first]


def _reasons(layout: Layout, dominant: NDArray[np.bool_], withheld: NDArray[np.bool_]) -> dict[Category, Reason]:
    return {
        category: Reason.DOMINATED if largest else Reason.COMPLEMENTARY
        for category, largest, hidden in zip(layout.categories, dominant.tolist(), withheld.tolist(), strict=True)
        if hidden
    }
