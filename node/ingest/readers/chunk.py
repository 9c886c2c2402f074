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
    """`table` has a string column for each column of the file that is wanted, named c0, c1, … by its place.

    `lines` gives the places in the file of rows of the table, by their index from 0. `size` is how many bytes of the
    file the chunk took.
    """

    table: pa.Table
    lines: Callable[[Sequence[int]], list[int]]
    bad: tuple[BadRow, ...] = field(default=())
    size: int = 0


def name_of(position: int) -> str:
    """The name of a column in a chunk's table."""
    return f"c{position}"


def text_table(wanted: Sequence[int], rows: Sequence[Sequence[str]]) -> pa.Table:
    """A table of strings from rows: of each the columns that are wanted."""
    return pa.table({name_of(place): _texts([row[place] for row in rows]) for place in wanted})


def _texts(values: list[str]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell and no text can hold
        return pa.array([value.encode("utf-8", "replace").decode() for value in values], pa.string())
