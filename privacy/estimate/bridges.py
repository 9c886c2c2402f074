"""What several cohorts and several of their categories tell together, and what is withheld against it.

Where the sums of cohorts follow from each other (the network's from all industries'), so does every category's, and a
reader may go from a category of one cohort to the same of another, there by a table to other categories, and so on: a
bridge to what is withheld. All this is one system of equations over cohorts x categories, for each measure:

- of every cohort, what its categories add up to (`privacy.estimate.within`);
- of every category, each relation between the sums of cohorts, of this benchmark and of earlier ones.

Its unknowns are what is withheld. Members need not be in it: their figures add up one by one, so a cohort's do, and
whatever is published is of cohorts. A combination of it over cohorts and categories is, in every category, one of
cohorts, and `isolation` has seen to it that none of these is of fewer than `min_members` members.

The system is solved exactly (`privacy.estimate.sparse`). What must not follow from it: a withheld category, for certain
or by taking noise for nothing; and what one member may be most of, of what is hidden of one way, of categories in the
same ways, of any two, and of what cohorts differ by (`privacy.estimate.differences`). Where such a sum follows, one of
the shown figures that it follows from is withheld: that which leaves fewest others alone, then one of the cohort that
stands last, then the smallest. What was shown before cannot be; where nothing else is left, the sum is let be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from privacy.estimate.differences import Differences, left_over
from privacy.estimate.exact import Integers
from privacy.estimate.sparse import Row as Equation
from privacy.estimate.sparse import Solved, parts, solved
from privacy.estimate.within import Bools, Row, Sums, System


@dataclass(frozen=True, eq=False)
class Bridges:
    """The cohorts published now, and those of earlier publications that have other members.

    rows: of those of now. relations: integers, shape (relations, cohorts): combinations of cohorts that are zero, those
    of now first. shown and secret: of the earlier ones, what was shown, and what was withheld and never shown; bool,
    shape (earlier cohorts, categories). differences: of cohorts of now.
    """

    sums: Sums
    rows: Sequence[Row]
    relations: Integers
    shown: Bools
    secret: Bools
    differences: Differences
    closed: dict[tuple[int, ...], bytes] = field(default_factory=dict)
    left: dict[tuple[int, tuple[int, ...], int], bool] = field(default_factory=dict)

    def close(self) -> bool:
        """Withholds more, in place, of what several cohorts tell together; whether it did."""
        return sum([self._close(cohorts) for cohorts in self._together]) > 0

    def is_of_one(self, cohort: int, shown: tuple[int, ...], category: int) -> bool:
        """Whether one member may be most of a category in what is left of a cohort without those that show it."""
        key = cohort, shown, category
        if key not in self.left:
            row, gone = self.rows[cohort], [self.rows[other].releases for other in shown]
            self.left[key] = left_over(row.releases, gone, category, row.percent)
        return self.left[key]

    def _close(self, cohorts: tuple[int, ...]) -> bool:
        before = self._withheld(cohorts)
        if self.closed.get(cohorts) == before:
            return False
        for certain in (True, False):
            for system in self.sums.systems:
                _View(self, system, cohorts, certain=certain).close()
        self.closed[cohorts] = before
        return self._withheld(cohorts) != before

    def _withheld(self, cohorts: Sequence[int]) -> bytes:
        return b"".join(self.rows[cohort].withheld.tobytes() for cohort in cohorts if cohort < len(self.rows))

    @cached_property
    def _together(self) -> list[tuple[int, ...]]:
        """The cohorts that hang together by relations; each of now that is in none by itself."""
        label = np.arange(len(self.rows) + len(self.shown))
        combined = [np.flatnonzero(relation) for relation in self.relations]
        differ = [(each.cohort, *each.less) for each in self.differences.groups]
        differ += [(cohort, *others) for cohort, others in self.differences.divided]
        for its in [*combined, *map(np.array, differ)]:
            there = np.isin(label, label[its])
            label[there] = label[there].min()
        each = (tuple(np.flatnonzero(label == first).tolist()) for first in np.unique(label))
        return [cohorts for cohorts in each if cohorts[0] < len(self.rows)]


class _View:
    """The equations of one measure, for a reader who takes noise for nothing, or only knows what is certain.

    A column is a category of a cohort: the cohort's position times the number of categories, and the category's.
    """

    def __init__(self, bridges: Bridges, system: System, cohorts: Sequence[int], *, certain: bool) -> None:
        self.rows, self.system, self.certain = bridges.rows, system, certain
        self.relations = [each for each in bridges.relations if each[list(cohorts)].any()]
        self.whole, self.width = bridges.sums.whole, len(bridges.sums.categories)
        now = [(row.withheld | row.noise) & ~row.shown if certain else row.withheld & ~row.known for row in self.rows]
        secret = [row.withheld & ~row.shown if certain else row.withheld & ~row.known for row in self.rows]
        self.unknown: Bools = np.vstack([*now, ~bridges.shown])
        self.secret: Bools = np.vstack([*secret, bridges.secret])
        self.differences = [each for each in bridges.differences.groups if each.cohort in cohorts]
        self.divided = [each for each in bridges.differences.divided if each[0] in cohorts]
        self.is_of_one = bridges.is_of_one
        self.cohorts = [cohort for cohort in cohorts if self.unknown[cohort].any()]

    def close(self) -> None:
        """Withholds something of all by which what is withheld would follow."""
        equations = list(self._equations())
        rows = [self._hidden(each) for each in equations]
        found = list(self._given(solved(rows)))
        if not found:
            return
        part_of: dict[int, int] = {}
        its_parts = parts(rows)
        for index, part in enumerate(its_parts):
            part_of.update(dict.fromkeys((column for row in part for column in rows[row]), index))
        together: dict[tuple[int, ...], list[Equation]] = {}
        for sum_ in found:
            together.setdefault(tuple(sorted({part_of[column] for column in self._hidden(sum_)})), []).append(sum_)
        taken: set[int] = set()
        for these, sums in together.items():
            # A column of its own for each equation, below zero, tells which of them a sum follows from.
            told = solved(({**rows[row], -1 - row: 1} for part in these for row in its_parts[part]), part_of)
            for sum_ in sums:
                uses = told.left({**self._hidden(sum_), -1 - len(equations): 1})
                used = {-1 - mark: times for mark, times in uses.items()}
                self._take_one(_combined([*equations, sum_], used), taken)

    def _is_unknown(self, column: int) -> bool:
        return bool(self.unknown[column // self.width, column % self.width])

    def _hidden(self, equation: Equation) -> Equation:
        return {column: number for column, number in equation.items() if self._is_unknown(column)}

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

    def _given(self, told: Solved) -> Iterator[Equation]:
        """What follows and must not: withheld categories, and sums of them that one member dominates."""
        for sum_ in self._wanted(told.solution):
            hidden = self._hidden(sum_)
            if _value(hidden, told.solution) == 0 and not told.left(hidden):
                yield sum_

    def _wanted(self, values: Mapping[int, Fraction | int]) -> Iterator[Equation]:
        """What must not follow. values: a solution, by which one need not look at all sums."""
        for cohort in self.cohorts:
            at = cohort * self.width
            for category in np.flatnonzero(self.secret[cohort, : self.system.size]).tolist():
                if at + category in values:
                    yield {at + category: 1}
        for cohort in self.cohorts if not self.certain else ():
            if cohort < len(self.rows):
                row, at = self.rows[cohort], cohort * self.width
                for each in self._sums(cohort, values):
                    if row.gives_away(each):
                        yield {at + category: 1 for category in each}
        for difference in self.differences if not self.certain else ():
            for category in np.flatnonzero(difference.secret[: self.system.size]).tolist():
                less = {cohort * self.width + category: -1 for cohort in difference.less}
                yield {difference.cohort * self.width + category: 1, **less}
        yield from self._left_over() if not self.certain else ()

    def _left_over(self) -> Iterator[Equation]:
        """Of a category, a cohort less those of a division that show it: what the others hide there."""
        for cohort, others in self.divided:
            for category in np.flatnonzero(~self.unknown[cohort, : self.system.size]).tolist():
                shown = tuple(other for other in others if not self.unknown[other, category])
                if 0 < len(shown) < len(others) and self.is_of_one(cohort, shown, category):
                    less = {other * self.width + category: -1 for other in shown}
                    yield {cohort * self.width + category: 1, **less}

    def _sums(self, cohort: int, values: Mapping[int, Fraction | int]) -> Iterator[tuple[int, ...]]:
        """Of one cohort what is hidden of a way, and two hidden categories, where it seems to follow."""
        at, hidden = cohort * self.width, self.unknown[cohort]
        there = {
            category: values[at + category] for category in np.flatnonzero(hidden).tolist() if at + category in values
        }
        ways = (tuple(category for category in way if hidden[category]) for way in self.system.ways)
        for way in dict.fromkeys(ways):
            if len(way) > 1 and there.keys() >= set(way) and sum(there[category] for category in way) == 0:
                yield way
        for alike in self._alike(there):
            if len(alike) > 2 and sum(there[category] for category in alike) == 0:
                yield alike
        having: dict[Fraction | int, list[int]] = {}
        for category, value in there.items():
            yield from ((other, category) for other in having.get(-value, ()))
            having.setdefault(value, []).append(category)

    def _alike(self, categories: Iterable[int]) -> Iterator[tuple[int, ...]]:
        """Those of these that are in just the same ways."""
        found: dict[tuple[int, ...], list[int]] = {}
        for category in categories:
            found.setdefault(tuple(self.system.ways_with[category]), []).append(category)
        return map(tuple, found.values())

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


def _value(sum_: Equation, values: Mapping[int, Fraction | int]) -> Fraction | int:
    """Of a sum; not zero where it has a column without a value."""
    if not sum_.keys() <= values.keys():
        return 1
    return sum(number * values[column] for column, number in sum_.items())


def _combined(equations: Sequence[Equation], uses: Mapping[int, int]) -> Equation:
    """So many times these equations, added up."""
    total: Equation = {}
    for index, times in uses.items():
        for column, number in equations[index].items():
            total[column] = total.get(column, 0) + times * number
    return {column: number for column, number in total.items() if number}
