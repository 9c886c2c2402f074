"""Benchmarks for programs and spreadsheets: every figure once, as it was published."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

from privacy.bounds.windows import twelve_months_to
from privacy.estimate.benchmark import Benchmark, Included
from privacy.estimate.body import Cell
from privacy.estimate.combine import combine
from privacy.estimate.tabular import COLUMNS, as_csv, as_json, row
from tests.privacy.estimate.networks import STUDY, even, houses

MEMBERS = houses(museum=6)
BENCHMARK = Benchmark(
    coordinator="npu.example",
    round="benchmark-2025-12",
    version=1,
    supersedes=None,
    reason=None,
    study=STUDY.name,
    study_version=STUDY.version,
    study_digest=STUDY.digest,
    window=twelve_months_to(date(2025, 12, 31)),
    published=datetime(2026, 2, 1, tzinfo=UTC),
    releases=tuple(Included(member=each.member, release_digest="sha256:" + "0" * 64) for each in MEMBERS),
    body=combine(STUDY, MEMBERS, even(STUDY, 6)),
)


def test_json_has_every_cell_with_its_digits() -> None:
    said = as_json(BENCHMARK)
    assert len(said["cells"]) == len(BENCHMARK.body.cells) > 200
    for shown, cell in zip(said["cells"], BENCHMARK.body.cells, strict=True):
        assert tuple(shown) == COLUMNS
        assert (shown["cohort"], shown["table"], shown["category"]) == (cell.cohort, cell.table, cell.category)
        if cell.value is None:
            assert shown["value"] is None
        else:
            assert float(cell.value) == shown["value"]
            assert isinstance(shown["value"], int) == isinstance(cell.value, int)


def test_csv_has_every_cell_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(BENCHMARK))))
    assert len(rows) == len(BENCHMARK.body.cells)
    assert [each["value"] for each in rows] == [
        "" if cell.value is None else str(cell.value) for cell in BENCHMARK.body.cells
    ]
    bad = replace(BENCHMARK.body.cells[0], category="=cmd()", value=-5)
    said = as_csv(replace(BENCHMARK, body=replace(BENCHMARK.body, cells=(bad,))))
    assert "'=cmd()" in said
    assert ",-5," in said


def test_what_is_withheld_is_null() -> None:
    cell = Cell("network", "t", "c", "orders", None, None, None, None, 6, "suppressed", "DOMINATED")
    assert row(cell)["value"] is row(cell)["standard_error"] is None
    assert row(cell)["reason"] == "DOMINATED"
