"""Which other cells must be withheld, so that a withheld one cannot be computed from what is left.

Two kinds of sums lead back to a withheld cell, and both are closed, over and over until nothing changes:

- across cohorts, for one category: what the network has and all other industries have not is this industry's. Such
  relations are exact, for all cohorts add up the same noisy releases;
- within a cohort, over the categories of a table: what the total has and the other months have not is this month's.
  These hold for the truth, and so for the figures up to their noise.

Whatever must be chosen is chosen by a fixed rule, so that coordinator and auditor withhold the same cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.disclosure import Category, Published, indicators
from privacy.estimate.exact import Integers, echelon, left_null_space

WHOLE: Category = ("totals", "all")
_IDENTITY = "identity"
# Customers of a flow add up to those of the window without the lost ones, and to those of the year before, which last
# year's benchmark may have published, without the new and the recovered.
_FLOWS = (("new", "continuing", "recovered"), ("continuing", "lost"))
_OF_IDENTIFIED = ("frequency_band", "flow")  # partition the identified customers and what they bought


@dataclass(frozen=True)
class Tables:
    """The sums within a cohort: which positions among the study's categories add up to something that is published."""

    whole: int | None
    groups: tuple[tuple[int, ...], ...]
    identity: tuple[int, ...]
    of_identified: tuple[tuple[int, ...], ...]

    @staticmethod
    def of(categories: Sequence[Category]) -> "Tables":
        """The sums among these categories: those of each table, all of which partition something."""
        position = {category: index for index, category in enumerate(categories)}
        groups: dict[str, list[tuple[int, ...]]] = {}
        for table in dict.fromkeys(table for table, _ in categories):
            if table == "flow":
                groups[table] = [tuple(position[table, name] for name in names) for names in _FLOWS]
            elif table != WHOLE[0]:
                groups[table] = [tuple(index for category, index in position.items() if category[0] == table)]
        return Tables(
            position.get(WHOLE),
            tuple(group for several in groups.values() for group in several),
            groups.get(_IDENTITY, [()])[0],
            tuple(groups[table][0] for table in _OF_IDENTIFIED if table in groups),
        )


@dataclass
class _Relations:
    """All integer relations between the cohorts' sums, those published now first, then the earlier ones."""

    matrix: Integers
    now: int
    answers: dict[bytes, NDArray[np.bool_]] = field(default_factory=dict)


def complementary(
    cohorts: Sequence[frozenset[str]],
    categories: Sequence[Category],
    withheld: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    earlier: Sequence[Published],
) -> NDArray[np.bool_]:
    """All cells to be withheld: those that are, and those that would give them away.

    cohorts: the published ones, in order of priority. categories: the study's, in order. withheld: bool, shape
    (cohorts, categories). sizes: int64, the same shape: the smallest of a group is withheld first.
    earlier: what was shown before for the same window; it cannot be taken back, and a cell that it gives by itself is
    not protected any more.
    """
    tables = Tables.of(categories)
    relations, shown, known = _related(cohorts, categories, earlier)
    withheld = withheld.copy()
    while True:
        before = int(withheld.sum())
        for row, size in zip(withheld, sizes, strict=True):
            _close_within(row, size, tables)
        for index in np.flatnonzero(withheld.any(axis=0)):
            withheld[:, index] = _closed_across(withheld[:, index], known[:, index], shown[:, index], relations)
        if int(withheld.sum()) == before:
            return withheld


def _close_within(withheld: NDArray[np.bool_], sizes: NDArray[np.int64], tables: Tables) -> None:
    """Withholds more of one cohort, in place, until no sum over categories leaves just one of them open."""
    while True:
        before = int(withheld.sum())
        if tables.whole is not None and withheld[tables.whole]:
            withheld[:] = True  # every table adds up to the whole
            return
        for group in tables.groups:
            if sum(withheld[list(group)]) == 1:
                _withhold_smallest(withheld, sizes, group)
        # Two tables add up to the identified part: while both are open, it is not withheld.
        if any(withheld[list(tables.identity)]):
            for group in tables.of_identified:
                if not any(withheld[list(group)]):
                    _withhold_smallest(withheld, sizes, group)
        if int(withheld.sum()) == before:
            return


def _withhold_smallest(withheld: NDArray[np.bool_], sizes: NDArray[np.int64], group: tuple[int, ...]) -> None:
    shown = [index for index in group if not withheld[index]]
    if shown:
        withheld[min(shown, key=lambda index: (int(sizes[index]), index))] = True


def _related(
    cohorts: Sequence[frozenset[str]], categories: Sequence[Category], earlier: Sequence[Published]
) -> tuple[_Relations, NDArray[np.bool_], NDArray[np.bool_]]:
    """The relations; which earlier cohorts show which category; and which current ones were shown before as they are.

    The last two are bool, of shapes (earlier sets, categories) and (cohorts, categories).
    """
    before: dict[frozenset[str], set[Category]] = {}
    for published in sorted(earlier, key=lambda published: sorted(published.members)):
        before.setdefault(published.members, set()).update(published.categories)
    known = _shown([before.pop(members, set()) for members in cohorts], categories)
    everyone = sorted(set().union(*cohorts, *before))
    column = {member: index for index, member in enumerate(everyone)}
    atoms = np.unique(indicators([*cohorts, *before], column), axis=1)
    relations = _Relations(left_null_space(atoms), len(cohorts))
    return relations, _shown(list(before.values()), categories), known


def _shown(sets: Sequence[set[Category]], categories: Sequence[Category]) -> NDArray[np.bool_]:
    rows = [[category in shown for category in categories] for shown in sets]
    return np.array(rows, dtype=np.bool_).reshape(len(sets), len(categories))


def _closed_across(
    withheld: NDArray[np.bool_], known: NDArray[np.bool_], shown: NDArray[np.bool_], relations: _Relations
) -> NDArray[np.bool_]:
    """One category of all cohorts: withholds the last cohort of a relation that would give a withheld one."""
    if not len(relations.matrix):
        return withheld
    key = np.concatenate([withheld, known, shown]).tobytes()
    if key not in relations.answers:
        closed = withheld.copy()
        while (giver := _giver(closed, known, shown, relations)) is not None:
            closed[giver] = True
        relations.answers[key] = closed
    return relations.answers[key]


def _giver(
    withheld: NDArray[np.bool_], known: NDArray[np.bool_], shown: NDArray[np.bool_], relations: _Relations
) -> int | None:
    """The last current cohort in a relation between one withheld cohort and shown ones; None where there is none."""
    now = np.arange(relations.now)
    hidden = np.concatenate([withheld & ~known, ~shown])
    for cohort in now[withheld & ~known]:
        if not relations.matrix[:, cohort].any():
            continue
        # Pivots are taken among the hidden first, so the row whose pivot is this cohort has none of them in it; and
        # among what cannot be taken back last, so it has no cohort that the relation can do without.
        rest = hidden.copy()
        rest[cohort] = False
        open_now = np.concatenate([~withheld & ~known, np.zeros(len(shown), dtype=np.bool_)])
        order = [*np.flatnonzero(rest), cohort, *np.flatnonzero(open_now), *np.flatnonzero(~hidden & ~open_now)]
        rows, pivots = echelon(relations.matrix, order)
        if cohort in pivots:
            support = np.flatnonzero(rows[pivots.index(cohort)][: relations.now])
            givers = [int(index) for index in support if open_now[index]]
            if givers:
                return givers[-1]
    return None
