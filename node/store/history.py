"""What was imported before: files by their digest, and the sources whose sales name customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Before:
    """A file that was imported: as which source, when last, and how many order lines it brought or confirmed.

    `left_out` is how many rows the last import left out: another profile may leave out others. `newest` where no later
    import of the source has brought anything: then it changes nothing when it comes again.
    """

    source: str
    day: date
    lines: int
    newest: bool
    left_out: int


@dataclass(frozen=True)
class Earlier:
    """What the store held before an import: files by their digest, and the sources whose sales name customers."""

    files: Mapping[str, tuple[Before, ...]] = field(default_factory=dict)
    with_customers: frozenset[str] = frozenset()

    def same(self, digest: str, source: str) -> Before | None:
        """The earlier import of a file as the same source."""
        return next((each for each in self.files.get(digest, ()) if each.source == source), None)

    def other(self, digest: str, source: str) -> Before | None:
        """The earlier import of a file, with sales in it, as another source than this."""
        return next((each for each in self.files.get(digest, ()) if each.source != source and each.lines), None)


def earlier(connection: "DuckDBPyConnection") -> Earlier:
    """What the store holds now, for an import that is about to begin."""
    files: dict[str, tuple[Before, ...]] = {}
    for digest, source, when, lines, newest, left_out in connection.execute("""
        SELECT file_sha256, source, max(imported_at), max(lines_new + lines_updated + lines_unchanged),
               max(import_no) >= (
                   SELECT max(import_no) FROM imports o WHERE o.source = i.source AND lines_new + lines_updated > 0
               ),
               arg_max(skipped, import_no)
        FROM imports i GROUP BY file_sha256, source ORDER BY ALL
    """).fetchall():
        before = Before(source, when.date(), int(lines), bool(newest), int(left_out))
        files[digest] = (*files.get(digest, ()), before)
    named = connection.execute("SELECT DISTINCT source FROM order_lines WHERE customer_key IS NOT NULL").fetchall()
    return Earlier(files, frozenset(source for (source,) in named))
