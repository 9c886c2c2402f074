"""Rounds of one study, linked by the ends of their windows: every figure over time, and its change each time.

A study is the one of a name and a digest. Another version or digest has other tables, bounds or noise, so that its
figures are no continuation: it begins a series of its own. Of a window the newest publication counts, for two of them
are made of the same stored releases: their noise is the same, and their difference is no change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from privacy.bounds.windows import Window
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.estimate.change import Change, NoChange, change, why_none

Key = tuple[str, str, str, str]
"""Cohort, table, category, measure."""


@dataclass(frozen=True)
class Step:
    """What became of the members from one benchmark to the next, by the releases that each names.

    `overlaps`: the two windows share days, so that a part of the two truths is the same.
    """

    stayed: int
    joined: int
    left: int
    overlaps: bool

    @property
    def same_members(self) -> bool:
        """Whether the same institutions are in both."""
        return not self.joined and not self.left


@dataclass(frozen=True)
class Point:
    """A figure in one benchmark. `cell` is None where there is none, with the reason."""

    cell: Cell | None
    reason: str | None


@dataclass(frozen=True)
class Line:
    """A figure over time: a point for each round of the series, and a change to the next, or why there is none.

    `members`: of its cohort, in each round; 0 where the cohort is not in it.
    """

    key: Key
    points: tuple[Point, ...]
    members: tuple[int, ...]
    changes: tuple[Change | str, ...]


@dataclass(frozen=True)
class Series:
    """The rounds of one study by window, the steps between them, and every figure.

    `passed_over`: publications of the same windows that newer ones take the place of.
    """

    rounds: tuple[Benchmark, ...]
    steps: tuple[Step, ...]
    passed_over: tuple[Benchmark, ...]

    @property
    def study(self) -> str:
        """The study's name."""
        return self.rounds[0].study

    @property
    def version(self) -> int:
        """The study's version."""
        return self.rounds[0].study_version

    @property
    def digest(self) -> str:
        """The study's digest."""
        return self.rounds[0].study_digest

    @property
    def windows(self) -> tuple[Window, ...]:
        """The window of each round."""
        return tuple(each.window for each in self.rounds)

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Every cohort of any round, those of the newest first."""
        return tuple(dict.fromkeys(line.cohort for each in reversed(self.rounds) for line in each.body.cohorts))

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table with a figure in any round."""
        return tuple(dict.fromkeys(cell.table for each in reversed(self.rounds) for cell in each.body.cells))

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure with a figure in any round."""
        return tuple(dict.fromkeys(cell.measure for each in reversed(self.rounds) for cell in each.body.cells))

    def lines(
        self, cohorts: Sequence[str] | None = None, table: str | None = None, measure: str | None = None
    ) -> tuple[Line, ...]:
        """The figures over time, in the order of the newest benchmark; of some cohorts, a table, a measure alone."""
        found = [
            {_key(cell): cell for cell in each.body.cells if _wanted(cell, cohorts, table, measure)}
            for each in self.rounds
        ]
        keys = dict.fromkeys(key for cells in reversed(found) for key in cells)
        return tuple(_line(key, self.rounds, [cells.get(key) for cells in found]) for key in keys)


def series_of(benchmarks: Iterable[Benchmark]) -> tuple[Series, ...]:
    """The series that benchmarks of tables make, whatever their order: by study, then version, the newest last.

    Those of cross-use are left out: their figures are of a year's sketch and not of a window.
    """
    groups: dict[tuple[str, int, str], list[Benchmark]] = {}
    for each in benchmarks:
        if not each.body.market:
            groups.setdefault((each.study, each.study_version, each.study_digest), []).append(each)
    found = [_series(groups[key]) for key in sorted(groups)]
    return tuple(sorted(found, key=lambda one: (one.study, one.version, one.windows[-1].last, one.digest)))


def _series(benchmarks: list[Benchmark]) -> Series:
    by_window: dict[Window, Benchmark] = {}
    passed_over = []
    for each in sorted(benchmarks, key=lambda one: (one.published, one.version, one.round)):
        if each.window in by_window:
            passed_over.append(by_window[each.window])
        by_window[each.window] = each
    rounds = tuple(sorted(by_window.values(), key=lambda one: (one.window.last, one.window.first)))
    return Series(rounds, tuple(_step(then, now) for then, now in pairwise(rounds)), tuple(passed_over))


def _step(then: Benchmark, now: Benchmark) -> Step:
    before, after = ({release.member for release in each.releases} for each in (then, now))
    overlaps = now.window.first <= then.window.last
    return Step(len(before & after), len(after - before), len(before - after), overlaps)


def _key(cell: Cell) -> Key:
    return cell.cohort, cell.table, cell.category, cell.measure


def _wanted(cell: Cell, cohorts: Sequence[str] | None, table: str | None, measure: str | None) -> bool:
    return (
        (cohorts is None or cell.cohort in cohorts) and table in (None, cell.table) and measure in (None, cell.measure)
    )


def _line(key: Key, rounds: Sequence[Benchmark], cells: Sequence[Cell | None]) -> Line:
    points = tuple(_point(key[0], each, cell) for each, cell in zip(rounds, cells, strict=True))
    return Line(
        key,
        points,
        tuple(_members(key[0], each) for each in rounds),
        tuple(_change(then, now) for then, now in pairwise(points)),
    )


def _point(cohort: str, benchmark: Benchmark, cell: Cell | None) -> Point:
    if cell is not None:
        return Point(cell, cell.reason)
    why = next((line.reason for line in benchmark.body.cohorts if line.cohort == cohort), None)
    return Point(None, why or NoChange.NOT_THERE)


def _members(cohort: str, benchmark: Benchmark) -> int:
    return next((line.members for line in benchmark.body.cohorts if line.cohort == cohort), 0)


def _change(then: Point, now: Point) -> Change | str:
    withheld = next((str(point.reason) for point in (then, now) if point.cell is None), None)
    why = withheld or why_none(then.cell, now.cell)
    if why is not None or then.cell is None or now.cell is None:
        return why or NoChange.NOT_THERE
    return change(then.cell, now.cell)
