"""Text files with delimiters: whole blocks by pyarrow, and row by row by Python's csv where a block is not clean.

A file is read in blocks that end with a row, so that memory does not grow with the file. A block is clean when every
row has the header's number of columns; only then pyarrow's rows are taken. The text never touches the disk again.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from node.errors import ImportRefused
from node.ingest.readers import sniff
from node.ingest.readers.chunk import BadRow, Chunk, Dialect, text_table

BLOCK = 24 * 1024 * 1024
LONGEST_FIELD = 100_000
TRUNCATED = "the file ends in the middle of a row"


def header_of(path: Path, delimiter: str | None = None) -> tuple[Dialect, list[str]]:
    """The dialect of a file and the names of its columns, as they stand in its first line."""
    encoding, line = sniff.first_line(path)
    found = sniff.dialect(encoding, line, delimiter)
    return found, next(csv.reader([line], delimiter=found.delimiter), [])


def chunks(path: Path, dialect: Dialect, columns: int, progress: Callable[[int], None]) -> Iterator[Chunk]:
    """The rows of a file below its header line, block by block. `progress` is told the bytes read.

    Raises ImportRefused where the text cannot be decoded or a block holds no end of a row.
    """
    line = 1
    header_is_due = True
    for text, last in _blocks(path, dialect, progress):
        if header_is_due:
            body, skipped = _below_header(text)
            line += skipped
            header_is_due = False
        else:
            body = text
        if body:
            yield _chunk(body, dialect, columns, line, is_last=last)
        line += body.count("\n")


def _below_header(text: str) -> tuple[str, int]:
    """The text after the first line that is not empty, and how many lines went."""
    start = len(text) - len(text.lstrip("\r\n"))
    end = text.find("\n", start)
    if end < 0:
        return "", text.count("\n") + 1
    return text[end + 1 :], text.count("\n", 0, end + 1)


def _blocks(path: Path, dialect: Dialect, progress: Callable[[int], None]) -> Iterator[tuple[str, bool]]:
    """The file's text in pieces that end with a row; the flag is true for the last one."""
    decoder = _Decoder(path.name, dialect.encoding)
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rest = ""
    with path.open("rb") as file:
        while True:
            data = file.read(BLOCK)
            progress(len(data))
            rest += newlines.decode(decoder.decode(data, final=not data), final=not data)
            if not data:
                yield rest, True
                return
            cut = _end_of_row(rest, dialect, path.name)
            if cut:
                yield rest[:cut], False
                rest = rest[cut:]


class _Decoder:
    """Decodes block after block. What was plain ASCII until now may turn out to be windows-1252."""

    def __init__(self, name: str, encoding: str) -> None:
        self._name = name
        self._ascii_so_far = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._lines = 1

    def decode(self, data: bytes, *, final: bool) -> str:
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            if not self._ascii_so_far:
                line = self._lines + (pending + data).count(b"\n", 0, error.start)
                raise ImportRefused(
                    f"{self._name}, line {line}: not text in {error.encoding}, though the lines above are. "
                    "The file was put together from two encodings, or is damaged. Export it again as UTF-8."
                ) from None
            self._decoder = codecs.getincrementaldecoder("windows-1252")()
            self._ascii_so_far = False
            return self.decode(pending + data, final=final)
        self._ascii_so_far = self._ascii_so_far and text.isascii()
        self._lines += text.count("\n")
        return text


def _end_of_row(text: str, dialect: Dialect, name: str) -> int:
    """Where the last whole row of a text ends; 0 where none does yet.

    An even number of quotes before a line end means that the line end lies between rows.
    """
    cut = text.rfind("\n") + 1
    if cut and text.count('"', 0, cut) % 2:
        quote = text.rfind("\n", 0, text.rfind('"', 0, cut)) + 1
        cut = quote if quote and text.count('"', 0, quote) % 2 == 0 else _end_by_rows(text[:cut], dialect)
    if not cut and len(text) > 4 * BLOCK:
        raise ImportRefused(f"{name} has a line of more than {4 * BLOCK // 2**20} MB: that is no export of sales.")
    return cut


def _end_by_rows(text: str, dialect: Dialect) -> int:
    """The same, by reading the rows: for texts where quotes stand within fields."""
    reader = _reader(text, dialect)
    ends = 0
    try:
        for _ in reader:
            ends = reader.line_num
    except csv.Error:
        pass
    position = 0
    for _ in range(ends):
        position = text.find("\n", position) + 1
    return position


def _chunk(text: str, dialect: Dialect, columns: int, first_line: int, *, is_last: bool) -> Chunk:
    table = _by_arrow(text, dialect, columns)
    if table is None:
        return _row_by_row(text, dialect, columns, first_line, is_last=is_last)
    if table.num_rows == text.count("\n") + (not text.endswith("\n")):
        return Chunk(table, lambda rows: [first_line + row for row in rows])

    def lines(rows: Sequence[int]) -> list[int]:
        starts = [line for line, row in _numbered(text, dialect) if row]
        return [first_line + starts[row] for row in rows]

    return Chunk(table, lines)


def _by_arrow(text: str, dialect: Dialect, columns: int) -> pa.Table | None:
    """The rows of a clean block, or None where some row is not clean."""
    names = [f"c{index}" for index in range(columns)]
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=8 * 1024 * 1024),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values='"' in text),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None


def _reader(text: str, dialect: Dialect) -> Any:
    csv.field_size_limit(LONGEST_FIELD)
    return csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)


def _numbered(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Every row with the number of line ends before it; an empty row for an empty line."""
    reader = _reader(text, dialect)
    start = 0
    for row in reader:
        yield start, row
        start = reader.line_num


def _row_by_row(text: str, dialect: Dialect, columns: int, first_line: int, *, is_last: bool) -> Chunk:
    rows: list[list[str]] = []
    starts: list[int] = []
    bad: list[BadRow] = []
    try:
        for start, row in _numbered(text, dialect):
            if len(row) == columns:
                rows.append(row)
                starts.append(first_line + start)
            elif row:
                bad.append(BadRow(first_line + start, f"{len(row)} columns where the header has {columns}"))
    except csv.Error:
        at = (starts[-1] if starts else first_line) + 1
        bad.append(BadRow(at, f"a field of more than {LONGEST_FIELD} characters; nothing below it can be read"))
    if is_last and bad and not text.endswith("\n") and bad[-1].line > (starts[-1] if starts else 0):
        bad[-1] = BadRow(bad[-1].line, TRUNCATED)
    return Chunk(text_table(columns, rows), lambda wanted: [starts[row] for row in wanted], tuple(bad))
