"""A column of text, parsed once per distinct text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from node.ingest.masked import ADDRESS, TELEPHONE, identity_in
from node.ingest.once import once
from node.ingest.values import Parser, Unreadable

Flags = NDArray[np.bool_]
"""One flag per row."""

Numbers = NDArray[np.int64]
"""One whole number per row."""


@dataclass(frozen=True)
class Problem:
    """Rows whose value of one column cannot be read, for one reason."""

    column: str
    reason: str
    texts: Sequence[str]
    """The distinct texts."""
    at: Numbers
    """Per row: the index of its text, or -1 where the row has no problem here."""

    def spread(self, places: Numbers) -> "Problem":
        """The problem of representative rows as one of all rows.

        `places` says which represents a row; -1 where none does, and the row has no problem.
        """
        return Problem(self.column, self.reason, self.texts, np.append(self.at, -1)[places])


def with_problems(problems: Sequence[Problem], rows: int) -> Flags:
    """Which of so many rows have any problem."""
    bad: Flags = np.zeros(rows, dtype=bool)
    for problem in problems:
        bad |= problem.at >= 0
    return bad


class Column:
    """The cells of a column as texts without white space around them, and the distinct ones of these."""

    def __init__(self, name: str, cells: pa.Array) -> None:
        self.name = name
        self.cells = cells
        """One string per row as it stands in the file, without nulls."""

    @once
    def rows(self) -> pa.Array:
        """The text of every row; empty for an empty cell."""
        return _trimmed(self.cells)

    @once
    def _encoded(self) -> pa.DictionaryArray:
        if _all_alike(self.cells):
            first = pa.array([self.cells[0].as_py()], pa.string())
            return pa.DictionaryArray.from_arrays(np.zeros(len(self.cells), dtype=np.int32), first)
        return self.cells.dictionary_encode()

    @once
    def values(self) -> pa.Array:
        """The distinct texts; one may stand twice if it stood with white space too."""
        return _trimmed(self._encoded.dictionary)

    @once
    def texts(self) -> list[str]:
        """The same as a list."""
        return list(self.values.to_pylist())

    @once
    def index(self) -> Numbers:
        """Per row the index of its text; -1 for an empty cell."""
        index = self._encoded.indices.to_numpy().astype(np.int64)
        empty = pc.equal(pc.binary_length(self.values), 0).to_numpy(zero_copy_only=False)
        return np.where(empty[index], -1, index) if empty.any() else index

    @property
    def places(self) -> pa.Array:
        """The index as an array, null for an empty cell."""
        return pa.array(self.index, mask=self.index < 0)

    @property
    def empty(self) -> pa.Array:
        """The rows whose cell is empty."""
        return pc.equal(pc.binary_length(self.rows), 0)

    def at(self, rows: Numbers) -> "Column":
        """The same column, of some rows only."""
        return Column(self.name, self.cells.take(pa.array(rows)))

    def read(self, parse: Parser) -> tuple[list[Any], list[Problem]]:
        """The values of the texts, None where unreadable, and what was unreadable."""
        values: list[Any] = [None] * len(self.texts)
        reasons: dict[int, str] = {}
        for position, text in enumerate(self.texts):
            try:
                values[position] = parse(text)
            except Unreadable as error:
                reasons[position] = str(error)
        return values, self.problems(reasons)

    def parsed(self, parse: Parser, kind: pa.DataType) -> tuple[pa.Array, list[Problem]]:
        """The values row by row, null where empty or unreadable, and what was unreadable."""
        values, problems = self.read(parse)
        return self.taken(pa.array(values, kind)), problems

    def taken(self, values: pa.Array) -> pa.Array:
        """Values of the distinct texts, spread over the rows."""
        return values.take(self.places)

    def coded(self, values: pa.Array) -> pa.DictionaryArray:
        """Values of the distinct texts, spread over the rows by their indices alone."""
        return pa.DictionaryArray.from_arrays(self.places, values)

    def problems(self, reasons: Mapping[int, str]) -> list[Problem]:
        """The problems of this column, one per reason, from the reasons of texts by their index."""
        found = []
        for reason in dict.fromkeys(reasons.values()):
            wrong = np.zeros(len(self.values) + 1, dtype=bool)
            wrong[[position for position, text in reasons.items() if text == reason]] = True
            at = np.where(wrong[self.index], self.index, -1)
            if (at >= 0).any():
                found.append(Problem(self.name, reason, self.texts, at))
        return found


def _all_alike(cells: pa.Array) -> bool:
    """Whether all cells are the same, as many columns' are: it is sooner seen than that they are encoded."""
    return len(cells) > 0 and all(pc.all(pc.equal(some, cells[0])).as_py() for some in (cells[:1000], cells))


