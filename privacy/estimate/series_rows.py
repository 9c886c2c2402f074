"""A series as programs and spreadsheets take it: figures over time with their changes, and one's own beside them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.estimate.change import Change, Difference
from privacy.estimate.series import Line, Series, Step
from privacy.estimate.tabular import row

Own = Sequence[Mapping[tuple[str, str, str], float | None]]
"""One's own figures by table, category and measure, one mapping for each round of a series; or nothing at all."""

COLUMNS = (
    "study",
    "study_version",
    "cohort",
    "table",
    "category",
    "measure",
    "window_first",
    "window_last",
    "round",
    "version",
    "members",
    "value",
    "standard_error",
    "low",
    "high",
    "status",
    "reason",
    "change",
    "change_standard_error",
    "change_low",
    "change_high",
    "relative_change",
    "relative_standard_error",
    "relative_low",
    "relative_high",
    "within_noise",
    "no_change",
    "joined",
    "left",
    "own",
)


def as_json(series: Series, lines: Iterable[Line], own: Own = ()) -> dict[str, Any]:
    """A series as an object for `--json`: its rounds, the steps between them, and the figures of some lines."""
    return {
        "study": series.study,
        "study_version": series.version,
        "study_digest": series.digest,
        "rounds": [_round(each) for each in series.rounds],
        "steps": [_step(each) for each in series.steps],
        "passed_over": [{"round": each.round, "version": each.version} for each in series.passed_over],
        "figures": [_line(each, own) for each in lines],
    }


def as_csv(found: Iterable[tuple[Series, Sequence[Line], Own]]) -> str:
    """Series as CSV (RFC 4180), a header first and one row per figure and window; the change is from the row before.

    Names of cohorts, tables and studies begin with a letter or a digit, so that none is a spreadsheet's formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for series, lines, own in found:
        for line in lines:
            writer.writerows(_rows(series, line, own))
    return text.getvalue()


def _rows(series: Series, line: Line, own: Own) -> Iterable[list[Any]]:
    for index, (benchmark, point) in enumerate(zip(series.rounds, line.points, strict=True)):
        said = _change(line.changes[index - 1]) if index else dict.fromkeys(_CHANGE)
        step = series.steps[index - 1] if index else None
        values = [
            series.study,
            series.version,
            *line.key,
            benchmark.window.first,
            benchmark.window.last,
            benchmark.round,
            benchmark.version,
            line.members[index],
            *_figures(point.cell, point.reason),
            *said.values(),
            step and step.joined,
            step and step.left,
            _own(own, index, line),
        ]
        yield ["" if value is None else value for value in values]


def _figures(cell: Cell | None, reason: str | None) -> tuple[Any, ...]:
    if cell is None:
        return None, None, None, None, "suppressed", reason
    return cell.value, cell.standard_error, cell.low, cell.high, cell.status, reason


def _round(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "round": benchmark.round,
        "version": benchmark.version,
        "window": {"first": benchmark.window.first.isoformat(), "last": benchmark.window.last.isoformat()},
        "members": len(benchmark.releases),
    }


def _step(step: Step) -> dict[str, Any]:
    return {"stayed": step.stayed, "joined": step.joined, "left": step.left, "windows_overlap": step.overlaps}


def _line(line: Line, own: Own) -> dict[str, Any]:
    cohort, table, category, measure = line.key
    points = []
    for index, point in enumerate(line.points):
        said = {"value": None, "standard_error": None, "low": None, "high": None, "status": "suppressed"}
        if point.cell is not None:
            said = {name: value for name, value in row(point.cell).items() if name in said}
        extra = {"own": _own(own, index, line)} if own else {}
        points.append({**said, "members": line.members[index], "reason": point.reason, **extra})
    changes = [_change(each) for each in line.changes]
    return {
        "cohort": cohort,
        "table": table,
        "category": category,
        "measure": measure,
        "points": points,
        "changes": changes,
    }


_CHANGE = (
    "change",
    "standard_error",
    "low",
    "high",
    "relative_change",
    "relative_standard_error",
    "relative_low",
    "relative_high",
    "within_noise",
    "reason",
)


def _change(found: Change | str) -> dict[str, Any]:
    if isinstance(found, str):
        return dict.fromkeys(_CHANGE) | {"reason": str(found)}
    values = (*_difference(found.absolute), *_difference(found.relative), found.within_noise, None)
    return dict(zip(_CHANGE, values, strict=True))


def _difference(found: Difference | None) -> tuple[float | None, ...]:
    if found is None:
        return (None,) * 4
    return tuple(round(each, 6) for each in (found.value, found.standard_error, found.low, found.high))


def _own(own: Own, index: int, line: Line) -> float | None:
    return own[index].get((line.key[1], line.key[2], line.key[3])) if own else None
