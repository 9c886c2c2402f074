"""How large a packed spreadsheet is before anything opens it: what it unpacks to, and how far its sheets reach.

The reader of spreadsheets holds a sheet as a full rectangle, so a single cell in a far corner takes as much memory as a
sheet that is filled up to there.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

from node.errors import ImportRefused

LARGEST = 1024**3
"""Bytes that a file may unpack to."""

MOST_CELLS = 50_000_000
"""Cells of a sheet, empty ones included: 40 columns of as many rows as Excel has, in some 1.5 GB of memory."""

REMEDY = (
    "A single cell far below or to the right of the others does that: delete the rows and columns beyond "
    "your data and save it again, or export as CSV."
)

_PIECE = 1024 * 1024
_BEYOND_ALL = 2**62

TAG = re.compile(rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])(?:[^<]*?\sr\s*=\s*[\"']([^\"'<]*))?")
"""The beginning of a row or a cell of a worksheet (ECMA-376 part 1, 18.3.1.4 and 18.3.1.73), and its reference."""

_DIGITS = b"0123456789"
_LETTERS = bytes(range(ord("A"), ord("Z") + 1))
_OTHERS = bytes(set(range(256)) - set(_LETTERS + _DIGITS + b" "))


def refuse_large(path: Path) -> None:
    """Reads a packed spreadsheet once, in little memory.

    Raises ImportRefused where it unpacks to more than `LARGEST` bytes, whatever it declares, or where a sheet reaches
    beyond `MOST_CELLS`; BadZipFile, ValueError or another error of unpacking where it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if any(part.filename == "xl/workbook.bin" for part in parts):
            raise ImportRefused(f"{path.name} is a binary workbook (.xlsb). Save it as .xlsx, or export as CSV.")
        if sum(part.file_size for part in parts) > LARGEST:
            raise _bomb(path)
        left = LARGEST
        for part in parts:
            left -= _refuse_part(archive, part, path, left)


def _bomb(path: Path) -> ImportRefused:
    return ImportRefused(f"{path.name} unpacks to more than {LARGEST // 2**30} GB. Export shorter periods, or CSV.")


def _refuse_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, most: int) -> int:
    """Reads a part of at most so many bytes; returns how many it has."""
    size, reach, rest = 0, Reach(), b""
    for piece in _pieces(archive, part):
        size += len(piece)
        if size > most:
            raise _bomb(path)
        text = rest + piece
        end = max(0, text.rfind(b"<"))
        reach.take(TAG.findall(text, 0, end))
        _refuse_far(reach, path)
        rest = text[end:] if text.startswith(b"<", end) else b""
        if len(rest) > _PIECE:
            if b">" not in rest:
                raise ValueError("a tag without an end")
            rest = b""
    reach.take(TAG.findall(rest))
    _refuse_far(reach, path)
    return size


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part piece by piece to its true end, and not to the one that is declared."""
    unbounded = copy(part)
    unbounded.file_size = _BEYOND_ALL
    with archive.open(unbounded) as file:
        while piece := file.read(_PIECE):
            yield piece


class Reach:
    """How far the cells of a sheet reach, counted as its reader counts them; at least that far.

    A row or a cell without a reference follows the one before it.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self._row = 0
        self._column = 0

    def take(self, tags: Sequence[tuple[bytes, bytes]]) -> None:
        """Goes on with further rows and cells: which of the two each is, and its reference or nothing."""
        if not all(reference for _, reference in tags):
            for kind, reference in tags:
                self._step(kind, reference)
        elif tags:
            self._reach(b" ".join([reference for _, reference in tags]))
            self._row, self._column = self.rows, self.columns

    def _step(self, kind: bytes, reference: bytes) -> None:
        if reference:
            row, self._column = _farthest(reference)
            self._row = row if kind == b"row" else max(row, self._row)
        elif kind == b"row":
            self._row, self._column = self._row + 1, 0
        else:
            self._column += 1
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)

    def _reach(self, references: bytes) -> None:
        row, column = _farthest(references)
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)


def _farthest(references: bytes) -> tuple[int, int]:
    """The largest row and the largest column of references such as `AB12`, with spaces between them."""
    plain = references.upper()
    rows = set(plain.translate(None, _LETTERS + _OTHERS).split())
    columns = set(plain.translate(None, _DIGITS + _OTHERS).split())
    return max(map(_number, rows), default=0), max(map(_place, columns), default=0)


def _number(digits: bytes) -> int:
    return int(digits) if len(digits) < 10 else _BEYOND_ALL


def _place(letters: bytes) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    place = 0
    for letter in letters[:10]:
        place = 26 * place + letter - ord("A") + 1
    return place


def _refuse_far(reach: Reach, path: Path) -> None:
    if reach.rows * reach.columns > MOST_CELLS:
        raise ImportRefused(
            f"{path.name}: the sheet says it has {reach.rows} rows and {reach.columns} columns, more than "
            f"{MOST_CELLS // 10**6} million cells. {REMEDY}"
        )