def column_of(name: str, parts: Sequence[pa.ChunkedArray]) -> Column:
    """A column of strings as a Column, or several joined with a space."""
    cells = [_whole(part) for part in parts]
    return Column(name, cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*map(_trimmed, cells), " "))


def first_of(name: str, parts: Sequence[pa.ChunkedArray]) -> Column:
    """A column that has of every row the first of several cells that is not empty."""
    found = _trimmed(_whole(parts[0]))
    for part in parts[1:]:
        found = pc.if_else(pc.equal(pc.binary_length(found), 0), _trimmed(_whole(part)), found)
    return Column(name, found)


def _whole(array: pa.ChunkedArray) -> pa.Array:
    whole = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()  # which would copy a single one
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    return whole.fill_null("") if whole.null_count else whole


def _trimmed(texts: pa.Array) -> pa.Array:
    """Without white space around, and without a leading apostrophe.

    Exports put one before what a spreadsheet would take for a formula.
    """
    if _bare(texts):
        return texts
    return pc.utf8_trim_whitespace(pc.utf8_ltrim(pc.utf8_trim_whitespace(texts), characters="'"))


def _bare(texts: pa.Array) -> bool:
    """Whether no byte of all texts belongs to white space or is an apostrophe: it is soon seen, and most keys are so.

    White space beyond ASCII begins with one of four bytes in UTF-8: U+0085 and U+00A0, U+1680, U+2000 on, U+3000.
    """
    content = texts.buffers()[2]
    if content is None:
        return True
    letters = np.frombuffer(content, dtype=np.uint8)
    found = (letters <= 0x20, letters == ord("'"), letters == 0xC2, (letters >= 0xE1) & (letters <= 0xE3))
    return not any(each.any() for each in found)


def combined(columns: Sequence[Column], rows: int) -> tuple[Numbers, Numbers]:
    """The distinct combinations that stand in some columns.

    Returns a row of each combination, and for every row the place of its combination among them.
    """
    code: Numbers = np.zeros(rows, dtype=np.int64)
    size = 1
    for column in columns:
        width = len(column.values) + 1
        if size * width > 2**62:
            size, code = _recoded(code)
        code = code * width + (column.index + 1)
        size *= width
    if size > max(rows, 1000):
        size, code = _recoded(code)
    row: Numbers = np.full(size, -1, dtype=np.int64)
    row[code] = np.arange(rows)
    found = np.flatnonzero(row >= 0)
    place: Numbers = np.zeros(size, dtype=np.int64)
    place[found] = np.arange(len(found))
    return row[found], place[code]


def _recoded(code: Numbers) -> tuple[int, Numbers]:
    """The same codes without gaps, and how many there are."""
    distinct, recoded = np.unique(code, return_inverse=True)
    return len(distinct), recoded.astype(np.int64)


LONGEST = 300
"""Characters of a text that is kept: titles are shorter."""

_FEW = 1000
"""Labels that are remembered together: to prepare the search for identities takes longer than to search so few."""

_AT = "[@＠﹫]"
_TELEPHONE = r"^\(?\+[0-9 ()./-]{7,}$|^[0-9]{2,3}([ .][0-9]{2,3}){2,4}$"
_EIGHT_DIGITS = r"^(00)?(47)?[2-9][0-9]{7}$"
_DOUBTFUL = r"(?i)[@＠﹫]|at|alfa|[(\[{<]\s*a\s*[)\]}>]|ａ|(?:\pN\PN{0,8}){6}"
"""What a label must have for an identity to stand in it; few have."""

