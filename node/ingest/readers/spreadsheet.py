"""Excel files, .xlsx and .xls, read by calamine. The sheet with the most rows is taken unless one is named."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table

Cell = int | float | str | bool | time | date | datetime | timedelta
_ROWS = 200_000


def sheets(path: Path) -> list[tuple[str, list[str]]]:
    """Every sheet that has rows below a header, with the names of its columns; the largest sheet first.

    Raises ImportRefused where the file cannot be opened.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        opened = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise ImportRefused(
            f"{path.name} cannot be opened as a spreadsheet: it is damaged or locked with a password. "
            "Save it again, or export as CSV."
        ) from error
    filled = [(name, sheet) for name, sheet in opened if sheet.height > 1]
    filled.sort(key=lambda pair: -pair[1].height)
    return [(name, _header(sheet)) for name, sheet in filled]


def chunks(path: Path, sheet_name: str, columns: int, decimal: str) -> Iterator[Chunk]:
    """The rows of a sheet below its header, as text; numbers get the decimal sign that their reader expects."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet_name)
    rows: list[list[str]] = []
    lines: list[int] = []
    header_is_due = True
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        texts = [_text(cell, decimal) for cell in cells]
        if not any(texts):
            continue
        if header_is_due:
            header_is_due = False
            continue
        rows.append((texts + [""] * columns)[:columns])
        lines.append(number)
        if len(rows) == _ROWS:
            yield _chunk(columns, rows, lines)
            rows, lines = [], []
    if rows:
        yield _chunk(columns, rows, lines)


def _chunk(columns: int, rows: list[list[str]], lines: list[int]) -> Chunk:
    return Chunk(text_table(columns, rows), lambda wanted: [lines[row] for row in wanted])


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
