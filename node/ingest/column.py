"""A column of text, parsed once per distinct text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from node.ingest.values import Parser, Unreadable

LONGEST = 300
"""Characters of a text that is kept: titles are shorter."""

Rows = NDArray[np.bool_]
"""One flag per row."""


@dataclass(frozen=True)
class Problem:
    """Rows whose value of one column cannot be read, for one reason."""

    column: str
    reason: str
    texts: Sequence[str]
    """The distinct texts."""
    at: NDArray[np.int64]
    """Per row: the index of its text, or -1 where the row has no problem here."""


@dataclass(frozen=True)
class Column:
    """Distinct texts, trimmed, and per row the index of its text; index -1 stands for an empty cell."""

    name: str
    texts: list[str]
    index: NDArray[np.int64]

    def parsed(self, parse: Parser, kind: pa.DataType) -> tuple[pa.Array, list[Problem]]:
        """The values row by row, null where empty or unreadable, and what was unreadable."""
        values: list[Any] = [None] * len(self.texts)
        reasons: dict[int, str] = {}
        for position, text in enumerate(self.texts):
            try:
                values[position] = parse(text)
            except Unreadable as error:
                reasons[position] = str(error)
        return self.taken(pa.array(values, kind)), self.problems(reasons)

    def taken(self, values: pa.Array) -> pa.Array:
        """Values of the distinct texts, spread over the rows."""
        return values.take(pa.array(self.index, mask=self.index < 0))

    def problems(self, reasons: dict[int, str]) -> list[Problem]:
        """The problems of this column, one per reason."""
        found = []
        for reason in dict.fromkeys(reasons.values()):
            wrong = np.zeros(len(self.texts) + 1, dtype=bool)
            wrong[[position for position, text in reasons.items() if text == reason]] = True
            at = np.where(wrong[self.index], self.index, -1)
            found.append(Problem(self.name, reason, self.texts, at))
        return found


def column_of(table: pa.Table, name: str, positions: Sequence[int]) -> Column:
    """One or several columns of a table, joined with a space, as a Column."""
    arrays = [table.column(position) for position in positions]
    joined = arrays[0] if len(arrays) == 1 else pc.binary_join_element_wise(*arrays, " ")
    return encode(name, joined)


def trimmed(array: pa.ChunkedArray) -> pa.Array:
    """The cells of a column without surrounding white space or a leading apostrophe; null where nothing is left.

    Exports put an apostrophe before what a spreadsheet would take for a formula.
    """
    whole = array.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    bare = pc.utf8_trim_whitespace(pc.utf8_ltrim(pc.utf8_trim_whitespace(whole), characters="'"))
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def encode(name: str, array: pa.ChunkedArray) -> Column:
    """A column of strings as a Column."""
    encoded = trimmed(array).dictionary_encode()
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Column(name, encoded.dictionary.to_pylist(), index)


def kept_text(name: str, array: pa.ChunkedArray) -> tuple[pa.Array, list[Problem]]:
    """A column whose text is stored, and what must not be: addresses, control characters, novels."""
    cells = trimmed(array)
    problems = []
    for wrong, reason in (
        (
            pc.match_substring(cells, "@"),
            "looks like an e-mail address: check which column the profile takes here",
        ),
        (pc.invert(pc.utf8_is_printable(cells)), "holds control characters"),
        (pc.greater(pc.utf8_length(cells), LONGEST), f"is longer than {LONGEST} characters"),
    ):
        rows = np.flatnonzero(wrong.fill_null(False).to_numpy(zero_copy_only=False))
        if len(rows):
            at = np.full(len(cells), -1, dtype=np.int64)
            at[rows] = np.arange(len(rows))
            problems.append(Problem(name, reason, cells.take(pa.array(rows)).to_pylist(), at))
    return cells, problems