_KEY_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


def unfit(texts: pa.Array, *, label: bool) -> dict[int, str]:
    """Why texts that would be stored must not be, by their index: identities, control characters, novels.

    `label` is true for titles and types, which have no reason to look like eight digits; numbers of orders have.
    """
    reasons = dict(_identities(texts) if label else _identities_of_keys(texts))
    # A space of another kind does no harm in a title; in a number of an order it would tell two apart that are one.
    visible = pc.replace_substring_regex(texts, r"\p{Zs}", " ") if label else texts
    for wrong, reason in (
        (pc.invert(pc.utf8_is_printable(visible)), "holds control characters"),
        (pc.greater(pc.utf8_length(texts), LONGEST), f"is longer than {LONGEST} characters"),
    ):
        for place in pc.indices_nonzero(wrong).to_pylist():
            reasons.setdefault(place, reason)
    return reasons


def _identities(labels: pa.Array) -> Mapping[int, str]:
    """Why labels may say who somebody is, by their index."""
    return _identities_of(tuple(labels.to_pylist())) if len(labels) <= _FEW else _found_identities(labels)


@lru_cache(maxsize=16)
def _identities_of(labels: tuple[str, ...]) -> Mapping[int, str]:
    """The same for a few labels: types of tickets are the same in every part of a file."""
    return _found_identities(pa.array(labels, pa.string()))


def _found_identities(labels: pa.Array) -> Mapping[int, str]:
    doubtful = pc.indices_nonzero(pc.match_substring_regex(labels, _DOUBTFUL)).to_pylist()
    return {place: reason for place in doubtful if (reason := identity_in(labels[place].as_py()[:LONGEST]))}


def _identities_of_keys(keys: pa.Array) -> dict[int, str]:
    """The same of keys, in which long numbers are nothing unusual."""
    reasons: dict[int, str] = {}
    for pattern, reason in ((_TELEPHONE, TELEPHONE), (_AT, ADDRESS)):
        found = pc.indices_nonzero(pc.match_substring_regex(keys, pattern)).to_pylist()
        reasons |= dict.fromkeys(found, reason)
    return reasons


def unfit_keys(name: str, texts: pa.Array) -> list[Problem]:
    """The problems of a column of keys, one text per row."""
    if _harmless(texts):
        return []
    reasons = unfit(texts, label=False)
    found = []
    for reason in dict.fromkeys(reasons.values()):
        rows = [row for row, why in reasons.items() if why == reason]
        at: Numbers = np.full(len(texts), -1, dtype=np.int64)
        at[rows] = np.arange(len(rows))
        found.append(Problem(name, reason, texts.take(pa.array(rows, pa.int64())).to_pylist(), at))
    return found


def _harmless(texts: pa.Array) -> bool:
    """Whether all texts are short and of letters, digits and hyphens alone: most keys are, and it is soon seen."""
    _, _, content = texts.buffers()
    if content is None:
        return True
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return longest <= LONGEST and not content.to_pybytes().translate(None, _KEY_LETTERS)


def hidden(texts: pa.Array, hide: Callable[[str], str]) -> pa.Array:
    """Keys as they may be kept: those that may be telephone numbers are hidden, in a way that keeps them apart."""
    lengths = pc.binary_length(texts)
    likely = pc.indices_nonzero(pc.is_in(lengths, pa.array([8, 10, 12], lengths.type)))
    if not len(likely):
        return texts
    doubtful = pc.match_substring_regex(texts.take(likely), _EIGHT_DIGITS)
    if not pc.any(doubtful).as_py():
        return texts
    places = likely.filter(doubtful)
    numbers = [hide(text) for text in texts.take(places).to_pylist()]
    mask = np.zeros(len(texts), dtype=bool)
    mask[places.to_numpy()] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(numbers, pa.string()))
