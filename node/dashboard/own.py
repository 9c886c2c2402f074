"""The institution's own exact figures as pages take them, computed once per import and kept in the node's folder.

What is kept is what `kudos-node kpi --json` prints (docs/json.md), readable by the node's owner alone. It is found by
what it was computed of: what the store holds, the window, the study and the version of the program. So an import makes
it stale at once, as does forgetting a customer, and what is stale is deleted when something new is written.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.benchmark.own import Key, own_figures
from node.benchmark.own_thresholds import thresholds_of
from node.errors import StoreBusy
from node.home import Home, write_private
from node.kpis.as_json import figures_json, portfolio_json, report_json
from node.kpis.forecast import former_customers
from node.kpis.orders import orders_of
from node.kpis.report import Asked, Section, report_of
from node.kpis.series import series_of
from node.kpis.windows import Named, Period, year_earlier
from node.quality.report import report as quality_report
from node.store.database import opened
from node.store.frames import Keeper, table
from node.store.span import newest_month, oldest_day, today
from privacy.bounds.windows import Window, months_before, twelve_months_to
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Json = Mapping[str, Any]

WAIT_S = 1.0
"""So long a page waits for a store in which another command works; then it shows what was kept."""

MOST_KEPT = 100
"""Files of figures; a page takes one or two."""

_FORM = 2
"""Counts up when what is kept of a window changes its form: older files are then not looked at."""

MONTHS, YEARS = 36, 4
"""How far back the series go."""


@dataclass(frozen=True)
class Imported:
    """A file that was imported, and when (UTC): how many of its rows were new lines, refused, or left out as no sales.

    `known`: lines that were there before, changed by this file or the same in it.
    """

    at: datetime
    source: str
    system: str
    file_name: str
    rows: int
    new: int
    known: int
    rejected: int
    skipped: int


@dataclass(frozen=True)
class Own:
    """The own figures of a window.

    `now`, `before`: key figures and portfolio of the window and of a year earlier; `tables`, `occupancy`: as in
    `kudos-node kpi --json`; `months`, `years`: series that end with the window; `former`: customers that could be
    recovered; `findings`: what stands out in the store; `stale`: an import is under way, and these are from before it.
    """

    window: Window
    now: Json
    before: Json
    tables: Mapping[str, Sequence[Json]]
    occupancy: Mapping[str, Mapping[str, Json]]
    rfm: Sequence[Json]
    months: Sequence[Json]
    years: Sequence[Json]
    former: int
    imports: Sequence[Imported]
    findings: Sequence[Json] = ()
    stale: bool = False


class Exact:
    """The own figures of a node, computed when they are asked for first. Call it from one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: tuple[object, str] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was ever imported."""
        return not self._home.store_file.exists()

    def newest(self) -> Window | None:
        """The newest twelve whole months with sales; None where there are none."""
        zone = self._home.settings().timezone

        def compute(connection: "DuckDBPyConnection") -> Json:
            last = newest_month(connection, today(zone)).end
            return {"last": last.isoformat(), "any": oldest_day(connection) is not None}

        found, _stale = self._kept(f"newest {today(zone):%Y-%m}", compute)
        return twelve_months_to(date.fromisoformat(found["last"])) if found["any"] else None

    def figures(self, window: Window) -> Own:
        """All figures of a window. Raises StoreBusy where another command works in the store and nothing is kept."""
        zone = self._home.settings().timezone
        found, stale = self._kept(f"figures {_FORM} {window}", lambda connection: _figures(connection, zone, window))
        imports = [Imported(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in found["imports"]]
        return Own(**{**found, "window": window, "imports": imports, "stale": stale})

    def cells(self, study: Study, window: Window) -> dict[Key, float | None]:
        """The figures of a study's cells, as a benchmark has them."""
        tiers = thresholds_of(self._home, study, window)
        name, stamp = f"cells {study.digest} {window} {tiers}", self._stamp()
        kept = self._last(name) if stamp is None else self._read(self._file(stamp, name))
        if kept is None:
            computed = own_figures(self._home, study, window, lambda _: None, tiers)
            kept = {"cells": [[*key, value] for key, value in computed.items()]}
            if stamp is not None and self._stamp() == stamp:  # else an import came between
                self._write(stamp, name, kept)
        return {(table_name, category, measure): value for table_name, category, measure, value in kept["cells"]}

    def _kept(self, name: str, compute: "Callable[[DuckDBPyConnection], Json]") -> tuple[Json, bool]:
        """What is kept under a name, or else computed and kept; and whether it is from before an import."""
        stamp = self._stamp()
        if stamp is None:
            return self._last(name), True
        kept = self._read(self._file(stamp, name))
        if kept is None:
            try:
                with opened(self._home, wait_s=WAIT_S) as connection:
                    stamp = _stamp_of(connection)  # an import may have come since it was looked at
                    kept = json.loads(json.dumps(compute(connection)))
            except StoreBusy:
                return self._last(name), True
            self._write(stamp, name, kept)
        return kept, False

    def _stamp(self) -> str | None:
        """What the store's content is told by; None while another command works in the store.

        The store's file is looked at first: one that was not written to since has the same content.
        """
        file = self._home.store_file
        written = (file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None
        if self._seen is None or self._seen[0] != written or written is None:
            try:
                with opened(self._home, wait_s=WAIT_S) as connection:
                    stamp = _stamp_of(connection)
            except StoreBusy:
                return None
            written = (file.stat().st_mtime_ns, file.stat().st_size)
            self._seen = (written, stamp)
        return self._seen[1]

    @property
    def _folder(self) -> Path:
        return self._home.path / "dashboard" / "figures"

    def _file(self, stamp: str, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return self._folder / f"{digest}.{hashlib.sha256(stamp.encode()).hexdigest()[:16]}.json"

    def _last(self, name: str) -> Json:
        """What was kept under a name before the import that is under way. Raises StoreBusy where nothing was."""
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        for file in self._folder.glob(f"{digest}.*.json"):
            if (kept := self._read(file)) is not None:
                return kept
        raise StoreBusy(
            "Another kudos-node command works in the store. Wait until it is done, and load this page again."
        )

    def _read(self, file: Path) -> Json | None:
        try:
            kept: Json = json.loads(file.read_bytes())
        except (OSError, ValueError):  # not there, or cut off: it is computed again
            return None
        return kept

    def _write(self, stamp: str, name: str, content: Json) -> None:
        file = self._file(stamp, name)
        suffix = file.name.partition(".")[2]
        for other in self._folder.glob("*.json"):
            if not other.name.endswith(suffix):
                other.unlink(missing_ok=True)
        write_private(file, json.dumps(content).encode())
        kept = sorted(self._folder.glob("*.json"), key=lambda each: each.stat().st_mtime_ns)
        for oldest in kept[:-MOST_KEPT]:  # whoever tries one span of days after the other
            oldest.unlink(missing_ok=True)


_CONTENT = """
SELECT count(*), max(import_no), max(imported_at),
    (SELECT count(*) FROM order_lines), (SELECT count(*) FROM profiles), (SELECT count(*) FROM customers),
    (SELECT count(*) FROM customers WHERE released)
FROM imports
"""
"""The imports, and what is left of them: customers are forgotten, old sales are removed, objections are taken back."""


def _stamp_of(connection: "DuckDBPyConnection") -> str:
    rows = connection.execute(_CONTENT).fetchall()
    return f"{version('kudos')} {rows[0]}"


def _figures(connection: "DuckDBPyConnection", zone: str, window: Window) -> Json:
    first = oldest_day(connection)
    begin = months_before(window.last + timedelta(days=1), MONTHS)
    span = Window(max(begin, first.replace(day=1)) if first and first <= window.last else window.first, window.last)
    report = report_of(connection, zone, Asked(window, tuple(Section), Period.MONTH, span))
    said = report_json(report)
    keep = Keeper(connection)
    try:
        orders = orders_of(table(connection, "sales"), table(connection, "customers"), keep)
        years = series_of(orders, Period.YEAR, _years(window, first), keep)
        former = former_customers(orders, window)
    finally:
        keep.drop()
    return {
        "now": {**figures_json(report.now), **portfolio_json(report.portfolio)},
        "before": {**figures_json(report.before), **portfolio_json(report.portfolio_before)},
        "tables": said["tables"],
        "occupancy": said["occupancy"],
        "rfm": said["rfm"],
        "months": [_lean(each) for each in said["series"]],
        "years": [{"period": each.label, **figures_json(each.figures)} for each in years],
        "former": former,
        "imports": _imports(connection),
        "findings": quality_report(connection, today(zone)).as_json()["findings"],
    }


def _years(window: Window, first: date | None) -> list[Named]:
    """The window and those of the years before, as far as there were sales in all of each, oldest first."""
    found = [window]
    while len(found) < YEARS and first is not None and year_earlier(found[-1]).first >= first.replace(day=1):
        found.append(year_earlier(found[-1]))
    return [Named(each.last.isoformat(), each) for each in reversed(found)]


def _lean(point: Json) -> Json:
    wanted = ("period", "window", "customers", "orders", "tickets", "revenue_ore", "average_ticket_price_ore", "flows")
    return {name: point[name] for name in wanted}


def _imports(connection: "DuckDBPyConnection") -> list[dict[str, object]]:
    names = ("at", "source", "system", "file_name", "rows", "new", "known", "rejected", "skipped")
    rows = connection.execute(
        "SELECT imported_at, source, system, file_name, rows, lines_new, lines_updated + lines_unchanged, rejected, "
        "skipped FROM imports ORDER BY import_no, file_name"
    ).fetchall()
    return [dict(zip(names, (row[0].replace(tzinfo=UTC).isoformat(), *row[1:]), strict=True)) for row in rows]
