"""A file of any kind as one table of text: the reader of its kind, and the reading of it that somebody understands.

A text file may be read with several delimiters, a workbook has several sheets, a JSON record several lists. `fits` is
asked of the headers of each; where none is understood the likeliest stands. A hidden sheet is taken only where no other
fits.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from node.errors import ImportRefused
from node.ingest.readers import csv_file, json_file, sniff, spreadsheet
from node.ingest.readers.chunk import Chunk, encoded_once

Fits = Callable[[Sequence[str]], bool]
"""Whether somebody understands a file with such headers."""

_TITLES = 14
"""So many lines may stand above the names of the columns."""

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


def open_table(
    path: Path, fits: Fits, delimiters: Iterable[str] = (), within: Iterable[str] = (), below: Fits | None = None
) -> Table:
    """Finds out what a file is. Beside the likeliest, other `delimiters` and lists `within` JSON records are tried.

    Where nothing fits, the first row that is `below` lines of a title, and of which `below` says that it is a header,
    is taken for one; a line of a title has fewer cells. `written` says then how many are left out.

    Raises ImportRefused for what cannot be read: no text, no table.
    """
    kind = sniff.kind_of(path)
    if kind == "spreadsheet":
        return _spreadsheet(path, fits, below)
    return _json(path, fits, within) if kind == "json" else _csv(path, fits, tuple(delimiters), below)


def _csv(path: Path, fits: Fits, delimiters: Sequence[str], below: Fits | None) -> Table:
    start = sniff.beginning(path)
    dialect, headers = sniff.header(start)
    if not fits(headers):
        for delimiter in set(delimiters) - {dialect.delimiter}:
            other, names = sniff.header(start, delimiter)
            if fits(names):
                dialect, headers = other, names
    titles = 0
    if below is not None and not fits(headers) and (found := _below_titles(start, delimiters, below)):
        titles, dialect, headers = found

    def chunks(wanted: Sequence[int], _decimal: str) -> Iterator[Chunk]:
        file = path.open("rb")  # at once: another file may have its name by the time that the first row is asked for

        def read() -> Iterator[Chunk]:
            with file:
                yield from csv_file.chunks(file, path, dialect, len(headers), wanted)

        return read()

    return Table(path, headers, f"{dialect}{_left_out(titles)}", path.name, path.stat().st_size, chunks, dialect)


def _below_titles(
    start: sniff.Beginning, delimiters: Sequence[str], below: Fits
) -> tuple[int, sniff.Dialect, list[str]] | None:
    """How many lines of titles stand above the header of a text file, and that header; None where none is found."""
    for titles in range(1, _TITLES + 1):
        lines = start.text.split("\n", titles)
        if len(lines) <= titles or not lines[-1]:
            return None
        if lines[-1].startswith("\n"):
            continue  # the header is below this empty line
        for delimiter in (None, *delimiters):
            try:
                dialect, headers = sniff.header(replace(start, text=lines[-1]), delimiter)
            except csv.Error:  # a quotation mark that is never closed
                continue
            if below(headers) and _are_titles([*(line.split(dialect.delimiter) for line in lines[:titles]), headers]):
                return titles, replace(dialect, above=dialect.above + titles), headers
    return None


def _filled(cells: Sequence[str]) -> int:
    return sum(cell.strip(' "') != "" for cell in cells)


def _left_out(titles: int) -> str:
    return f"; {titles} {'line' if titles == 1 else 'lines'} above the header left out" if titles else ""


def _spreadsheet(path: Path, fits: Fits, below: Fits | None) -> Table:
    sheets = spreadsheet.sheets(path)
    if not sheets:
        raise ImportRefused(f"{path.name} has no sheet with a header. Export it again from the ticketing system.")
    found = [(sheet, *_header_in(path, sheet.name, sheet.header, fits, below)) for sheet in sheets]
    fitting = [each for each in found if each[2]]
    sheet, titles, headers = fitting[0] if fitting else (sheets[0], 0, sheets[0].header)
    size = path.stat().st_size

    def chunks(wanted: Sequence[int], decimal: str) -> Iterator[Chunk]:
        found = spreadsheet.chunks(path, sheet.name, len(headers), wanted, decimal, size, titles)
        yield from encoded_once(found, f"{path.name}, {called}", "row")

    called = f"{'hidden ' if sheet.hidden else ''}sheet {sheet.name!r}"
    written = f"Excel, {called}{_left_out(titles)}{_other_sheets([other for other, *_ in fitting[1:]])}"
    return Table(path, headers, written, f"{path.name}, {called}", size, chunks)


def _other_sheets(others: Sequence[spreadsheet.Sheet]) -> str:
    """What is said of the sheets that would fit too, and are not read."""
    names = ", ".join(f"{sheet.name!r}{' (hidden)' if sheet.hidden else ''}" for sheet in others)
    return f"; left out though {'it fits' if len(others) == 1 else 'they fit'}: {names}" if others else ""


def _header_in(path: Path, sheet: str, header: list[str], fits: Fits, below: Fits | None) -> tuple[int, list[str]]:
    """How many titles stand above the header of a sheet, and that header; empty where nothing fits."""
    if fits(header):
        return 0, header
    if below is not None:
        rows = spreadsheet.first_rows(path, sheet, _TITLES + 1)
        for titles in range(1, len(rows)):
            if below(rows[titles]) and _are_titles(rows[: titles + 1]):
                return titles, rows[titles]
    return 0, []


def _are_titles(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows but the last have fewer cells than that."""
    return all(_filled(row) < _filled(rows[-1]) for row in rows[:-1])


def _json(path: Path, fits: Fits, within: Iterable[str]) -> Table:
    content = json_file.content(path)
    inner = ((place, json_file.nested(content, path, place)) for place in within)
    fitting = ((place, found) for place, found in inner if found is not None and fits(found.names))
    place, records = next(fitting, None) or (None, json_file.records(content, path))
    size = path.stat().st_size

    def chunks(wanted: Sequence[int], _decimal: str) -> Iterator[Chunk]:
        yield from encoded_once(json_file.chunks(records, wanted, size), path.name, "record")

    written = "JSON" if place is None else f"JSON, rows in {place}"
    return Table(path, records.names, written, path.name, size, chunks, within=place)
