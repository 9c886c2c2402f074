"""The cells of one cohort: its sums with their errors, the key figures that follow, and nothing of what is withheld."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from privacy.estimate.body import ERROR_DECIMALS, SUM_NAMES, Cell
from privacy.estimate.clipping.column import UncutColumn
from privacy.estimate.cohorts import Cohort
from privacy.estimate.derived import EVERY_DECIMALS, FREE, OF_CLIPPING, Derived, Source
from privacy.estimate.disclosure import Category, relative_error_exceeds
from privacy.estimate.figure import DEFAULT_CONFIDENCE, Figure, critical_value
from privacy.estimate.formulas import Covariance
from privacy.estimate.layout import Layout
from privacy.estimate.ratios import Ratio
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published

_OF_PAYING = ("average_ticket_price_ore", FREE[:2])
"""The key figure that may be made with a withheld category that has nothing but noise: paying tickets are all less the
complimentary ones, and where nobody gives any away, that is all. No other key figure: it would be the withheld one."""


@dataclass(frozen=True, slots=True)
class _Noise:
    """The noise on a sum over a cohort, each member with its own: half the interval's width in whole units."""

    error: float
    written: str
    margin: int

    @staticmethod
    def of(variance: float, members: int) -> "_Noise":
        error = Figure(0, variance * members).standard_error
        margin = int(published(critical_value(DEFAULT_CONFIDENCE) * error, 0))
        return _Noise(error, published(error, ERROR_DECIMALS), margin)


def cells_of(
    cohort: Cohort,
    layout: Layout,
    values: list[int],
    uncut: UncutColumn,
    why: dict[Category, Reason],
    noise: AbstractSet[Category],
    unreliable_percent: int,
) -> list[Cell]:
    """The sums of a cohort by table, category and measure, and then its key figures.

    values: the estimates of the sums over the cohort, by cell of the layout. uncut: these with what bounds have cut off
    put back. why: the categories that are withheld, with the reason. noise: those of them that have nothing but noise;
    the average ticket price may be made with them.
    """
    noises = _noises(layout.variances.tobytes(), len(cohort.members))
    cells = _Cells(cohort.name, len(cohort.members), layout, values, noises, uncut, why, noise, unreliable_percent)
    return [*cells.sums(), *cells.kpis()]


@lru_cache(maxsize=64)
def _noises(variances: bytes, members: int) -> tuple[_Noise, ...]:
    """Of the cells of a cohort with so many members; cohorts of one size have the same."""
    each = np.frombuffer(variances, dtype=np.float64).tolist()
    of = {variance: _Noise.of(variance, members) for variance in set(each)}
    return tuple(of[variance] for variance in each)


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of one cohort.

    values: its sums, and noises on them, by cell; uncut: these with what bounds cut off put back; why: the withheld
    categories; noise: those with nothing else.
    """

    cohort: str
    members: int
    layout: Layout
    values: list[int]
    noises: tuple[_Noise, ...]
    uncut: UncutColumn
    why: dict[Category, Reason]
    noise: AbstractSet[Category]
    percent: int

    def sums(self) -> list[Cell]:
        return [self._sum(index) for index in self.layout.reading]

    def kpis(self) -> list[Cell]:
        values = dict(zip(self.layout.sources, self.values, strict=True))
        each = zip(self.layout.derived, self.layout.noises, strict=True)
        return [self._kpi(key_figure, noise, values) for key_figure, noise in each]

    def _sum(self, index: int) -> Cell:
        """An estimate below zero is shown as zero, and its interval from there on."""
        table, category, measure = self.layout.sources[index]
        why = self.why.get((table, category))
        if why is not None:
            return self._suppressed((table, category), SUM_NAMES[measure], why)
        value, noise = self.values[index], self.noises[index]
        weak = value < 0 or relative_error_exceeds(value, noise.error, self.percent)
        uncut = self.uncut.sum(index) if self.layout.tested[index] else None
        if uncut is not None and not weak and relative_error_exceeds(uncut.value, uncut.standard_error, self.percent):
            uncut = None  # what is to be put back is not known well enough to be shown beside a figure that is
        return Cell(
            self.cohort,
            table,
            category,
            SUM_NAMES[measure],
            max(0, value),
            noise.written,
            max(0, value - noise.margin),
            max(0, value + noise.margin),
            self.members,
            "unreliable" if weak else "published",
            None,
            None if uncut is None else int(published(max(0.0, uncut.value), 0)),
            None if uncut is None else published(uncut.standard_error, ERROR_DECIMALS),
        )

    def _kpi(self, each: Derived, noise: Covariance, values: dict[Source, int]) -> Cell:
        spared = self.noise & {_OF_PAYING[1]} if each.kpi == _OF_PAYING[0] else set()
        why = next((self.why[need] for need in each.needs if need in self.why and need not in spared), None)
        if why is not None:
            return self._suppressed(each.category, each.kpi, why)
        result = each.rule.ratio([values[source] for source in each.sources], noise, self.members)
        cell = ratio_cell(self.cohort, each.category, each.kpi, result, self.members, self.percent)
        if each.kpi in OF_CLIPPING:
            return cell
        uncut = self.uncut.ratio(each.rule, [self.layout.at[source] for source in each.sources])
        return _with_uncut(cell, uncut, self.percent)

    def _suppressed(self, category: Category, measure: str, why: Reason | None) -> Cell:
        return Cell(self.cohort, *category, measure, None, None, None, None, self.members, "suppressed", why)


def _with_uncut(cell: Cell, uncut: Ratio | None, percent: int) -> Cell:
    """A key figure with what it is when nothing is cut off; as it is where that has no error that can be trusted."""
    if cell.value is None or uncut is None or uncut.interval is None:
        return cell
    value, error = uncut.value or 0.0, uncut.standard_error or 0.0
    if cell.status == "published" and relative_error_exceeds(value, error, percent):
        return cell
    decimals = EVERY_DECIMALS[cell.measure]
    return replace(
        cell, uncut=published(max(0.0, value), decimals), uncut_error=published(error, decimals + ERROR_DECIMALS)
    )


def ratio_cell(cohort: str, category: Category, kpi: str, result: Ratio, members: int, percent: int) -> Cell:
    """A key figure as it is published; what is below zero is shown as zero, for no key figure is less in truth."""
    if result.value is None or result.standard_error is None:
        return Cell(cohort, *category, kpi, None, None, None, None, members, "suppressed", result.reason)
    decimals = EVERY_DECIMALS[kpi]
    low, high = result.interval or (None, None)
    unbounded = result.interval is None
    weak = unbounded or result.value < 0 or relative_error_exceeds(result.value, result.standard_error, percent)
    return Cell(
        cohort,
        *category,
        kpi,
        published(max(0.0, result.value), decimals),
        published(result.standard_error, decimals + ERROR_DECIMALS),
        None if low is None else published(max(0.0, low), decimals),
        None if high is None else published(max(0.0, high), decimals),
        members,
        "unreliable" if weak else "published",
        Reason.INTERVAL_UNBOUNDED if unbounded else None,
    )
