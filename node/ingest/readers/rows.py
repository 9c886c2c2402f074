"""Rows of delimited text one by one, for text that is not clean: stray quotes, odd numbers of columns.

A quote that opens a field and is never closed would swallow the rows below it. Where a row of several lines does not
come out right, its first line alone is bad, and reading goes on with the next.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

LONGEST_FIELD = 100_000
TRUNCATED = "the file ends in the middle of a row"
_UNCLOSED = "a quotation mark opens a field here and does not close it where the field ends"
_TOO_LONG = f"a field of more than {LONGEST_FIELD} characters"

_END = "\x00end\x00"
_SURE_FROM = 4
"""Columns from which lines with as many delimiters as a row has are taken for rows, quotes or not."""


@dataclass(frozen=True)
class Row:
    """A row that begins at a line, counted from 0, and takes so many; without cells where `reason` says why."""

    line: int
    lines: int
    cells: Sequence[str]
    reason: str = ""


def rows(text: str, delimiter: str, columns: int, *, is_last: bool = False, goes_on: bool = False) -> Iterator[Row]:
    """The rows of a text whose lines end with line feeds, without its empty lines.

    `is_last` says that the file ends with the text. With `goes_on` a row that is unfinished at the end of the text is
    left out, so that more of it can be read.
    """
    csv.field_size_limit(LONGEST_FIELD)
    lines = text.split("\n")
    complete = lines[-1] == ""
    if complete or not is_last:
        lines.pop()
    start = 0
    while start < len(lines):
        for line, count, cells in _read(lines, start, delimiter):
            start = line + count
            if cells is not None and (not cells or (len(cells) == 1 and not cells[0].strip())):
                continue
            reason = _wrong(lines[line : line + count], cells, columns, delimiter)
            if cells is None and goes_on and reason == _UNCLOSED and _short(lines[line:]):
                return
            if reason and is_last and line + 1 == len(lines) and (cells is None or not complete):
                reason = TRUNCATED
            if reason:
                yield Row(line, 1, (), reason)
                start = line + 1
                break
            yield Row(line, count, cells or ())


def end_of_last(text: bytes, delimiter: str, columns: int) -> int:
    """Where the last whole row of a text ends that has quotes within its fields; 0 where none does."""
    finished = 0
    for row in rows(text.decode(), delimiter, columns, goes_on=True):
        finished = row.line + row.lines
    position = 0
    for _ in range(finished):
        position = text.find(b"\n", position) + 1
    return position


def _read(lines: Sequence[str], start: int, delimiter: str) -> Iterator[tuple[int, int, list[str] | None]]:
    """Rows from a line on: the first line of each, how many it takes, and its cells; None where it does not end."""
    below = (f"{lines[place]}\n" for place in range(start, len(lines)))
    reader = csv.reader(chain(below, [_END]), delimiter=delimiter)
    line = start
    while True:
        try:
            cells = next(reader)
        except csv.Error:
            yield line, max(1, min(start + reader.line_num, len(lines)) - line), None
            return
        if cells == [_END]:
            return
        after = start + reader.line_num
        if after > len(lines):
            yield line, len(lines) - line, None
            return
        yield line, after - line, cells
        line = after


def _wrong(lines: Sequence[str], cells: Sequence[str] | None, columns: int, delimiter: str) -> str:
    """What is wrong with a row that was read from some lines; empty where nothing is."""
    if len(lines) == 1 and cells is None:
        return _TOO_LONG if len(lines[0]) > LONGEST_FIELD else _UNCLOSED
    if len(lines) > 1:
        swallowed = columns >= _SURE_FROM and all(line.count(delimiter) >= columns - 1 for line in lines)
        return _UNCLOSED if cells is None or len(cells) != columns or swallowed else ""
    found = len(cells or ())
    return "" if found == columns else f"{found} columns where the header has {columns}"


def _short(lines: Sequence[str]) -> bool:
    """Whether lines may still be one field that goes on below them."""
    return sum(map(len, lines)) <= LONGEST_FIELD
