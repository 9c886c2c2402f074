"""Reads the fields of the standard from a chunk of a file, and collects what could not be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import values
from node.ingest.column import Column, Flags, Numbers, Problem, column_of, first_of, hidden, unfit, unfit_keys
from node.ingest.profile import Match, listed
from node.ingest.readers.chunk import name_of
from node.ingest.recognise import Recognised
from node.ingest.times import times


@dataclass(frozen=True)
class Coded:
    """Words of a fixed vocabulary: the words, and per row the index of its word."""

    words: Sequence[str]
    index: Numbers

    def array(self) -> pa.DictionaryArray:
        """The words of the rows."""
        return pa.DictionaryArray.from_arrays(pa.array(self.index), pa.array(self.words, pa.string()))

    def equal(self, word: str) -> Flags:
        """The rows that have a word."""
        return np.array([each == word for each in self.words], dtype=bool)[self.index]


@dataclass(frozen=True)
class Setting:
    """What reading needs beside the file: the zone of local times, how a key is hidden that may be an identity, money.

    `money` reads an amount. Where it remembers them, it shall not outlive the file: texts may be what they should not.
    """

    zone: str
    hide: Callable[[str], str]
    money: values.Parser


class Reading:
    """The fields of some rows, by the layout that a file is written in. `problems` grows while they are read."""

    def __init__(
        self, found: Recognised, setting: Setting, rows: int, column: Callable[[Sequence[str], bool], Column]
    ) -> None:
        self.layout = found.layout
        self.rows = rows
        self.problems: list[Problem] = []
        self.money = setting.money
        self._found = found
        self._setting = setting
        self._column = column
        self._cache: dict[tuple[tuple[str, ...], bool], Column] = {}

    @classmethod
    def of(cls, found: Recognised, table: pa.Table, setting: Setting) -> "Reading":
        """All rows of a chunk's table."""

        def column(names: Sequence[str], joined: bool) -> Column:  # noqa: FBT001  a function of two plain values
            parts = [table.column(name_of(found.index[name])) for name in names]
            return column_of(" + ".join(names), parts) if joined else first_of(" else ".join(names), parts)

        return cls(found, setting, table.num_rows, column)

    def at(self, rows: Numbers) -> "Reading":
        """Some of the rows, with problems of their own."""
        return Reading(self._found, self._setting, len(rows), lambda names, joined: self._named(names, joined).at(rows))

    def columns(self, fields: Sequence[str]) -> list[Column]:
        """The columns that some fields are read from."""
        return [column for column in map(self.column, fields) if column is not None]

    def column(self, field: str) -> Column | None:
        """The column or columns of a field; None where the file has none of them and the layout no constant."""
        names, joined = self._names(field)
        if names:
            return self._named(names, joined)
        constant = self.layout.constants.get(field)
        if constant is None:
            return None
        return Column(field, pa.repeat(constant, self.rows))

    def named(self, column: str | list[str]) -> Column | None:
        """A column by its name, or the first of several that the file has; None where it has none of them."""
        return next((self._named([name]) for name in listed(column) if name in self._found.index), None)

    def matching(self, match: Match) -> Flags:
        """The rows in which a column has one of some words, whatever the case of letters."""
        cells = self.named(match.column)
        if cells is None:
            return np.zeros(self.rows, dtype=bool)
        words = {word.casefold() for word in match.values}
        hits = np.array([*(text.casefold() in words for text in cells.texts), "" in words], dtype=bool)
        return np.asarray(hits[cells.index], dtype=bool)

    def parsed(self, field: str, parse: values.Parser, kind: pa.DataType) -> pa.Array:
        """The values of a field, null where empty or unreadable."""
        column = self.column(field)
        if column is None:
            return pa.nulls(self.rows, kind)
        parsed, problems = column.parsed(parse, kind)
        self.problems += problems
        return parsed

    def coded(self, field: str, parse: values.Parser, otherwise: str) -> Coded:
        """The words of a field; `otherwise` where it is empty or unreadable."""
        column = self.column(field)
        if column is None:
            return Coded([otherwise], np.zeros(self.rows, dtype=np.int64))
        words, problems = column.read(parse)
        self.problems += problems
        return Coded([*(word or otherwise for word in words), otherwise], column.index % (len(words) + 1))

    def label(self, field: str) -> pa.Array:
        """The texts of a field that are kept: titles, types, zones, on one line; null where empty."""
        column = self.column(field)
        if column is None:
            return pa.nulls(self.rows, pa.string())
        on_one_line = pc.replace_substring_regex(column.values, r"\s+", " ")
        self.problems += column.problems(unfit(on_one_line, label=True))
        return column.coded(on_one_line)

    def key(self, field: str) -> pa.Array:
        """The keys of a field that are kept: numbers of orders, lines, events; null where empty."""
        column = self.column(field)
        if column is None:
            return pa.nulls(self.rows, pa.string())
        self.problems += unfit_keys(column.name, column.rows)
        return pc.if_else(column.empty, pa.scalar(None, pa.string()), hidden(column.rows, self._setting.hide))

    def code(self, field: str) -> pa.Array:
        """The keys of a field that are kept and that many rows share: numbers of events; null where empty."""
        column = self.column(field)
        if column is None:
            return pa.nulls(self.rows, pa.string())
        self.problems += column.problems(unfit(column.values, label=False))
        return column.coded(hidden(column.values, self._setting.hide))

    def fees(self) -> pa.Array:
        """What of an amount is fees, in øre."""
        column = self.named(self.layout.fees) if self.layout.fees else None
        if column is None:
            return pa.array(np.zeros(self.rows, dtype=np.int64))
        parsed, problems = column.parsed(self.money, pa.int64())
        self.problems += problems
        return parsed.fill_null(0)

    def time(self, field: str, latest: datetime, *, optional: bool = True) -> tuple[pa.Array, pa.Array]:
        """The times of a field in UTC, timestamp[us], and the local days of them, date32; null where empty.

        An optional time of zeros counts as empty: databases write one for no time.
        """
        column = self.column(field)
        if column is None:
            return pa.nulls(self.rows, pa.timestamp("us")), pa.nulls(self.rows, pa.date32())
        moments, reasons = times(column.values, self.layout.dates, self._setting.zone, latest)
        self.problems += column.problems(
            {
                place: reason
                for place, reason in reasons.items()
                if not (optional and column.texts[place].startswith("0000-00-00"))
            }
        )
        utc = moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
        return column.taken(utc), column.taken(pc.local_timestamp(moments).cast(pa.date32()))

    def refuse(self, field: str, wrong: pa.Array, reason: str) -> None:
        """Counts rows as problems for what several of their values make together, where they have none yet."""
        rows = np.asarray(wrong.fill_null(False).to_numpy(zero_copy_only=False))
        for problem in self.problems:
            rows = rows & (problem.at < 0)
        if rows.any():
            name = " + ".join(self._names(field)[0]) or field
            self.problems.append(Problem(name, reason, [""], np.where(rows, 0, -1)))

    def required(self, field: str, present: pa.Array) -> None:
        """Counts rows without a value that must be there as problems, where they have none yet."""
        self.refuse(field, pc.is_null(present), "is empty")

    def _names(self, field: str) -> tuple[tuple[str, ...], bool]:
        """The file's columns for a field, and whether they are joined; no columns where it has none of them."""
        ways = ((way.present(self._found.index), way.joined) for way in self.layout.columns_of(field))
        return next((way for way in ways if way[0]), ((), True))

    def _named(self, names: Sequence[str], joined: bool = True) -> Column:  # noqa: FBT001, FBT002
        key = (tuple(names), joined)
        if key not in self._cache:
            self._cache[key] = self._column(*key)
        return self._cache[key]
