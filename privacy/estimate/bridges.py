"""What several cohorts and several of their categories tell together, and what is withheld against it.

Where the sums of cohorts follow from each other (the network's from all industries'), so does every category's, and a
reader may go from a category of one cohort to the same of another, there by a table to other categories, and so on: a
bridge to what is withheld. All this is one system of equations over cohorts x categories, for each measure:

- of every cohort, what its categories add up to (`privacy.estimate.within`);
- of every category, each relation between the sums of cohorts, of this benchmark and of earlier ones.

Its unknowns are what is withheld. Members do not appear: what holds of every member's figures holds of cohorts', and
what is known of cohorts alone tells of members what their sums tell, no more. So a combination of whatever is published
is nowhere less than a combination of cohorts, which `isolation` has seen to: over all categories together none is of
fewer than `min_members` members.

The system is solved exactly (`privacy.estimate.sparse`). What may not follow from
it is what may not follow within a cohort: a withheld category, for certain or by taking noise for nothing, and what is
hidden of a way or of two categories, where as one cell it would be dominated. Where it does, one of the shown figures
that it follows from is withheld: that which leaves fewest others alone, then one of the last cohort, then the smallest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from privacy.estimate.exact import Integers
from privacy.estimate.sparse import Row as Equation
from privacy.estimate.sparse import Solved, part_with, solved
from privacy.estimate.within import Bools, Row, Sums, System


@dataclass(frozen=True, eq=False)
class Bridges:
    """The cohorts published now, and those of earlier publications that have other members.

    rows: of those of now. relations: integers of shape (relations, cohorts), each a combination of cohorts that is zero,
    those of now first. shown and secret: of the earlier ones, what was shown, and what was withheld and never shown;
    bool, shape (earlier cohorts, categories).
    """

    sums: Sums
    rows: Sequence[Row]
    relations: Integers
    shown: Bools
    secret: Bools

    def close(self) -> bool:
        """Withholds more, in place, of what several cohorts tell together; whether it did."""
        before = self._withheld()
        for certain in (True, False) if len(self.relations) else ():
            for system in self.sums.systems:
                _View(self, system, certain).close()
        return self._withheld() > before

    def _withheld(self) -> int:
        return sum(int(row.withheld.sum()) for row in self.rows)


class _View:
    """The equations of one measure, for a reader who takes noise for nothing, or only knows what is certain.

    A column is a category of a cohort: the cohort's position times the number of categories, and the category's.
    """

    def __init__(self, bridges: Bridges, system: System, certain: bool) -> None:
        self.rows, self.relations, self.system, self.certain = bridges.rows, bridges.relations, system, certain
        self.whole, self.width = bridges.sums.whole, len(bridges.sums.categories)
        now = [(row.withheld | row.noise) & ~row.shown if certain else row.withheld & ~row.known for row in self.rows]
        secret = [row.withheld & ~row.shown if certain else row.withheld & ~row.known for row in self.rows]
        self.unknown: Bools = np.vstack([*now, ~bridges.shown])
        self.secret: Bools = np.vstack([*secret, bridges.secret])
        related = np.flatnonzero(self.relations.any(axis=0)).tolist()
        self.cohorts: list[int] = [cohort for cohort in related if self.unknown[cohort].any()]

    def close(self) -> None:
        """Withholds something of all by which what is withheld would follow."""
        equations = list(self._equations())
        rows = [{column: number for column, number in each.items() if self._is_unknown(column)} for each in equations]
        found = list(self._given(solved(rows)))
        taken: set[int] = set()
        while found:
            part = part_with(rows, found[0])
            inside = {column for index in part for column in rows[index]}
            # A column of its own for each equation, below zero, tells which of them a sum follows from.
            told = solved([{**rows[index], -1 - index: 1} for index in part], inside)
            for sum_ in found:
                if sum_[0] in inside:
                    uses = {-1 - mark: times for mark, times in told.left(dict.fromkeys(sum_, 1)).items() if mark < 0}
                    self._take_one(_combined(equations, uses), taken)
            found = [sum_ for sum_ in found if sum_[0] not in inside]

    def _is_unknown(self, column: int) -> bool:
        return bool(self.unknown[column // self.width, column % self.width])

    def _equations(self) -> Iterator[Equation]:
        """All with an unknown, with what is known in them."""
        for cohort in self.cohorts:
            has_whole = self.whole is None or not self.unknown[cohort, self.whole]
            for row in self.system.rows if has_whole else self.system.differences:
                there = np.flatnonzero(row)
                if self.unknown[cohort, there].any():
                    at = cohort * self.width
                    yield dict(zip((at + there).tolist(), row[there].tolist(), strict=True))
        categories = sorted(self.system.ways_with)
        for relation in self.relations:
            cohorts = np.flatnonzero(relation).tolist()
            for category in categories:
                if self.unknown[cohorts, category].any():
                    yield {cohort * self.width + category: int(relation[cohort]) for cohort in cohorts}

    def _given(self, told: Solved) -> Iterator[tuple[int, ...]]:
        """What follows and must not: withheld categories, and sums of them that one member dominates."""
        values = told.solution
        for cohort in self.cohorts:
            at = cohort * self.width
            for category in np.flatnonzero(self.secret[cohort, : self.system.size]).tolist():
                if values.get(at + category) == 0 and not told.left({at + category: 1}):
                    yield (at + category,)
            if cohort < len(self.rows) and not self.certain:
                for each in self._sums(cohort, values):
                    if not told.left({at + category: 1 for category in each}) and self._is_ones(cohort, each):
                        yield tuple(at + category for category in each)

    def _sums(self, cohort: int, values: Mapping[int, Fraction | int]) -> Iterator[tuple[int, ...]]:
        """Of one cohort what is hidden of a way, and two hidden categories, where it seems to follow."""
        at, hidden = cohort * self.width, self.unknown[cohort]
        there = {category: values[at + category] for category in np.flatnonzero(hidden).tolist() if at + category in values}
        ways = (tuple(category for category in way if hidden[category]) for way in self.system.ways)
        for way in dict.fromkeys(ways):
            if len(way) > 1 and there.keys() >= set(way) and sum(there[category] for category in way) == 0:
                yield way
        having: dict[Fraction | int, list[int]] = {}
        for category, value in there.items():
            yield from ((other, category) for other in having.get(-value, ()))
            having.setdefault(value, []).append(category)

    def _is_ones(self, cohort: int, categories: tuple[int, ...]) -> bool:
        """Whether a sum would be dominated, and does not follow from the cohort itself, which has seen to that."""
        row = self.rows[cohort]
        if self.system.solved(self.unknown[cohort]).tells(categories):
            return False
        return row.releases.pile(categories).gives_away(row.percent)

    def _take_one(self, given_by: Equation, taken: set[int]) -> None:
        """Withholds one of the shown figures that something follows from, unless one of them was just taken."""
        if not taken.isdisjoint(given_by):
            return
        open_ = [column for column in given_by if column // self.width < len(self.rows) and self._is_open(column)]
        free = [column for column in open_ if not self._row(column).known[column % self.width]]
        choice = free or (open_ if self.certain else [])
        choice = [column for column in choice if column % self.width != self.whole] or choice
        if choice:
            costs = {cohort: self.rows[cohort].costs(self.system) for cohort in {each // self.width for each in choice}}
            best = min(choice, key=lambda column: self._order(column, costs[column // self.width]))
            self._row(best).withheld[best % self.width] = True
            taken.add(best)

    def _row(self, column: int) -> Row:
        return self.rows[column // self.width]

    def _is_open(self, column: int) -> bool:
        row, category = self._row(column), column % self.width
        return not (row.withheld[category] or row.shown[category] or row.noise[category])

    def _order(self, column: int, cost: Callable[[int], int]) -> tuple[int, int, int, int]:
        cohort, category = divmod(column, self.width)
        return cost(category), -cohort, int(self.rows[cohort].sizes[category]), category


def _combined(equations: Sequence[Equation], uses: Mapping[int, int]) -> Equation:
    """So many times these equations, added up."""
    total: Equation = {}
    for index, times in uses.items():
        for column, number in equations[index].items():
            total[column] = total.get(column, 0) + times * number
    return {column: number for column, number in total.items() if number}
