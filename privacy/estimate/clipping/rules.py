"""How each figure of a release gets back what bounds have cut off: never by an exact share, only by released figures.

A study with wide bounds tells the whole of a measure within them, and the whole of the narrow tables. From these:

1. *The tail*: revenue beyond the wide bound, by the Pareto tail through the bands of revenue, is added to what
   identified customers paid, wherever that is told within wide bounds.
2. *A table within narrow bounds*: what identified customers have times (wide / narrow) of all identified sales; what
   anonymous sales have, in the category of what is not known, is replaced by what they have within wide bounds. Where a
   category mixes both, or the identified part cannot be told apart, times (wide / narrow) of all sales.
3. *A crossing* of two attributes of customers, one of which has a table of its own that cuts less (within wide bounds,
   or bounds by cell): each category of that one by its own factor. Where the one is how often people buy, its rows are
   a better answer for the other attribute than rule 2, and are taken.

**Nothing withheld is told by it.** What a rule needs is either a whole, which a reader has whatever is withheld, or
shown in that column; else the rule before it stands in: without the tail where a band is withheld, or few customers are
in the highest ones beside the noise (25 % error); by all sales where `identity` is withheld, or within narrow bounds,
or no table shows all that identified customers have; by rule 2 where a category of a crossing is. Where what is divided
by is not clearly above zero (10 % error), nothing is put back. No factor is below one: bounds add nothing. What comes
to more than so many members may have, only lies have made: it is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from privacy.catalogue.dimensions import FLOW, FREQUENCY_BAND, IDENTITY, VALUE_BAND, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Bounds, Table
from privacy.estimate.clipping.tail import WEAKEST_BAND, beyond_bound
from privacy.estimate.clipping.told import Bools, Floats, Told
from privacy.estimate.clipping.uncut import Uncut
from privacy.estimate.formulas import WEAKEST_DENOMINATOR
from privacy.estimate.least_squares import projection
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study

_LEAST_INDEX = 1.5
"""The heaviest tail that is put back: one with less is nearly all noise, and E grows without limit towards 1."""

_IDENTIFIED, _ANONYMOUS = 0, 1
"""Of the cells of `identity`."""


def uncut(study: Study, figures: Floats, seen: Bools, members: Sequence[int]) -> Uncut:
    """A study's figures with what was cut off put back, as far as what is seen allows.

    figures: float64, shape (cells of the study, columns): estimates of sums over so many members, a column each. seen:
    bool, of that shape, whether the cell's category is shown there. members: by column.
    """
    made = _Made(study, figures, seen, np.array(members, dtype=np.float64))
    bounded = {each.table.name: each for each in study.bounded_tables}
    for measure in (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE):
        if ("totals", measure) in made.cells and not bounded["totals"].by_cell:
            _OfMeasure(made, measure, bounded).put_back()
    return made.uncut()


@dataclass(eq=False)
class _Made:
    """What is put back, as it is being put together."""

    study: Study
    figures: Floats
    seen: Bools
    members: Floats
    cells: dict[tuple[str, Measure], range] = field(init=False)
    values: Floats = field(init=False)
    own: Floats = field(init=False)
    changed: Bools = field(init=False)
    complete: Bools = field(init=False)
    shared: list[Told] = field(default_factory=list)
    shares: dict[int, tuple[tuple[int, Floats], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cells, start = {}, 0
        for part in self.study.parts:
            self.cells[part.table.name, part.measure] = range(start, start + part.table.cells)
            start += part.table.cells
        self.values, self.own = self.figures.copy(), np.ones_like(self.figures)
        self.changed = np.zeros(self.figures.shape, dtype=np.bool_)
        self.complete = np.zeros(self.figures.shape, dtype=np.bool_)
        for (_, measure), cells in self.cells.items():
            self.complete[list(cells)] = measure is Measure.CUSTOMERS

    def share(self, told: Told) -> int:
        """The index of a number that several figures take."""
        self.shared.append(told)
        return len(self.shared) - 1

    def scale(self, cell: int, factor: Told, index: int, where: Bools) -> None:
        """Times F, in some columns."""
        self._set(cell, where, self.figures[cell] * factor.value, factor.value, [(index, self.figures[cell])])

    def replace(self, cell: int, told: Told, where: Bools) -> None:
        """T in its place, in some columns."""
        self._set(cell, where, told.value, np.zeros_like(told.value), [(self.share(told), np.ones_like(told.value))])

    def scale_and_add(self, cell: int, factor: Told, index: int, more: Told, where: Bools) -> None:
        """Times F, and T added, in some columns."""
        value = self.figures[cell] * factor.value + more.value
        terms = [(index, self.figures[cell]), (self.share(more), np.ones_like(value))]
        self._set(cell, where, value, factor.value, terms)

    def _set(self, cell: int, where: Bools, value: Floats, own: Floats, terms: list[tuple[int, Floats]]) -> None:
        """What was put there before stays in the other columns."""
        self.values[cell] = np.where(where, value, self.values[cell])
        self.own[cell] = np.where(where, own, self.own[cell])
        before = [(index, np.where(where, 0.0, times)) for index, times in self.shares.get(cell, ())]
        now = [(index, np.where(where, times, 0.0)) for index, times in terms]
        self.shares[cell] = tuple((index, times) for index, times in before + now if times.any())
        self.changed[cell] |= where
        self.complete[cell] = True

    def value_of(self, cell: int) -> Told:
        """What a cell has come to, to be reckoned on with."""
        found = Told(self.values[cell], {cell: self.own[cell]})
        for index, times in self.shares.get(cell, ()):
            found = found + Told(np.zeros_like(times), self.shared[index].slopes) * Told(times, {})
        return Told(self.values[cell], found.slopes)

    def divisible(self, told: Told, most: float = WEAKEST_DENOMINATOR) -> Bools:
        """Whether a sum of cells is clearly above zero, by column: its standard error is at most that part of it."""
        left = projection(self.study)
        variance = np.zeros_like(told.value)
        for one, slope in told.slopes.items():
            for other, again in told.slopes.items():
                variance = variance + slope * again * left.covariance(one, other)
        error = np.sqrt(np.maximum(variance * self.members, 0.0))
        return np.asarray(told.above_zero & (error <= most * told.value))

    def uncut(self) -> Uncut:
        """All of it, but what no members can have: only where releases lie does it come to that."""
        possible = np.abs(self.values) <= LARGEST_FIGURE * self.members
        return Uncut(
            projection(self.study),
            self.figures,
            self.values,
            self.changed & possible,
            self.complete & possible,
            self.own,
            self.shared,
            self.shares,
        )


@dataclass(eq=False)
class _OfMeasure:
    """The rules, for orders, tickets or revenue."""

    made: _Made
    measure: Measure
    bounded: dict[str, BoundedTable]
    nowhere: Bools = field(init=False)
    everywhere: Bools = field(init=False)

    def __post_init__(self) -> None:
        self.nowhere = np.zeros(self.made.figures.shape[1], dtype=np.bool_)
        self.everywhere = ~self.nowhere

    def put_back(self) -> None:
        """All tables of the measure."""
        self._within_wide()
        every = min(self._narrow(identified=False), key=len, default=None)
        if every is None:
            return
        all_narrow = self._sum(every)
        divisible = self.made.divisible(all_narrow)
        by_all = (self.made.value_of(self._cells("totals")[0]) / all_narrow).at_least_one()
        by_known, known, anonymous = self._of_identified(all_narrow, by_all)
        indices = self.made.share(by_all), self.made.share(by_known)
        tables = [
            each.table for each in self.bounded.values() if self._is_narrow(each) and self._cells(each.table.name)
        ]
        for table in tables:
            self._table(table, (by_all, by_known), indices, (divisible, divisible & known), anonymous)
        for table in tables:
            if table.dimension.parts:
                self._crossing(table, known & divisible)

    # Within wide bounds.

    def _within_wide(self) -> None:
        """The whole, identified sales and whatever else is within the wide bounds: the tail is added."""
        tail, there = self._tail()
        totals, flow, identity = self._cells("totals"), self._cells(FLOW.name), self._identity
        self.made.complete[[*totals, *identity]] = True
        if identity:
            known = there & self.made.seen[identity[_IDENTIFIED]]
            paid = Told.sum_of([identity[_IDENTIFIED]], self.made.figures)
            self.made.replace(identity[_IDENTIFIED], paid + tail, known)
            factor = (paid + tail) / paid
            index = self.made.share(factor)
            for cell in flow if self.bounded.get(FLOW.name) and self._is_wide(self.bounded[FLOW.name]) else ():
                self.made.complete[cell] = True
                self.made.scale(cell, factor, index, known & self.made.divisible(paid))
        self.made.replace(totals[0], Told.sum_of(totals, self.made.figures) + tail, there)

    def _tail(self) -> tuple[Told, Bools]:
        """Revenue beyond the wide bound, and in which columns it is told."""
        nothing = Told(np.zeros(self.made.figures.shape[1]), {})
        bands = self.made.cells.get((VALUE_BAND.name, Measure.CUSTOMERS))
        found = beyond_bound(self._wide.max_revenue_ore)
        if self.measure is not Measure.REVENUE or bands is None or found is None:
            return nothing, self.nowhere
        rule, names = found
        cells = [bands[VALUE_BAND.categories.index(name)] for name in names]
        clear = self.made.seen[cells].all(axis=0)
        for some in (cells[: rule.below], cells[rule.below :]):
            clear = clear & self.made.divisible(self._sum(some), WEAKEST_BAND)
        there, values = self.nowhere.copy(), nothing.value.copy()
        slopes = {cell: np.zeros_like(values) for cell in cells}
        for column in np.flatnonzero(clear).tolist():
            tail = rule.tail(self.made.figures[cells, column].tolist(), _LEAST_INDEX)
            if tail is not None:
                there[column], values[column] = True, tail.beyond
                for cell, slope in zip(cells, tail.slopes, strict=True):
                    slopes[cell][column] = slope
        return Told(values, slopes), there

    # Within narrow bounds.

    def _of_identified(self, all_narrow: Told, by_all: Told) -> tuple[Told, Bools, Told]:
        """What narrow bounds take of identified sales, in which columns that is known, and what anonymous ones get.

        The last is to be added to a category that holds anonymous sales, once it is scaled with them in it.
        """
        identity = self._identity
        ways = sorted(self._narrow(identified=True), key=len)
        if not identity:
            return by_all, self.nowhere, Told(np.zeros_like(by_all.value), {})
        nobodys = self._sum([identity[_ANONYMOUS]])
        if ways:  # after least squares all ways give the same
            sum_of_known, shown = self._sum(ways[0]), [self.made.seen[list(way)].all(axis=0) for way in ways]
        else:  # an anonymous sale is seldom beyond any bound
            sum_of_known, shown = all_narrow - nobodys, [self.everywhere]
        seen = np.any(shown, axis=0) & self.made.seen[list(identity)].all(axis=0)
        known = seen & self.made.divisible(sum_of_known)
        factor = (self.made.value_of(identity[_IDENTIFIED]) / sum_of_known).at_least_one()
        return factor.where(known, by_all), known, nobodys - (all_narrow - sum_of_known) * factor

    def _table(
        self,
        table: Table,
        factors: tuple[Told, Told],
        indices: tuple[int, int],
        where: tuple[Bools, Bools],
        anonymous: Told,
    ) -> None:
        """Rule 2. factors, indices, where: of all sales, and of identified ones."""
        cells = self._cells(table.name)
        for cell, holds in zip(cells, _held_by(table), strict=True):
            known = 0 if holds == "anybody" else 1
            self.made.scale(cell, factors[0], indices[0], where[0])
            if known:
                self.made.scale(cell, factors[1], indices[1], where[1])
            if holds == "anonymous too":
                self.made.scale_and_add(cell, factors[1], indices[1], anonymous, where[1])

    def _crossing(self, table: Table, known: Bools) -> None:
        """Rule 3."""
        first, second = table.dimension.parts
        for along, other in ((first, second), (second, first)):
            its = self.bounded.get(along.name)
            told = self._cells(along.name)
            if Level.LINE in (first.level, second.level) or not its or self._is_narrow(its) or not told:
                continue
            if not table.dimension.identified_only:  # anonymous sales would be scaled as well
                continue
            self._by_columns(table, along, other, told)
            if along is FREQUENCY_BAND:
                self._rows(table, along, other, known)
            return

    def _by_columns(self, table: Table, along: Dimension, other: Dimension, told: range) -> None:
        """Each category of one part by its own factor, where all of it is shown."""
        for at, name in enumerate(told):
            column = [self._at(table, along, at, row) for row in range(len(other.categories))]
            total = self._sum(column)
            shown = self.made.seen[[*column, name]].all(axis=0) & self.made.divisible(total)
            factor = (self.made.value_of(name) / total).at_least_one()
            index = self.made.share(factor)
            for cell in column:
                self.made.scale(cell, factor, index, shown)

    def _rows(self, table: Table, along: Dimension, other: Dimension, known: Bools) -> None:
        """The other part's own table, by what its categories have come to in the crossing."""
        own, identity = self.bounded.get(other.name), self._identity
        if not own or not self._is_narrow(own) or not self._cells(other.name):
            return
        for at, cell in enumerate(self._cells(other.name)):
            row = [self._at(table, along, column, at) for column in range(len(along.categories))]
            shown = np.asarray(self.made.seen[row].all(axis=0) & self.made.changed[row].all(axis=0))
            total = self.made.value_of(row[0])
            for each in row[1:]:
                total = total + self.made.value_of(each)
            if other.categories[at] == other.unidentified:
                if not identity:
                    continue
                total = total + Told.sum_of([identity[_ANONYMOUS]], self.made.figures)
                shown = shown & known
            self.made.replace(cell, total, shown)

    # Where things are.

    @property
    def _wide(self) -> Bounds:
        return self.bounded["totals"].bounds[0]

    @property
    def _identity(self) -> range:
        """The cells of identified and of anonymous sales, where they are told within the wide bounds."""
        its = self.bounded.get(IDENTITY.name)
        return self._cells(IDENTITY.name) if its and self._is_wide(its) else range(0)

    def _is_wide(self, each: BoundedTable) -> bool:
        return each.bounds == (self._wide,)

    def _is_narrow(self, each: BoundedTable) -> bool:
        """Whether a table's cells are within one bound that is narrower than that of the whole."""
        return not each.by_cell and each.bounds[0].narrower_than(self._wide)

    def _narrow(self, *, identified: bool) -> Iterator[Sequence[int]]:
        """The cells of each narrow table that has all sales, or all of identified customers."""
        for each in self.bounded.values():
            cells = self._cells(each.table.name)
            if cells and self._is_narrow(each) and each.table.dimension.identified_only == identified:
                yield cells

    def _cells(self, table: str) -> range:
        return self.made.cells.get((table, self.measure), range(0))

    def _sum(self, cells: Sequence[int]) -> Told:
        return Told.sum_of(cells, self.made.figures)

    def _at(self, table: Table, along: Dimension, column: int, row: int) -> int:
        """The cell of a crossing, by a category of one part and one of the other."""
        first, second = (column, row) if table.dimension.parts[0] is along else (row, column)
        return self._cells(table.name)[table.dimension.index(first, second)]


def _held_by(table: Table) -> list[str]:
    """By category who has bought what is in it: "identified", "anonymous too", or "anybody" where all sales are mixed.

    In a table of customers anonymous sales are in one category. Crossed with what is no attribute of a customer they
    are in several, and no figure tells them apart there.
    """
    dimension = table.dimension
    parts = dimension.parts or (dimension,)
    if dimension.identified_only:
        return ["identified"] * table.cells
    people = [index for index, part in enumerate(parts) if part.level is Level.CUSTOMER]
    if not people:
        return ["anybody"] * table.cells
    if len(people) == len(parts):
        return ["anonymous too" if name == dimension.unidentified else "identified" for name in dimension.categories]
    unknown = {index: parts[index].unidentified for index in people}
    names = (name.split(":") for name in dimension.categories)
    return [
        "anybody" if all(name[index] == nobody for index, nobody in unknown.items()) else "identified" for name in names
    ]
