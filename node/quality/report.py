"""The report as a whole: the store as it is, beside the import before, with what stands out.

Counts only: nothing in it says who any customer is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from node.quality.series import Series, examine
from node.store.importing import Note, notes_of
from node.store.quality import Quality, by_day, measured

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Level = Literal["good", "look", "mend"]

SHARES = ("identified", "email", "postcode", "age", "gender", "segment")
"""Of orders the first, of buyers who are known the others."""

_GOOD_ENOUGH = {"identified": 0.6, "email": 0.8, "postcode": 0.7, "age": 0.3}
"""Below these a figure rests on a part of the audience only. Gender and segments are wanted by few, so have none."""

_FELL = 0.05
"""Points that a share may fall between two imports before it is told of."""


@dataclass(frozen=True)
class Finding:
    """Something that stands out: `code` has its words in `node.quality.texts`, which `values` fill in."""

    code: str
    level: Level
    values: dict[str, Any]


@dataclass(frozen=True)
class LastImport:
    """The last import: its number, moment (UTC), files, rows, and the notes of what was not taken."""

    import_no: int
    time: datetime
    files: tuple[str, ...]
    rows: int
    lines_new: int
    lines_updated: int
    skipped: int
    rejected: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Report:
    """Everything that is shown. `before` is the quality after the import before the last one, where there was one."""

    now: Quality
    before: Quality | None
    last: LastImport | None
    series: Series
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report for programs; fields are only ever added."""
        return {
            "quality": self.now.as_json() | {"shares": shares(self.now)},
            "before": None if self.before is None else self.before.as_json() | {"shares": shares(self.before)},
            "last_import": None if self.last is None else _last_json(self.last),
            "gaps": [
                {"first": str(gap.first), "last": str(gap.last), "days": gap.days, "as_year_before": gap.as_before}
                for gap in self.series.gaps
            ],
            "jumps": [
                {
                    "unit": jump.unit,
                    "first": str(jump.first),
                    "tickets": jump.tickets,
                    "usual": jump.usual,
                    "as_year_before": jump.as_before,
                }
                for jump in self.series.jumps
            ],
            "findings": [{"code": each.code, "level": each.level, "values": each.values} for each in self.findings],
        }


def shares(quality: Quality) -> dict[str, float | None]:
    """The shares of `SHARES`; None where there is nothing that they could be of."""
    parts = {
        "identified": (quality.identified_orders, quality.orders),
        "email": (quality.by_email, quality.buyers),
        "postcode": (quality.with_postcode, quality.buyers),
        "age": (quality.with_age, quality.buyers),
        "gender": (quality.with_gender, quality.buyers),
        "segment": (quality.with_segment, quality.buyers),
    }
    return {name: part / whole if whole else None for name, (part, whole) in parts.items()}


def report(connection: "DuckDBPyConnection", today: date) -> Report:
    """Looks at the store as it is."""
    now, last = measured(connection), _last_import(connection)
    before = _before(connection, last)
    series = examine(by_day(connection))
    return Report(now, before, last, series, tuple(_findings(now, before, last, series, today)))


def _last_import(connection: "DuckDBPyConnection") -> LastImport | None:
    row = connection.execute("""
        SELECT import_no, max(imported_at), list(file_name ORDER BY rowid), sum(rows)::BIGINT, sum(lines_new)::BIGINT,
               sum(lines_updated)::BIGINT, sum(skipped)::BIGINT, sum(rejected)::BIGINT
        FROM imports WHERE import_no = (SELECT max(import_no) FROM imports) GROUP BY import_no
    """).fetchone()
    if row is None:
        return None
    number, time, files, rows, new, updated, skipped, rejected = row
    notes = tuple(notes_of(connection, int(number)))
    return LastImport(int(number), time, tuple(files), int(rows), int(new), int(updated), skipped, rejected, notes)


def _before(connection: "DuckDBPyConnection", last: LastImport | None) -> Quality | None:
    found = connection.execute(
        "SELECT content FROM qualities WHERE import_no < ? ORDER BY import_no DESC LIMIT 1",
        [0 if last is None else last.import_no],
    ).fetchall()
    return Quality.of_json(json.loads(found[0][0])) if found else None


