"""Excel files, .xlsx and .xls, and .ods, read by calamine."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table

Cell = int | float | str | bool | time | date | datetime | timedelta
_ROWS = 50_000
_LARGEST = 1024**3


def sheets(path: Path) -> list[tuple[str, list[str]]]:
    """Every sheet that has a header, with the names of its columns; the one with the most rows first.

    Raises ImportRefused where the file cannot be opened.
    """
    try:
        if zipfile.is_zipfile(path):
            _refuse_bomb(path)
        book = CalamineWorkbook.from_path(str(path))
        opened = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise ImportRefused(
            f"{path.name} cannot be opened as a spreadsheet: it is damaged or locked with a password. "
            "Save it again, or export as CSV."
        ) from error
    opened.sort(key=lambda pair: -pair[1].height)
    headers = [(name, _header(sheet)) for name, sheet in opened]
    return [(name, header) for name, header in headers if header]


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > _LARGEST:
        raise ImportRefused(f"{path.name} unpacks to more than {_LARGEST // 2**30} GB. Export shorter periods, or CSV.")


def chunks(
    path: Path, sheet_name: str, columns: int, wanted: Sequence[int], decimal: str, size: int
) -> Iterator[Chunk]:
    """The rows of a sheet below its header, as text; numbers get the decimal sign that their reader expects."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet_name)
    rows: list[list[str]] = []
    lines: list[int] = []
    header_is_due = True
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell, decimal) for cell in cells]
        if not any(texts):
            continue
        if header_is_due:
            header_is_due = False
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
    for cells in sheet.iter_rows():
        texts = [_text(cell) for cell in cells]
        if any(texts):
            return texts
    return []


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
