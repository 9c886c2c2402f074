"""What every reader hands out: a run of rows as text, and where each stood in the file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from node.errors import ImportRefused
from node.ingest.readers.decoding import ENCODED_TWICE, place_of_twice


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


def encoded_once(chunks: Iterable[Chunk], called: str, place: str) -> Iterator[Chunk]:
    """The chunks of a file whose text was decoded by others; a `place` is what its lines are called.

    Raises ImportRefused where letters were encoded twice.
    """
    for chunk in chunks:
        twice = [row for column in chunk.table.columns for row in _twice(column)]
        if twice:
            raise ImportRefused(
                f"{called}, {place} {chunk.lines([min(twice)])[0]}: {ENCODED_TWICE} Export it again as UTF-8, or "
                "import the CSV that it was made of."
            )
        yield chunk


def _twice(column: pa.ChunkedArray) -> list[int]:
    """The rows of a column in which letters were encoded twice. Arrow finds the few that may be such."""
    maybe = pc.indices_nonzero(pc.match_substring(column, "Ã")).to_pylist()
    return [row for row in maybe if place_of_twice(column[row].as_py().encode()) is not None]