def _findings(
    now: Quality, before: Quality | None, last: LastImport | None, series: Series, today: date
) -> Iterator[Finding]:
    if not now.orders:
        yield Finding("empty", "mend", {})
        return
    if now.profiles_apart:
        yield Finding("customers-apart", "look" if now.by_email else "mend", {"profiles": now.profiles_apart})
    yield from _of_shares(now, before)
    yield from _of_customers(now)
    yield from _of_lines(now)
    if last is not None:
        yield from _of_rows(last)
    yield from _of_series(now, series, today)


def _of_shares(now: Quality, before: Quality | None) -> Iterator[Finding]:
    was = {} if before is None else shares(before)
    for name, share in shares(now).items():
        if share is None:
            continue
        earlier = was.get(name)
        if earlier is not None and share < earlier - _FELL:
            yield Finding(f"{name}-fell", "mend", {"share": share, "before": earlier})
        elif share < _GOOD_ENOUGH.get(name, 0.0):
            yield Finding(f"{name}-low", "look" if share else "mend", {"share": share})


def _of_customers(now: Quality) -> Iterator[Finding]:
    if now.profiles > now.customers:
        yield Finding("joined", "good", {"profiles": now.profiles, "customers": now.customers})
    if now.placeholders:
        share = now.placeholder_orders / now.orders
        values = {"addresses": now.placeholders, "orders": now.placeholder_orders, "share": share}
        yield Finding("placeholders", "mend" if share > 0.05 else "look", values)
    if now.busy_placeholders:
        yield Finding("busy", "look", {"addresses": now.busy_placeholders})
    if now.unmatched_returns:
        yield Finding("unmatched-returns", "look", {"tickets": now.unmatched_returns})


def _of_lines(now: Quality) -> Iterator[Finding]:
    if now.without_type and now.without_type >= now.ticket_lines / 2:
        yield Finding("without-type", "mend", {"share": now.without_type / now.ticket_lines})
    if now.lines and now.without_event > now.lines / 10:
        yield Finding("without-event", "look", {"share": now.without_event / now.lines})


def _of_rows(last: LastImport) -> Iterator[Finding]:
    if last.rejected:
        yield Finding("rejected", "mend", {"rows": last.rejected, "of": last.rows})
    reserved = sum(note.rows for note in last.notes if note.kind == "skipped" and note.reason == "reserved")
    if last.rows and reserved > 0.3 * last.rows:
        yield Finding("many-reserved", "look", {"rows": reserved, "of": last.rows})


def _of_series(now: Quality, series: Series, today: date) -> Iterator[Finding]:
    for gap in series.gaps:
        values = {"first": str(gap.first), "last": str(gap.last), "days": gap.days}
        yield Finding("gap-as-before" if gap.as_before else "gap", "good" if gap.as_before else "look", values)
    for jump in series.jumps:
        values = {"first": str(jump.first), "tickets": jump.tickets, "usual": round(jump.usual)}
        higher = "high" if jump.tickets > jump.usual else "low"
        if not jump.as_before:
            yield Finding(f"{jump.unit}-{higher}", "look", values)
    last = date.fromisoformat(now.last or str(today))
    first = date.fromisoformat(now.first or str(today))
    if last > today:
        yield Finding("future", "mend", {"last": str(last)})
    elif (today - last).days > 45:
        yield Finding("old", "look", {"last": str(last), "days": (today - last).days})
    if (last - first).days < 2 * 365:
        yield Finding("short", "look", {"first": str(first)})


def _last_json(last: LastImport) -> dict[str, Any]:
    return {
        "import": last.import_no,
        "time": last.time.isoformat(timespec="seconds") + "Z",
        "files": list(last.files),
        "rows": last.rows,
        "lines_new": last.lines_new,
        "lines_updated": last.lines_updated,
        "skipped": last.skipped,
        "rejected": last.rejected,
        "reasons": [vars(note) for note in last.notes],
    }
