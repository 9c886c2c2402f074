"""What every reader hands out: a run of rows as text, and where each stood in the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read as a row; `line` is its place in the file, counted from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Chunk:
    """`table` has one string column per column of the file, named c0, c1, … in the file's order.

    `lines` gives the places in the file of rows of the table, by their index from 0.
    """

    table: pa.Table
    lines: Callable[[Sequence[int]], list[int]]
    bad: tuple[BadRow, ...] = field(default=())


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    encoding: str
    delimiter: str

    def __str__(self) -> str:
        names = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
        return f"{names.get(self.delimiter, repr(self.delimiter))}, {self.encoding}"


def text_table(columns: int, rows: Sequence[Sequence[str]]) -> pa.Table:
    """A table of strings from rows of equal length."""
    by_column = zip(*rows, strict=True) if rows else [()] * columns
    names = [f"c{index}" for index in range(columns)]
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, by_column, strict=True)})
