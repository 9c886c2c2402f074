"""A file of any kind as one table of text: the reader of its kind, and the reading of it that somebody understands.

A text file may be read with several delimiters, a workbook has several sheets, a JSON record several lists. `fits` is
asked of the headers of each; where none is understood the likeliest stands.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from node.errors import ImportRefused
from node.ingest.readers import csv_file, json_file, sniff, spreadsheet
from node.ingest.readers.chunk import Chunk

Fits = Callable[[Sequence[str]], bool]
"""Whether somebody understands a file with such headers."""

Chunks = Callable[[Sequence[int], str], Iterator[Chunk]]


@dataclass(frozen=True)
class Table:
    """A file that was opened. `written` says how it is written and `called` what to call it, for people.

    `dialect` is a text file's; `within` is the place of the rows in a JSON record, if they lie in a list of it.
    """

    path: Path
    headers: list[str]
    written: str
    called: str
    size: int
    _chunks: Chunks
    dialect: sniff.Dialect | None = None
    within: str | None = None

    def chunks(self, wanted: Sequence[int], decimal: str) -> Iterator[Chunk]:
        """The rows in the file's order, of each the columns wanted; numbers of a spreadsheet get the decimal sign."""
        return self._chunks(wanted, decimal)


def open_table(path: Path, fits: Fits, delimiters: Iterable[str] = (), within: Iterable[str] = ()) -> Table:
    """Finds out what a file is. Beside the likeliest, other `delimiters` and lists `within` JSON records are tried.

    Raises ImportRefused for what cannot be read: no text, no table.
    """
    kind = sniff.kind_of(path)
    if kind == "spreadsheet":
        return _spreadsheet(path, fits)
    return _json(path, fits, within) if kind == "json" else _csv(path, fits, delimiters)


def _csv(path: Path, fits: Fits, delimiters: Iterable[str]) -> Table:
    start = sniff.beginning(path)
    dialect, headers = sniff.header(start)
    if not fits(headers):
        for delimiter in set(delimiters) - {dialect.delimiter}:
            other, names = sniff.header(start, delimiter)
            if fits(names):
                dialect, headers = other, names

    def chunks(wanted: Sequence[int], _decimal: str) -> Iterator[Chunk]:
        with path.open("rb") as file:
            yield from csv_file.chunks(file, path, dialect, len(headers), wanted)

    return Table(path, headers, str(dialect), path.name, path.stat().st_size, chunks, dialect)


def _spreadsheet(path: Path, fits: Fits) -> Table:
    sheets = spreadsheet.sheets(path)
    if not sheets:
        raise ImportRefused(f"{path.name} has no sheet with a header. Export it again from the ticketing system.")
    fitting = [(name, headers) for name, headers in sheets if fits(headers)]
    name, headers = (fitting or sheets)[0]
    size = path.stat().st_size

    def chunks(wanted: Sequence[int], decimal: str) -> Iterator[Chunk]:
        yield from spreadsheet.chunks(path, name, len(headers), wanted, decimal, size)

    return Table(path, headers, f"Excel, sheet {name!r}", f"{path.name}, sheet {name!r}", size, chunks)


def _json(path: Path, fits: Fits, within: Iterable[str]) -> Table:
    content = json_file.content(path)
    inner = ((place, json_file.nested(content, path, place)) for place in within)
    fitting = ((place, found) for place, found in inner if found is not None and fits(found.names))
    place, records = next(fitting, None) or (None, json_file.records(content, path))
    size = path.stat().st_size

    def chunks(wanted: Sequence[int], _decimal: str) -> Iterator[Chunk]:
        yield from json_file.chunks(records, wanted, size)

    written = "JSON" if place is None else f"JSON, rows in {place}"
    return Table(path, records.names, written, path.name, size, chunks, within=place)
