"""From the members' releases to what a benchmark shows: estimates, errors, key figures, and what is withheld.

A pure function of the study, of who is included, of their noisy integers, and of what was shown before for the same
window. docs/benchmark.md states every rule; coordinator and auditor both call `combine`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import SUM_NAMES, Body, Cell, CohortLine
from privacy.estimate.cells import cells_of
from privacy.estimate.clipping.column import UncutColumn
from privacy.estimate.cohorts import Cohort, Member, cohorts_of
from privacy.estimate.complementary import complementary
from privacy.estimate.derived import SPREAD_DECIMALS, THRESHOLD_DECIMALS
from privacy.estimate.differences import differences
from privacy.estimate.disclosure import WHOLE, Category, Published, Releases, admit, dominated, more_than_noise
from privacy.estimate.errors import ImpossibleValueError, InvalidVectorError
from privacy.estimate.layout import Layout, layout_of
from privacy.estimate.quartiles import may_have, quartiles
from privacy.estimate.reasons import Reason
from privacy.estimate.thresholds import threshold_cells
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study

_SUMS = frozenset(SUM_NAMES.values())


def combine(
    study: Study,
    members: Sequence[Member],
    values: NDArray[np.int64],
    earlier: Sequence[Published] = (),
    thresholds: NDArray[np.int64] | None = None,
) -> Body:
    """The body of a benchmark.

    members: whose releases are included, in any order, each once. values: int64, shape (members, cells of the
    study), row by row the released integers of that member. earlier: every cohort that was published for the same
    window before, by another round or version, with what it showed and withheld (`shown` gives those of a body).
    thresholds: int64, shape (members, quantiles of the study), what each release tells of them; without, nothing is
    published of them.

    Raises InvalidCohortsError for a member twice, InvalidVectorError for another type or shape, and
    ImpossibleValueError for a value that no release may have, or for more members than a round may ask: with neither,
    no sum can leave 2^53. `privacy.rounds.fit` refuses such a release at the door, by the same limit.
    """
    _check(study, members, values)
    layout = layout_of(study)
    cohorts = cohorts_of(members, study.cohorts)
    reasons = admit(cohorts, {each.members for each in earlier if each.categories}, study.disclosure.min_members)
    lines = tuple(
        CohortLine(cohort.name, len(cohort.members), "suppressed" if reason else "published", reason)
        for cohort, reason in zip(cohorts, reasons, strict=True)
    )
    admitted = [cohort for cohort, reason in zip(cohorts, reasons, strict=True) if reason is None]
    sums = _summed(admitted, members, values, layout)
    each = layout.estimates(values, 1)
    dominant = _dominant(admitted, members, each, layout, study.disclosure.dominance_percent)
    telling = _telling(admitted, sums, layout)
    noise = dominant & ~telling
    releases = _releases(admitted, members, each, layout)
    closed = complementary(
        [cohort.members for cohort in admitted],
        layout.sums,
        dominant & telling,
        telling,
        noise,
        _sizes(sums, layout),
        releases,
        study.disclosure.dominance_percent,
        earlier,
        differences([cohort.members for cohort in admitted], releases, study.disclosure.dominance_percent),
    )
    cells: list[Cell] = []
    reasons_of = [_reasons(layout, dominant[at], dominant[at] | closed[at]) for at in range(len(admitted))]
    unseen = [WHOLE in why for why in reasons_of]
    spread = may_have(admitted, (each.members for each in earlier if each.quartiles), (not hidden for hidden in unseen))
    percent = study.disclosure.unreliable_percent
    told = _told(study, admitted, members, thresholds, earlier, unseen)
    uncut = layout.uncut(sums, ~(dominant | closed), [len(cohort.members) for cohort in admitted])
    for index, (cohort, rows) in enumerate(zip(admitted, _rows(admitted, members), strict=True)):
        why, nothing = reasons_of[index], _named(layout, noise[index] & ~closed[index])
        whole = UncutColumn(uncut, index, len(cohort.members))
        cells += cells_of(cohort, layout, sums[index].tolist(), whole, why, nothing, percent)
        cells += quartiles(cohort, layout, each[rows], why, percent, shown=spread[index])
        cells += told[index]
    return Body(lines, tuple(cells))


def shown(body: Body, study: Study, members: Sequence[Member], values: NDArray[np.int64]) -> tuple[Published, ...]:
    """What a body that `combine` made of these releases showed and withheld: for later ones of the same window.

    members and values: those that the body was made of. A body does not say whether a dominated category has more than
    noise, and only then does it need protection later on; the values tell.

    Raises as `combine` does.
    """
    _check(study, members, values)
    layout = layout_of(study)
    published = {line.cohort for line in body.cohorts if line.status == "published"}
    cohorts = [cohort for cohort in cohorts_of(members, study.cohorts) if cohort.name in published]
    telling = _telling(cohorts, _summed(cohorts, members, values, layout), layout)
    reasons: dict[str, dict[Category, str | None]] = {name: {} for name in published}
    for cell in body.cells:
        if cell.measure in _SUMS:
            reasons[cell.cohort][cell.table, cell.category] = cell.reason
        elif cell.measure in THRESHOLD_DECIMALS:  # never nothing but noise: what is withheld is a secret
            its, withheld = reasons[cell.cohort], cell.status == "suppressed"
            if not withheld or cell.reason == Reason.DOMINATED or its.get(WHOLE) is None:  # else with its cohort alone
                its[cell.table, cell.category] = Reason.COMPLEMENTARY if withheld else None
    spread = {cell.cohort for cell in body.cells if cell.measure in SPREAD_DECIMALS and cell.status != "suppressed"}
    found: list[Published] = []
    for cohort, tells in zip(cohorts, telling, strict=True):
        why, figures = reasons[cohort.name], _named(layout, tells)
        open_ = frozenset(category for category, reason in why.items() if reason is None)
        secret = {each for each, reason in why.items() if reason == Reason.COMPLEMENTARY or each in figures}
        found.append(Published(cohort.members, open_, frozenset(secret - open_), cohort.name in spread))
    return tuple(found)


def _told(
    study: Study,
    cohorts: Sequence[Cohort],
    members: Sequence[Member],
    thresholds: NDArray[np.int64] | None,
    earlier: Sequence[Published],
    unseen: Sequence[bool],
) -> list[list[Cell]]:
    """The means of quantiles, by cohort."""
    if thresholds is None:
        return [[] for _ in cohorts]
    if thresholds.dtype != np.int64 or thresholds.shape != (len(members), len(study.quantiles)):
        raise InvalidVectorError("The quantiles are not those of these releases. Check them against the study.")
    return threshold_cells(cohorts, study, [thresholds[rows] for rows in _rows(cohorts, members)], earlier, unseen)


def _check(study: Study, members: Sequence[Member], values: NDArray[np.int64]) -> None:
    if values.dtype != np.int64 or values.shape != (len(members), study.cells):
        raise InvalidVectorError(
            f"{len(members)} releases of this study are int64 of shape ({len(members)}, {study.cells}); "
            f"these are {values.dtype} of {values.shape}. Check the layout against the study."
        )
    if len(members) > LARGEST_ROSTER:
        raise ImpossibleValueError(f"A benchmark has at most {LARGEST_ROSTER} releases; these are {len(members)}.")
    if values.size and max(int(values.max()), -int(values.min())) > LARGEST_FIGURE:
        raise ImpossibleValueError(
            f"A release has a value beyond {LARGEST_FIGURE}, which none that is admitted has. Find it and leave it out."
        )


def _summed(
    cohorts: Sequence[Cohort], members: Sequence[Member], values: NDArray[np.int64], layout: Layout
) -> NDArray[np.int64]:
    """The estimates of the sums, shape (cohorts, cells)."""
    sums = np.zeros((len(cohorts), values.shape[1]), dtype=np.int64)
    for index, rows in enumerate(_rows(cohorts, members)):
        sums[index] = values[rows].sum(axis=0)
    return layout.estimates(sums, len(members))


def _dominant(
    cohorts: Sequence[Cohort], members: Sequence[Member], values: NDArray[np.int64], layout: Layout, percent: int
) -> NDArray[np.bool_]:
    """What one member dominates, bool of shape (cohorts, categories)."""
    found = np.zeros((len(cohorts), len(layout.categories)), dtype=np.bool_)
    for index, rows in enumerate(_rows(cohorts, members)):
        cells = dominated(values[rows], layout.variances, percent) & layout.tested
        found[index, layout.category_of[cells]] = True
    return found


def _rows(cohorts: Sequence[Cohort], members: Sequence[Member]) -> list[list[int]]:
    """Where each cohort's members stand among these."""
    row = {member.member: index for index, member in enumerate(members)}
    return [sorted(row[member] for member in cohort.members) for cohort in cohorts]


