"""Rows of delimited text one by one, for text that is not clean: stray quotes, odd numbers of columns.

A quote that opens a field and is never closed would swallow the rows below it. Where a row of several lines does not
come out right, its first line alone is bad, and reading goes on with the next. What was learnt of the lines below is
kept, so that the work grows with the text and not with its square, whatever stands in it.
"""

import csv
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

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
    may_go_on = _last_short(lines) if goes_on else len(lines)
    for found in found_rows(lines, delimiter, columns):
        reason = found.reason
        if found.cells is None and reason == _UNCLOSED and found.line >= may_go_on:
            return
        if reason and is_last and found.line + 1 == len(lines) and (found.cells is None or not complete):
            reason = TRUNCATED
        yield Row(found.line, 1, (), reason) if reason else Row(found.line, found.lines, found.cells or ())


def end_of_last(text: bytes, delimiter: str, columns: int) -> int:
    """Where the last whole row of a text ends that has quotes within its fields; 0 where none does."""
    finished = 0
    for row in rows(text.decode(), delimiter, columns, goes_on=True):
        finished = row.line + row.lines
    position = 0
    for _ in range(finished):
        position = text.find(b"\n", position) + 1
    return position


class _Found(NamedTuple):
    """A row as it was read, with None for cells where it does not end, and what is wrong with it."""

    line: int
    lines: int
    cells: Sequence[str] | None
    reason: str


def found_rows(lines: Sequence[str], delimiter: str, columns: int) -> Iterator[_Found]:
    """All rows that are not empty. Below one that is wrong, reading goes on with its second line."""
    start = 0
    while start < len(lines):
        for line, count, cells in _read(lines, start, delimiter):
            start = line + count
            if cells is not None and _is_empty(cells):
                continue
            found = _Found(line, count, cells, _wrong(lines[line : line + count], cells, columns, delimiter))
            yield found
            if found.reason:
                start = yield from _below(found, lines, delimiter, columns)
                break


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
        swallowed = all(_is_full(line, delimiter, columns) for line in lines)
        return _UNCLOSED if cells is None or len(cells) != columns or swallowed else ""
    found = len(cells or ())
    return "" if found == columns else f"{found} columns where the header has {columns}"


def _below(wrong: _Found, lines: Sequence[str], delimiter: str, columns: int) -> Generator[_Found, None, int]:
    """The rows that begin between the first and the last line of one that is wrong; returns where to read on.

    Every line between them begins and ends within quotes. So one that opens a field when it is read by itself ends
    with the very field that stands open there in the wrong row, and from then on both read the same: it fails, or
    ends, where the wrong row does, and its number of cells follows. None of them is read to its end again.
    """
    last = wrong.line + wrong.lines - 1
    known: _Known | None = None
    for place in range(wrong.line + 1, last):
        cells, is_open = _alone(lines[place], delimiter)
        if not is_open:
            if cells is None or not _is_empty(cells):
                yield _Found(place, 1, cells, _wrong(lines[place : place + 1], cells, columns, delimiter))
        elif wrong.cells is None:
            yield _Found(place, last - place + 1, None, _UNCLOSED)
        else:
            known = known or _Known(wrong, lines, delimiter, columns)
            if known.comes_right(place, len(cells or ()) - 1):
                return place
            yield _Found(place, last - place + 1, (), _UNCLOSED)
    return max(wrong.line + 1, last)


class _Known:
    """What a row that ends, but is wrong, tells of the rows that begin on its lines and end with it."""

    def __init__(self, wrong: _Found, lines: Sequence[str], delimiter: str, columns: int) -> None:
        last = wrong.line + wrong.lines - 1
        first = len(_alone(lines[wrong.line], delimiter)[0] or ()) - 1
        further = (_ended(lines[place], delimiter) for place in range(wrong.line + 1, last))
        self._line = wrong.line
        self._ended = list(accumulate(further, initial=first))
        self._total = len(wrong.cells or ())
        self._columns = columns
        self._swallowed = last + 1
        while self._swallowed > wrong.line and _is_full(lines[self._swallowed - 1], delimiter, columns):
            self._swallowed -= 1

    def comes_right(self, line: int, ended: int) -> bool:
        """Whether a row that begins on a line comes out right, of which so many cells end on that line."""
        left = self._total - self._ended[line - self._line]
        return ended + left == self._columns and line < self._swallowed


def _alone(line: str, delimiter: str) -> tuple[list[str] | None, bool]:
    """The cells of a line by itself, and whether the last of them stands open; None where one is too long."""
    if '"' not in line and len(line) <= LONGEST_FIELD:
        return line.split(delimiter), False
    try:
        cells = next(csv.reader([f"{line}\n"], delimiter=delimiter))
    except csv.Error:
        return None, False
    return cells, cells[-1].endswith("\n")


def _ended(line: str, delimiter: str) -> int:
    """How many cells end on a line that begins and ends within quotes."""
    return len(next(csv.reader([f'"{line}"'], delimiter=delimiter))) - 1 if '"' in line else 0


def _is_empty(cells: Sequence[str]) -> bool:
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _is_full(line: str, delimiter: str, columns: int) -> bool:
    """Whether a line has the delimiters of a whole row, and so many that this is no chance."""
    return columns >= _SURE_FROM and line.count(delimiter) >= columns - 1


def _last_short(lines: Sequence[str]) -> int:
    """The first line from which on all lines together may still be one field that goes on below them."""
    size, place = 0, len(lines)
    while place and size + len(lines[place - 1]) <= LONGEST_FIELD:
        place -= 1
        size += len(lines[place])
    return place
