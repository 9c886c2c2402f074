"""A run of rows of an export, and the layout that it is written in, become rows of the standard."""

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.ma  # which numpy would load when Arrow asks for it, and fail where two threads do so at once
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import standard, values
from node.ingest.buyers import Buyers, Customers
from node.ingest.column import Flags, Problem, with_problems
from node.ingest.events import events_of, events_of_sales
from node.ingest.lines import lines_of, of_customers, sold
from node.ingest.masked import masked
from node.ingest.people import Identities
from node.ingest.readers.chunk import Chunk
from node.ingest.reading import Reading, Setting
from node.ingest.recognise import Recognised

_AHEAD = 1
"""So many chunks are read, at the most, while one is put together."""


@dataclass(frozen=True)
class Reject:
    """A row that was kept out: where, why, and the shape of what stood there."""

    line: int
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Harmonised:
    """Rows of the standard, of `size` bytes; each table has a column `row`, the row's place in the file's order.

    Of the `skipped` rows, `by_rule` were left out by the layout, or had nothing in them. Most `profiles` come with the
    rest of a file, and how many cells for e-mails it has, and how many of these are no address.

    Nothing here holds an e-mail, a phone number or a name. `lines` has reservations too: one may follow on a sale.
    """

    rows: int
    lines: pa.Table | None
    profiles: pa.Table | None
    events: pa.Table | None
    skipped: int
    rejects: list[Reject]
    by_rule: int
    size: int
    emails: int = 0
    no_emails: int = 0


@dataclass(frozen=True)
class _Bought:
    """What was read of a chunk beside its customers. `out` flags rows left out; `sales` has no events."""

    reading: Reading
    out: Flags
    sales: pa.Table | None


@dataclass(frozen=True)
class _Buying:
    """Whose the rows of a chunk are, and what could not be read of that."""

    buyers: Buyers
    problems: list[Problem]


class Harmoniser:
    """Turns the chunks of one file into rows of the standard: who bought is read beside what was bought."""

    def __init__(self, found: Recognised, identities: Identities, zone: str) -> None:
        self._found = found
        self._customers = Customers(identities)
        money = lru_cache(maxsize=16_384)(values.amount_of(found.layout))  # the same prices come in every part
        self._setting = Setting(found.layout.timezone or zone, identities.hidden, money)
        self._seen = 0

    def parts(self, chunks: Iterable[Chunk]) -> Generator[Harmonised, None, None]:
        """All chunks, in the file's order, and last the rest.

        What was bought and by whom are read in a thread each, one chunk after the other: neither waits for the other
        but where both are put together, and meanwhile the next chunk is read. No thread outlives the generator.
        """
        with ThreadPoolExecutor(1) as lines, ThreadPoolExecutor(1) as people:
            begun: deque[tuple[Chunk, Future[_Bought], Future[_Buying | None]]] = deque()
            for chunk in chunks:
                begun.append((chunk, lines.submit(self._bought, chunk.table), people.submit(self._buying, chunk.table)))
                if len(begun) > _AHEAD:
                    yield self._finished(*begun.popleft())
            while begun:
                yield self._finished(*begun.popleft())
        yield self.rest()

    def __call__(self, chunk: Chunk) -> Harmonised:
        """One chunk, in the file's order, for who has something else to do with each; in the end comes `rest`."""
        return self._together(chunk, self._bought(chunk.table), self._buying(chunk.table))

    def rest(self) -> Harmonised:
        """What is still to be told once all chunks were seen: the profiles of customers."""
        return Harmonised(
            rows=0,
            lines=None,
            profiles=self._customers.rest(),
            events=None,
            skipped=0,
            rejects=[],
            by_rule=0,
            size=0,
            emails=self._customers.emails,
            no_emails=self._customers.no_emails,
        )

    def _bought(self, table: pa.Table) -> _Bought:
        reading = Reading.of(self._found, table, self._setting)
        out = _left_out(reading)
        of_sales = reading.layout.resource not in (standard.EVENTS, standard.CUSTOMERS)
        return _Bought(reading, out, lines_of(reading) if of_sales else None)

    def _buying(self, table: pa.Table) -> _Buying | None:
        if self._found.layout.resource == standard.EVENTS:
            return None
        reading = Reading.of(self._found, table, self._setting)
        return _Buying(self._customers.of(reading), reading.problems)

    def _finished(self, chunk: Chunk, bought: Future[_Bought], buying: Future[_Buying | None]) -> Harmonised:
        return self._together(chunk, bought.result(), buying.result())

    def _together(self, chunk: Chunk, bought: _Bought, buying: _Buying | None) -> Harmonised:
        reading, out, lines = bought.reading, bought.out, bought.sales
        first = self._seen
        self._seen += reading.rows
        by_rule = int(out.sum())
        profiles: pa.Table | None = None
        events: pa.Table | None = None
        if buying is None:
            events = events_of(reading)
            rejects, bad = _rejects(reading.problems, chunk, ~out)
            events = events.filter(pa.array(~out & ~bad))
        else:
            buyers, problems = buying.buyers, [*buying.problems, *reading.problems]
            sales = ~out if lines is None else ~out & sold(lines)
            rejects, bad = _rejects(problems, chunk, sales)
            profiles = self._customers.tell(buyers, sales & ~bad, first)
            if lines is not None:
                lines = of_customers(lines, buyers.keys())
                events = events_of_sales(reading, sales & ~bad)
                kept = ~out & ~with_problems(problems, reading.rows)
                lines = lines.append_column("row", pa.array(np.arange(reading.rows)))
                lines = lines if kept.all() else lines.filter(pa.array(kept))
                out = ~kept & ~bad
            else:
                nobody = np.asarray(pc.is_null(buyers.keys()).to_numpy(zero_copy_only=False))
                out = out | (nobody & ~bad)
        return Harmonised(
            rows=reading.rows + len(chunk.bad),
            lines=_placed(lines, first),
            profiles=profiles,
            events=_placed(events, first),
            skipped=int(out.sum()),
            rejects=[*rejects, *(Reject(row.line, "", row.reason, "") for row in chunk.bad)],
            by_rule=by_rule,
            size=chunk.size,
        )


def _left_out(reading: Reading) -> Flags:
    """The rows that the layout leaves out, and those in which nothing stands that it reads."""
    out: Flags = np.ones(reading.rows, dtype=bool)
    for name in reading.layout.used:
        column = reading.named(name) if out.any() else None
        if column is not None:
            out &= column.empty.to_numpy(zero_copy_only=False)
    for match in reading.layout.skip:
        out |= reading.matching(match)
    return out


def _placed(table: pa.Table | None, first: int) -> pa.Table | None:
    """The table with its rows' places counted from the beginning of the file."""
    if table is None or not first:
        return table
    place = table.schema.get_field_index("row")
    return table.set_column(place, "row", pc.add(table.column("row"), first))


def _rejects(problems: Sequence[Problem], chunk: Chunk, wanted: Flags) -> tuple[list[Reject], Flags]:
    """The rejected rows among those wanted, each for its first problem, and a flag per row."""
    bad: Flags = np.zeros(chunk.table.num_rows, dtype=bool)
    found: list[tuple[int, Problem]] = []
    for problem in problems:
        rows = np.flatnonzero((problem.at >= 0) & ~bad & wanted)
        bad[rows] = True
        found += [(int(row), problem) for row in rows]
    found.sort(key=lambda pair: pair[0])
    lines = chunk.lines([row for row, _ in found]) if found else []
    return [
        Reject(line, problem.column, problem.reason, masked(problem.texts[problem.at[row]]))
        for line, (row, problem) in zip(lines, found, strict=True)
    ], bad
