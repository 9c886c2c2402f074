"""Excel files, .xlsx and .xls, and .ods, read by calamine."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table
from node.ingest.readers.unpacked import REMEDY, refuse_large

Cell = int | float | str | bool | time | date | datetime | timedelta
_ROWS = 50_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What unpacking raises: RuntimeError for a password, NotImplementedError for a method of packing that no sheet has."""


class Sheet(NamedTuple):
    """A sheet that has a header. A `hidden` one is shown by no spreadsheet program unless somebody asks for it."""

    name: str
    header: list[str]
    hidden: bool


def sheets(path: Path) -> list[Sheet]:
    """Every sheet that has a header: those that are shown before hidden ones, and of these the one with most rows.

    Raises ImportRefused where the file cannot be opened.
    """
    try:
        if zipfile.is_zipfile(path):
            refuse_large(path)
        book = CalamineWorkbook.from_path(str(path))
        # One sheet at a time: all of them together may take far more memory than the one that is read.
        found = [(sheet.height, Sheet(sheet.name, _header(sheet), hidden)) for sheet, hidden in _sheets(book)]
    except (CalamineError, OSError, ValueError, *_DAMAGED) as error:
        if "Cell limit exceeded" in str(error):
            raise ImportRefused(f"{path.name}: a sheet has more cells than can be read. {REMEDY}") from None
        raise ImportRefused(
            f"{path.name} cannot be opened as a spreadsheet: it is damaged or locked with a password. "
            "Save it again, or export as CSV."
        ) from error
    found.sort(key=lambda each: (each[1].hidden, -each[0]))
    return [sheet for _, sheet in found if sheet.header]


def first_rows(path: Path, sheet_name: str, count: int) -> list[list[str]]:
    """The first rows of a sheet that have something in them, without the empty cells at their ends."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet_name)
    return list(islice(_filled_rows(sheet), count))


def _sheets(book: CalamineWorkbook) -> Iterator[tuple[CalamineSheet, bool]]:
    """Every sheet, and whether it is hidden."""
    for about in book.sheets_metadata:
        yield book.get_sheet_by_name(about.name), about.visible != SheetVisibleEnum.Visible


def chunks(
    path: Path, sheet_name: str, columns: int, wanted: Sequence[int], decimal: str, size: int, titles: int = 0
) -> Iterator[Chunk]:
    """The rows of a sheet below its header, as text; numbers get the decimal sign that their reader expects.

    Above the header stand so many rows of `titles` that are not empty.
    """
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet_name)
    rows: list[list[str]] = []
    lines: list[int] = []
    due = titles + 1
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if cells.count("") == len(cells):
            continue
        texts = [_text(cell, decimal) for cell in cells]
        if not any(texts):
            continue
        if due:
            due -= 1
            continue
        rows.append((texts + [""] * columns)[:columns])
        lines.append(number)
        if len(rows) == _ROWS:
            yield _chunk(wanted, rows, lines, size * _ROWS // sheet.height)
            rows, lines = [], []
    if rows:
        yield _chunk(wanted, rows, lines, size * len(rows) // sheet.height)


def _chunk(wanted: Sequence[int], rows: list[list[str]], lines: list[int], size: int) -> Chunk:
    return Chunk(text_table(wanted, rows), lambda places: [lines[row] for row in places], size=size)


def _header(sheet: CalamineSheet) -> list[str]:
    return next(_filled_rows(sheet), [])


def _filled_rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for cells in sheet.iter_rows():
        texts = [] if cells.count("") == len(cells) else [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield texts


def _text(cell: Cell, decimal: str = ".") -> str:
    """A cell as an export would write it: dates in ISO form, whole numbers without decimals."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        case float():
            return _decimal(cell).replace(".", "," if decimal == "," else ".")
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell).strip()


def _decimal(number: float) -> str:
    """A number with decimals, never just three of them: those could be taken for thousands."""
    text = f"{number:.10f}".rstrip("0")
    return text + "0" if len(text.partition(".")[2]) == 3 else text
