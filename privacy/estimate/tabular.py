"""A benchmark as programs and spreadsheets take it: one row per figure."""

import csv
import io
from typing import Any

from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.ledger.fields import format_time

COLUMNS = (
    "cohort",
    "table",
    "category",
    "measure",
    "value",
    "standard_error",
    "low",
    "high",
    "members",
    "status",
    "reason",
    "uncut",
    "uncut_error",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(benchmark: Benchmark) -> dict[str, Any]:
    """The benchmark as an object for `--json`. Decimals are numbers with the digits that were published."""
    return {
        "coordinator": benchmark.coordinator,
        "round": benchmark.round,
        "version": benchmark.version,
        "supersedes": benchmark.supersedes,
        "reason": benchmark.reason,
        "study": benchmark.study,
        "study_version": benchmark.study_version,
        "study_digest": benchmark.study_digest,
        "window": {"first": benchmark.window.first.isoformat(), "last": benchmark.window.last.isoformat()},
        "published": format_time(benchmark.published),
        "members": len(benchmark.releases),
        "cohorts": [
            {"cohort": line.cohort, "members": line.members, "status": line.status, "reason": line.reason}
            for line in benchmark.body.cohorts
        ],
        "cells": [row(cell) for cell in benchmark.body.cells],
        **_market(benchmark),
    }


def _market(benchmark: Benchmark) -> dict[str, Any]:
    """What became of each member of a round of cross-use; nothing for every other round."""
    lines = [{"member": line.member, "status": line.status} for line in benchmark.body.market]
    return {"market": lines} if lines else {}


def row(cell: Cell) -> dict[str, Any]:
    """One figure, by column."""
    return {name: _number(name, getattr(cell, name)) for name in COLUMNS}


def as_csv(benchmark: Benchmark) -> str:
    """The figures as CSV (RFC 4180), a header first; no cell begins like a formula of a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for cell in benchmark.body.cells:
        writer.writerow([_safe(getattr(cell, name)) for name in COLUMNS])
    return text.getvalue()


def _number(name: str, value: Any) -> Any:
    if name in ("value", "standard_error", "low", "high", "uncut", "uncut_error") and isinstance(value, str):
        return float(value)
    return None if value is None else value if isinstance(value, int) else str(value)


def _safe(value: Any) -> Any:
    """A value for a spreadsheet: a text that would be a formula there gets an apostrophe; numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    try:
        float(value)
    except ValueError:
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value
