"""The published figures of a cohort, month by month or quarter by quarter, out of the rounds of one study.

A month is a cell of the table `month` of whatever round's window it lies in; a quarter is the total of a round whose
window it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from node.kpis.windows import Period
from privacy.bounds.windows import Window
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.estimate.change import NoChange
from privacy.estimate.series import Series

_TABLES = {Period.MONTH: "month", Period.QUARTER: "totals"}


@dataclass(frozen=True)
class Published:
    """A cohort's figure of a period, out of a benchmark: its value and standard error, or the reason for none.

    `place`: its table, category and measure; `value` is None and `error` 0 where it is not published.
    """

    window: Window
    benchmark: Benchmark | None
    place: tuple[str, str, str]
    value: float | None
    error: float = 0.0
    reason: str | None = None


def published(
    series: Series, cohort: str, measure: str, by: Period, windows: Iterable[Window]
) -> dict[Window, Published]:
    """A figure for each of some periods.

    As few rounds as possible are used, for between two of them members and bounds may make a difference: first the one
    that has most of these periods, of equals the newest.
    """
    windows = list(windows)
    offers = [_of_round(each, cohort, measure, by, windows) for each in reversed(series.rounds)]
    offers.sort(key=lambda offer: -sum(each.value is not None for each in offer.values()))
    found: dict[Window, Published] = {}
    for window in windows:
        said = [offer[window] for offer in offers if window in offer]
        nothing = Published(window, None, ("", "", measure), None, reason=NoChange.NOT_THERE)
        found[window] = next((each for each in said if each.value is not None), next(iter(said), nothing))
    return found


def _of_round(
    benchmark: Benchmark, cohort: str, measure: str, by: Period, windows: Iterable[Window]
) -> dict[Window, Published]:
    cells = {
        cell.category: cell
        for cell in benchmark.body.cells
        if (cell.cohort, cell.table, cell.measure) == (cohort, _TABLES[by], measure)
    }
    withheld = next((line.reason for line in benchmark.body.cohorts if line.cohort == cohort), None)
    found = {}
    for window in windows:
        category = _category(by, window, benchmark.window)
        if category is not None:
            place = (_TABLES[by], category, measure)
            value, error, reason = _shown(cells.get(category), withheld)
            found[window] = Published(window, benchmark, place, value, error, reason)
    return found


def _category(by: Period, window: Window, of: Window) -> str | None:
    """The category in which a round has a period; None where it has not."""
    if by is Period.QUARTER:
        return "all" if window == of else None
    months = (of.last.year - of.first.year) * 12 + of.last.month - of.first.month
    within = of.first <= window.first and window.last <= of.last and months < 12
    return f"{window.first.month:02d}" if within else None


def _shown(cell: Cell | None, withheld: str | None) -> tuple[float | None, float, str | None]:
    """A cell's value and error, or the reason why it is not to be computed with."""
    if cell is None:
        return None, 0.0, withheld or NoChange.NOT_THERE
    if cell.value is None or cell.standard_error is None:
        return None, 0.0, cell.reason
    if cell.status == "unreliable":
        return None, 0.0, NoChange.UNRELIABLE
    return float(cell.value), float(cell.standard_error), None
