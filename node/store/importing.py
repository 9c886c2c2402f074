"""Putting standard rows into the store: new rows, later states of known ones, and nothing twice."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from node.ingest.harmonise import Harmonised
from node.store.attributes import EVENTS, PROFILES
from node.store.order_lines import Compared, LineCounts, Session, Straight
from node.store.quality import Quality, measured

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_HELD = 200_000
"""Rows of profiles and events that wait, at the most, until the lines let them in."""


@dataclass(frozen=True)
class Origin:
    """Where the rows of a file come from."""

    import_no: int
    source: str


class Staging:
    """The rows of one file on their way into the store, within the open transaction.

    With `compare` the lines are compared from the first one on, as it takes where a file names lines twice.
    """

    def __init__(
        self, connection: "DuckDBPyConnection", origin: Origin, ordering_key: bytes, *, compare: bool = False
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._session = Session(connection, origin.source, ordering_key)
        self._compare = compare
        self._lines: Straight | Compared | None = None
        self._held: dict[str, list[pa.Table]] = {"staged_profiles": [], "staged_events": []}
        self._present: set[str] = set()
        for name in self._held:
            connection.execute(f"DROP TABLE IF EXISTS {name}")

    def add(self, part: Harmonised) -> None:
        """Takes in one chunk."""
        if part.lines is not None:
            if self._lines is None:
                straight = not self._compare and Straight.suits(self._session, part.lines)
                self._lines = Straight(self._session) if straight else Compared(self._session)
            self._lines.add(part.lines)
        for name, rows in (("staged_profiles", part.profiles), ("staged_events", part.events)):
            if rows is not None:
                self._held[name].append(rows)
        if sum(rows.num_rows for held in self._held.values() for rows in held) > _HELD:
            self._append_held()

    def abandon(self) -> None:
        """After an error: nothing of this goes on, and the connection is its owner's again."""
        if isinstance(self._lines, Straight):
            self._lines.abandon()

    def _append_held(self) -> None:
        """Writes what is held, between the lines: a connection does one thing at a time."""
        if isinstance(self._lines, Straight):
            self._lines.settle()
        for name, held in self._held.items():
            for rows in held:
                verb = f"INSERT INTO {name}" if name in self._present else f"CREATE TEMP TABLE {name} AS"
                self._present.add(name)
                self._session.run_on(rows, f"{verb} SELECT * FROM arriving")
            held.clear()

    def merge(self) -> LineCounts | None:
        """Puts everything into the store, and says what became of the lines.

        None, with nothing put there, where the file must be read again with `compare`.
        """
        counts = LineCounts() if self._lines is None else self._lines.finish()
        if counts is None:
            return None
        for name, table in (("staged_profiles", PROFILES), ("staged_events", EVENTS)):
            with self._staged(name) as anything:
                if anything:
                    table.merge(self._connection, self._origin.source, self._origin.import_no)
        return counts

    @contextmanager
    def _staged(self, name: str) -> Iterator[bool]:
        """Whether anything was staged under a name; meanwhile that is a table of it, of what is held without a copy."""
        if name in self._present:
            self._append_held()
            yield True
        elif self._held[name]:
            with self._session.registered(name, pa.concat_tables(self._held[name])):
                yield True
        else:
            yield False


def next_number(connection: "DuckDBPyConnection") -> int:
    """The number of the import that begins now."""
    return int(connection.execute("SELECT coalesce(max(import_no), 0) + 1 FROM imports").fetchall()[0][0])


def record(connection: "DuckDBPyConnection", origin: Origin, facts: dict[str, object]) -> None:
    """Writes what one file brought into `imports`."""
    row = {
        "import_no": origin.import_no,
        "source": origin.source,
        "imported_at": datetime.now(UTC).replace(tzinfo=None),
    }
    row |= facts
    names = ", ".join(row)
    marks = ", ".join(f"${name}" for name in row)
    connection.execute(f"INSERT INTO imports ({names}) VALUES ({marks})", row)


@dataclass(frozen=True)
class Note:
    """So many rows of an import were `skipped` or `rejected`, for one reason; a rejected one in this column, if any."""

    kind: str
    column: str
    reason: str
    rows: int


def keep_notes(connection: "DuckDBPyConnection", import_no: int, notes: Sequence[Note]) -> None:
    """Keeps, within the open transaction, why rows of an import did not get into the store."""
    for note in notes:
        connection.execute(
            "INSERT INTO import_notes VALUES (?, ?, ?, ?, ?)",
            [import_no, note.kind, note.column, note.reason, note.rows],
        )


def notes_of(connection: "DuckDBPyConnection", import_no: int) -> list[Note]:
    """The notes of an import, those of most rows first."""
    rows = connection.execute(
        "SELECT kind, field, reason, rows FROM import_notes WHERE import_no = ? ORDER BY 4 DESC, 1, 2, 3",
        [import_no],
    ).fetchall()
    return [Note(kind, column, reason, int(count)) for kind, column, reason, count in rows]


def keep_quality(connection: "DuckDBPyConnection", import_no: int) -> Quality:
    """Measures the data quality after an import, and keeps it within the open transaction."""
    quality = measured(connection)
    connection.execute("INSERT INTO qualities VALUES (?, ?)", [import_no, json.dumps(quality.as_json())])
    return quality
