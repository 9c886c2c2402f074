"""Which other cells must be withheld, so that a withheld one cannot be computed from what is left.

Three kinds of sums lead back to a withheld cell, and all are closed, over and over until nothing changes:

- across cohorts, for one category: what the network has and all other industries have not is this industry's;
- within a cohort, over its categories: what the total has and the other months have not is this month's
  (`privacy.estimate.within`);
- both together, over all cohorts and all tables, as one system of equations (`privacy.estimate.bridges`).

All are exact, for all cohorts add up the same estimates, and the estimates of each add up as the truth does. The last
sees whatever the others see. These come first because they withhold what costs least: the same category elsewhere, or
another of the same table.

What an earlier benchmark of the window withheld stays withheld: nothing that is shown now may give it away. Only cells
of now can be withheld for that, and only those that were not shown before as they are.

Whatever must be chosen is chosen by a fixed rule, so that coordinator and auditor withhold the same cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.bridges import Bridges
from privacy.estimate.differences import Differences
from privacy.estimate.disclosure import Category, Published, Releases, indicators
from privacy.estimate.exact import Integers, echelon, left_null_space
from privacy.estimate.within import Row, Sums


class _Status(IntEnum):
    """What a reader has of one category of a cohort, of this benchmark or of an earlier one."""

    SECRET = 0
    """Withheld, and never to be worked out."""
    OPEN = 1
    """Shown now, and can still be withheld."""
    NOISE = 2
    """Withheld now, but nothing but noise: as good as known to be nothing."""
    SHOWN = 3
    """Shown before: cannot be taken back."""
    ABSENT = 4
    """Not shown before, and nothing to protect."""
    FAINT = 5
    """Shown now, but nothing but noise: withheld only where a secret would follow exactly and nothing else is left."""


@dataclass
class _Relations:
    """All integer relations between the cohorts' sums, those published now first, then the earlier ones."""

    matrix: Integers
    answers: dict[bytes, NDArray[np.int8]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Before:
    """What was shown before, and withheld and never shown, for the window.

    Of the cohorts of now, by their members: shown and secret, bool of shape (cohorts, categories). Of all other
    earlier cohorts: their statuses, int8 of shape (earlier sets, categories).
    """

    shown: NDArray[np.bool_]
    secret: NDArray[np.bool_]
    others: NDArray[np.int8]


def complementary(
    cohorts: Sequence[frozenset[str]],
    sums: Sums,
    withheld: NDArray[np.bool_],
    telling: NDArray[np.bool_],
    noise: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    releases: Sequence[Releases],
    dominance_percent: int,
    earlier: Sequence[Published],
    differ: Differences = Differences(),  # noqa: B008  it is frozen
) -> NDArray[np.bool_]:
    """All cells to be withheld: those that are, those that were before, and those that would give them away.

    cohorts: the published ones, in order of priority. sums: the study's categories in order, and what they add up to.
    All others have the shape (cohorts, categories). withheld: bool. telling: bool: what is more than noise; nothing
    else can hide a cell. noise: bool: what is neither telling nor shown; it needs no protection. sizes: int64: of equal
    ones the smallest is withheld first. releases: of each cohort's members, and dominance_percent, for sums of what is
    hidden. earlier: what was shown and withheld before for the same window; what was shown cannot be taken back, and a
    cell that it gives by itself is not protected any more. differ: what cohorts differ by, with secrets of its own.
    """
    relations, before = _related(cohorts, sums.categories, earlier)
    withheld = withheld | before.secret
    known = before.shown | ~telling
    rows = [
        Row(withheld[at], before.shown[at], noise[at], known[at], sizes[at], releases[at], dominance_percent)
        for at in range(len(cohorts))
    ]
    past = before.others
    bridges = Bridges(sums, rows, relations.matrix, past == _Status.SHOWN, past == _Status.SECRET, differ)
    while True:
        count = int(withheld.sum())
        for row in rows:
            row.close(sums)
        statuses = np.vstack([_statuses(withheld, before.shown, noise, telling), before.others])
        for index in np.flatnonzero((statuses == _Status.SECRET).any(axis=0)):
            closed = _closed_across(statuses[:, index], relations)[: len(cohorts)]
            withheld[:, index] |= closed == _Status.SECRET
        if int(withheld.sum()) == count and not bridges.close():
            return withheld


def _related(
    cohorts: Sequence[frozenset[str]], categories: Sequence[Category], earlier: Sequence[Published]
) -> tuple[_Relations, _Before]:
    """The relations between the cohorts and the earlier ones with other members, and what was shown before of both."""
    shown: dict[frozenset[str], set[Category]] = {}
    hidden: dict[frozenset[str], set[Category]] = {}
    for published in sorted(earlier, key=lambda published: sorted(published.members)):
        shown.setdefault(published.members, set()).update(published.categories)
        hidden.setdefault(published.members, set()).update(published.withheld)
    others = [members for members in shown if members not in set(cohorts)]
    everyone = sorted(set().union(*cohorts, *others))
    column = {member: index for index, member in enumerate(everyone)}
    atoms = np.unique(indicators([*cohorts, *others], column), axis=1)
    own, past = _marked(cohorts, shown, categories), _marked(others, shown, categories)
    secret = _marked(others, hidden, categories) & ~past
    statuses = np.select([past, secret], [_Status.SHOWN, _Status.SECRET], _Status.ABSENT).astype(np.int8)
    return _Relations(left_null_space(atoms)), _Before(own, _marked(cohorts, hidden, categories) & ~own, statuses)


def _marked(
    sets: Sequence[frozenset[str]], of: dict[frozenset[str], set[Category]], categories: Sequence[Category]
) -> NDArray[np.bool_]:
    rows = [[category in of.get(members, ()) for category in categories] for members in sets]
    return np.array(rows, dtype=np.bool_).reshape(len(sets), len(categories))


def _statuses(
    withheld: NDArray[np.bool_], shown: NDArray[np.bool_], noise: NDArray[np.bool_], telling: NDArray[np.bool_]
) -> NDArray[np.int8]:
    marks = {_Status.SHOWN: shown, _Status.SECRET: withheld, _Status.NOISE: noise, _Status.FAINT: ~telling}
    return np.select(list(marks.values()), list(marks), _Status.OPEN).astype(np.int8)


def _closed_across(statuses: NDArray[np.int8], relations: _Relations) -> NDArray[np.int8]:
    """One category of all cohorts: withholds the last cohort of a relation that would give a withheld one."""
    if not len(relations.matrix):
        return statuses
    key = statuses.tobytes()
    if key not in relations.answers:
        closed = statuses.copy()
        while (giver := _giver(closed, relations.matrix)) is not None:
            closed[giver] = _Status.SECRET
        relations.answers[key] = closed
    return relations.answers[key]


def _giver(statuses: NDArray[np.int8], matrix: Integers) -> int | None:
    """The last open cohort in a relation between one secret and what a reader has; None where there is none.

    First what a reader has for certain, then what noise gives as well: a secret that only noise and what was shown
    before would give is then given up, and one that follows exactly is not. Of what is shown, what is nothing but noise
    is taken only where nothing else is left: to withhold it hides little.
    """
    free, faint = statuses == _Status.OPEN, statuses == _Status.FAINT
    certain = (statuses == _Status.SHOWN) | (statuses == _Status.NOISE)
    secret = (statuses == _Status.SECRET) | (statuses == _Status.ABSENT)
    for hidden in (secret | (statuses == _Status.NOISE), secret):
        for cohort in np.flatnonzero(statuses == _Status.SECRET).tolist():
            if not matrix[:, cohort].any():
                continue
            # Pivots are taken among the hidden first, so the row whose pivot is this cohort has none of them in it; and
            # among what cannot be taken back last, so it has no open cohort that the relation can do without. Open ones
            # come from the last to the first: the relation is that of the highest, never that of a lower one like them.
            rest = hidden.copy()
            rest[cohort] = False
            givable = (np.flatnonzero(each)[::-1] for each in (free, faint))
            order = [*np.flatnonzero(rest), cohort, *np.concatenate([*givable, np.flatnonzero(certain & ~hidden)])]
            rows, pivots = echelon(matrix, order)
            if cohort not in pivots:
                continue
            given_by = rows[pivots.index(cohort)] != 0
            for could in (free, faint):
                if (given_by & could).any():
                    return int(np.flatnonzero(given_by & could)[-1])
    return None
