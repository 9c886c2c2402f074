"""A report for spreadsheets and data frames: one row per figure, as CSV or as Parquet."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from node.kpis.as_json import Json, breakdown_json, figures_json, occupancy_json, portfolio_json
from node.kpis.report import Report
from privacy.bounds.windows import Window
from privacy.files import for_spreadsheets

SCHEMA = pa.schema(
    [("period", pa.string()), ("first", pa.date32()), ("last", pa.date32())]
    + [(name, pa.string()) for name in ("table", "category", "category_2", "measure")]
    + [("value", pa.float64())]
)
"""`period` is empty for the window itself, `value` null where a figure is unknown. Whole numbers are exact to 2^53."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[str, Window, str, str, str, str, float | int | None]


def rows_of(report: Report) -> list[Row]:
    """Every figure of a report: those of the window, of the year before, and of each period of a series."""
    found = [*_window("", report.now.window, figures_json(report.now), portfolio_json(report.portfolio))]
    earlier = figures_json(report.before), portfolio_json(report.portfolio_before)
    found += _window("a year before", report.before.window, *earlier)
    found += (("", report.now.window, *row) for row in _sections(report))
    for point in report.series:
        portfolio = portfolio_json(point.portfolio) if point.portfolio else {}
        found += _window(point.label, point.figures.window, figures_json(point.figures), portfolio)
    return found


def as_csv(rows: list[Row]) -> bytes:
    """CSV (RFC 4180) that spreadsheets take as UTF-8 by its mark; no cell begins like a formula of theirs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(SCHEMA.names)
    for period, window, *words, value in rows:
        safe = [f"'{word}" if str(word).startswith(_FORMULA) else word for word in words]
        writer.writerow([period, window.first, window.last, *safe, "" if value is None else value])
    return for_spreadsheets(text.getvalue())


def as_parquet(rows: list[Row]) -> bytes:
    """Parquet, with the columns of `SCHEMA`."""
    flat = [(period, window.first, window.last, *rest) for period, window, *rest in rows]
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in flat], schema=SCHEMA), sink
    )
    return sink.getvalue()


def _window(period: str, window: Window, figures: Json, portfolio: Json) -> Iterator[Row]:
    for row in (*_figures(figures), *_portfolio(portfolio)):
        yield (period, window, *row)


_Cell = tuple[str, str, str, str, float | int | None]
"""Table, both categories, measure and value."""


def _figures(figures: Json) -> Iterator[_Cell]:
    for name, value in figures.items():
        if name in ("flows", "frequency_bands"):
            yield from ((name, category, "", "customers", count) for category, count in value.items())
        elif name != "window":
            yield "key", "", "", name, value


def _portfolio(portfolio: Json) -> Iterator[_Cell]:
    for name, tier in portfolio.get("tiers", {}).items():
        for measure, value in tier.items():
            if not isinstance(value, Mapping):
                if measure != "lost":
                    yield "tiers", name, "", measure, value
            else:
                yield from (("tiers", name, measure, each, amount) for each, amount in value.items())
    if portfolio:
        yield "key", "", "", "portfolio_value_ore", portfolio["portfolio_value_ore"]
    for origin, moved in (portfolio.get("migration") or {}).items():
        yield from (("migration", origin, to, "customers", count) for to, count in moved.items())
    for tier, origins in portfolio.get("origins", {}).items():
        for origin, amount in origins.items():
            yield from (("origins", tier, origin, measure, value) for measure, value in amount.items())


def _sections(report: Report) -> Iterator[_Cell]:
    for each in report.rfm:
        scores = f"{each.recency}{each.frequency}{each.monetary}"
        for measure in ("customers", "orders", "revenue_ore"):
            yield "rfm", scores, "", measure, getattr(each, measure)
    for found in report.breakdowns.values():
        for table in found:
            for cell in breakdown_json(table):
                yield from _cell(table.name, [cell.pop(dimension.name) for dimension in table.dimensions], cell)
    for by, categories in report.occupancy.items():
        for category, each_of in categories.items():
            yield from _cell(f"occupancy by {by}", [category], occupancy_json(each_of))


def _cell(table: str, categories: list[Any], cell: Json) -> Iterator[_Cell]:
    first, second = [*categories, ""][:2]
    for measure, value in cell.items():
        yield table, first, second, measure, value
