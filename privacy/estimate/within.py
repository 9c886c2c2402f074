"""What must be withheld of one cohort beside what is withheld, because categories add up.

After least squares published figures add up as the truth does, so what is left of a total when all that is shown is
taken off is the sum of what is hidden, to the rounding. Here that is looked at one total at a time, which finds most of
what is needed, and at the least cost; what several equations give together, `privacy.estimate.bridges` finds. Of each
total that a reader has, in each way to it:

- **no single one**: a hidden category must not be all that is hidden;
- **no sum of one member's**: what is hidden must, taken together, pass dominance as a cell does, unless it is nothing
  but noise;
- **not by noise either**: withheld categories with nothing but noise are taken as known, for whoever takes them for
  nothing is not far off. Where nothing is left that could prevent that, it is let be.

More is withheld of the same way, the category first that takes fewest others along, then the smallest, then the first
in the study's order. Whatever is chosen is chosen by a fixed rule, so coordinator and auditor withhold the same cells.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.disclosure import WHOLE, Category, Releases

Way = tuple[int, ...]
"""Positions among a study's categories that add up to a total."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class System:
    """The sums of one measure: of each total the ways to it, and whether a reader is taken to have it.

    Equal systems are equal; everything else follows from the totals.
    """

    totals: tuple[tuple[tuple[Way, ...], bool], ...]

    @staticmethod
    def of(totals: Sequence[tuple[Sequence[Sequence[int]], bool]]) -> "System":
        """From any sequences; a way that stands twice counts once."""
        return System(
            tuple((tuple(dict.fromkeys(tuple(sorted(way)) for way in ways)), known) for ways, known in totals)
        )

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """All ways, total by total."""
        return tuple(way for ways, _ in self.totals for way in ways)

    @cached_property
    def total_of(self) -> NDArray[np.int64]:
        """The total of each way."""
        return np.array([index for index, (ways, _) in enumerate(self.totals) for _ in ways], dtype=np.int64)

    @cached_property
    def known(self) -> Bools:
        """Of each total."""
        return np.array([known for _, known in self.totals], dtype=np.bool_)

    @cached_property
    def ways_with(self) -> dict[int, list[int]]:
        """The ways that each category is in."""
        found: dict[int, list[int]] = {}
        for index, way in enumerate(self.ways):
            for category in way:
                found.setdefault(category, []).append(index)
        return found

    @cached_property
    def size(self) -> int:
        """One more than the highest category."""
        return max((max(way) for way in self.ways), default=-1) + 1

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The equations, shape (rows, size): a known total is each of its ways; of another all ways are equal."""
        return self._rows(totals_too=True)

    @cached_property
    def differences(self) -> NDArray[np.int64]:
        """The equations of a reader who has no total: all ways to it are equal. Shape (rows, size)."""
        return self._rows(totals_too=False)

    def _rows(self, *, totals_too: bool) -> NDArray[np.int64]:
        rows: list[NDArray[np.int64]] = []
        for ways, known in self.totals:
            each = np.zeros((len(ways), self.size), dtype=np.int64)
            for row, way in zip(each, ways, strict=True):
                row[list(way)] = 1
            rows.append(each if known and totals_too else each[1:] - each[:1])
        return np.concatenate(rows) if rows else np.zeros((0, 0), dtype=np.int64)

    def hidden(self, unknown: Bools) -> NDArray[np.int64]:
        """How many unknown categories each way has."""
        return np.array([int(np.count_nonzero(unknown[list(way)])) for way in self.ways], dtype=np.int64)


@dataclass(frozen=True)
class Sums:
    """What the categories of a study add up to, one system for each measure that differs."""

    categories: tuple[Category, ...]
    systems: tuple[System, ...]

    @cached_property
    def whole(self) -> int | None:
        """The position of the whole."""
        return self.categories.index(WHOLE) if WHOLE in self.categories else None


@dataclass(frozen=True, eq=False)
class Row:
    """One cohort's categories; withheld is a view that grows. What was shown before is no secret any more.

    noise: withheld for good, and nothing but noise; not among the withheld, for it needs no cover. known: what was
    shown before or is nothing but noise: it cannot hide another. sizes: of those that take as many others along the
    smallest is withheld first. percent: of dominance.
    """

    withheld: Bools
    shown: Bools
    noise: Bools
    known: Bools
    sizes: NDArray[np.int64]
    releases: Releases
    percent: int
    settled: set[tuple[int, ...]] = field(default_factory=set)
    piles: dict[tuple[int, ...], bool] = field(default_factory=dict)
    closed: list[bytes] = field(default_factory=list)

    def close(self, sums: Sums) -> None:
        """Withholds more, in place, until no total gives a hidden category or one member's sum."""
        if self.closed[-1:] == [self.withheld.tobytes()]:
            return
        if sums.whole is not None and self.withheld[sums.whole] and not self.shown[sums.whole]:
            self.withheld[~self.noise] = True  # every table adds up to the whole
        else:
            while sum([self._close(system) for system in sums.systems]):
                pass
        self.closed[:] = [self.withheld.tobytes()]

    def _close(self, system: System) -> bool:
        """Closes one system; whether it withheld anything."""
        before = count = int(self.withheld.sum())
        while True:
            self._cover(system)
            if int(self.withheld.sum()) == count:
                return count > before
            count = int(self.withheld.sum())

    def _cover(self, system: System) -> None:
        """Of each total that a reader has, or has by a way that is all shown, covers what is hidden of the others."""
        hidden = system.hidden(self.withheld & ~self.known)
        has = system.known.copy()
        has[system.total_of[hidden == 0]] = True
        for way in np.flatnonzero(has[system.total_of] & (hidden > 0)).tolist():
            if len(system.ways[way]) > 1:
                self._cover_way(system, way)
                continue
            for other in np.flatnonzero(system.total_of == system.total_of[way]).tolist():
                if not any(self._secret(category) for category in system.ways[other]):
                    self._hide_best(system, other)

    def _secret(self, category: int) -> bool:
        return bool(self.withheld[category] and not self.known[category])

    def _cover_way(self, system: System, way: int) -> None:
        """Withholds more of a way until its hidden part is neither one category nor one member's.

        Where nothing is left to withhold, that part is the total, which is published.
        """
        hidden = [category for category in system.ways[way] if self._secret(category)]
        key = (*system.ways[way], -1, *hidden)
        if key in self.settled:
            return
        pile = self.releases.pile(hidden)
        while len(hidden) < 2 or pile.gives_away(self.percent):
            more = self._hide_best(system, way)
            if more is None:
                break
            pile = self.releases.with_more(pile, hidden, more)
            hidden.append(more)
        self.settled.add((*system.ways[way], -1, *sorted(hidden)))

    def _hide_best(self, system: System, way: int) -> int | None:
        """Withholds one of what is left of a way and then hides something; which, and None where nothing is left."""
        left = [each for each in system.ways[way] if not (self.withheld[each] or self.known[each])]
        for chosen in self._in_order(system, left, way)[:1]:
            self.withheld[chosen] = True
            return chosen
        return None

    def gives_away(self, categories: tuple[int, ...]) -> bool:
        """Whether these categories, as one cell, would be dominated and more than noise."""
        if categories not in self.piles:
            self.piles[categories] = self.releases.pile(categories).gives_away(self.percent)
        return self.piles[categories]

    def costs(self, system: System) -> Callable[[int], int]:
        """By category, how many ways would have it alone, were it hidden, or would give it."""
        hidden = system.hidden(self.withheld & ~self.known)
        return lambda category: self._cost(system, hidden, category, None)

    def _in_order(self, system: System, left: Sequence[int], way: int | None = None) -> list[int]:
        if len(left) < 2:
            return list(left)
        hidden = system.hidden(self.withheld & ~self.known)
        costs = {category: self._cost(system, hidden, category, way) for category in left}
        return sorted(left, key=lambda each: (costs[each], int(self.sizes[each]), each))

    def _cost(self, system: System, hidden: NDArray[np.int64], category: int, way: int | None) -> int:
        """How many other ways would have this hidden category alone, or would give it: hidden, by way."""
        cost = 0
        for other in system.ways_with.get(category, ()):
            if other != way and len(system.ways[other]) > 1:
                cost += int(hidden[other] == 0)
            elif other != way:
                alike = system.total_of == system.total_of[other]
                cost += int(np.count_nonzero(hidden[alike] == 0)) - 1
        return cost