def _telling(cohorts: Sequence[Cohort], sums: NDArray[np.int64], layout: Layout) -> NDArray[np.bool_]:
    """Which categories have any figure that is more than noise, bool of shape (cohorts, categories).

    Where there is nothing but noise, nobody can rule dominance out, and so it is withheld; but what could be worked out
    of it would be noise as well, and nothing else needs to be withheld on its account. Nor does it hide
    another: whoever takes it for nothing is not far off.
    """
    found = np.zeros((len(cohorts), len(layout.categories)), dtype=np.bool_)
    for index, cohort in enumerate(cohorts):
        cells = more_than_noise(sums[index], layout.variances, len(cohort.members)) & layout.tested
        found[index, layout.category_of[cells]] = True
    return found


def _releases(
    cohorts: Sequence[Cohort], members: Sequence[Member], values: NDArray[np.int64], layout: Layout
) -> list[Releases]:
    """Each cohort's members' estimates, by category."""
    shared = layout.projection.covariances
    return [Releases(values, np.array(rows), shared, layout.columns) for rows in _rows(cohorts, members)]


def _sizes(sums: NDArray[np.int64], layout: Layout) -> NDArray[np.int64]:
    """How large each category is, by the first measure that its table has. Shape (cohorts, categories)."""
    first = np.unique(layout.category_of, return_index=True)[1]
    return sums[:, first]


def _named(layout: Layout, marked: NDArray[np.bool_]) -> frozenset[Category]:
    return frozenset(layout.categories[index] for index in np.flatnonzero(marked))


def _reasons(layout: Layout, dominant: NDArray[np.bool_], withheld: NDArray[np.bool_]) -> dict[Category, Reason]:
    return {
        category: Reason.DOMINATED if largest else Reason.COMPLEMENTARY
        for category, largest, hidden in zip(layout.categories, dominant.tolist(), withheld.tolist(), strict=True)
        if hidden
    }
