"""The customers of one file: each combination of what it tells of one is read once, however many rows have it.

The same customers come again in every part of a file. What was read of them is remembered, in memory and up to a
limit; and what the file tells of them is handed on once, as of the last row of each combination.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest.column import Column, Flags, Numbers, with_problems
from node.ingest.customers import profiles, telling
from node.ingest.people import Identities
from node.ingest.reading import Reading

_REMEMBERED = 400_000

_BETWEEN = b"\xff"
"""Stands between the cells of a combination: no text has this byte in UTF-8."""


class _Memory:
    """What was read of customers, each combination under a number. Combinations with problems are known as null.

    Some thread learns, and another one tells rows of what was learnt before.
    """

    def __init__(self) -> None:
        self.known = pa.array([], pa.binary())
        self.keys = pa.array([], pa.string())
        self._profiles: list[pa.Table] = []
        self._last: Numbers = np.zeros(0, dtype=np.int64)

    def learn(self, combinations: pa.Array, profiles: pa.Table) -> None:
        """Gives the next numbers to combinations, and their profiles."""
        self.known = pa.concat_arrays([self.known, combinations])
        self.keys = pa.concat_arrays([self.keys, profiles.column("customer_key").combine_chunks()])
        self._profiles.append(profiles)

    def tell(self, numbers: Numbers, rows: Numbers) -> None:
        """Some rows, by their places in the file, tell of the combinations of these numbers."""
        if len(numbers):
            self._number(int(numbers.max()) + 1)
            self._last[numbers] = rows  # of equal ones numpy keeps the last

    def told(self) -> pa.Table | None:
        """The profiles that rows told of, with a column `row`, the place of the last of these."""
        if not self._profiles:
            return None
        table = pa.concat_tables(self._profiles)
        self._number(table.num_rows)
        told = pc.and_(pa.array(self._last >= 0), pc.is_valid(table.column("customer_key")))
        return table.append_column("row", pa.array(self._last)).filter(told)

    def _number(self, numbers: int) -> None:
        more = max(0, numbers - len(self._last))
        self._last = np.append(self._last, np.full(more, -1, dtype=np.int64))


@dataclass(frozen=True)
class Buyers:
    """Whose each of some rows is.

    `distinct` has the profiles' keys, null for nobody; `places` of every row the place of its own among them, and
    `numbers` of every key the number that it is remembered under, in a `memory` that may be forgotten since.
    """

    distinct: pa.Array
    places: Numbers
    numbers: Numbers
    memory: _Memory

    def keys(self) -> pa.DictionaryArray:
        """The profile's key of every row; null where it names nobody."""
        nobody = pc.is_null(self.distinct).to_numpy(zero_copy_only=False)[self.places]
        return pa.DictionaryArray.from_arrays(pa.array(self.places, mask=nobody), self.distinct.fill_null(""))


class Customers:
    """What was read of the customers of a file so far.

    Of the cells for e-mails that were looked at, `emails`, so many, `no_emails`, are no address. One thread
    may ask whose the rows of some part are while another tells of the parts before it.
    """

    def __init__(self, identities: Identities, limit: int = _REMEMBERED) -> None:
        self._identities = identities
        # The order in which customers were told of matters to who gathers them: then nothing is remembered.
        self._limit = 0 if identities.gathered is not None else limit
        self._memory = self._told = _Memory()
        self.emails = self.no_emails = 0

    def of(self, reading: Reading) -> Buyers:
        """Whose the rows are. What cannot be read of a customer becomes a problem of `reading`."""
        if len(self._memory.known) > self._limit:
            self._memory = _Memory()
        memory = self._memory
        texts, places = _combinations(telling(reading), reading.rows)
        numbers = pc.index_in(texts, value_set=memory.known).fill_null(-1).to_numpy().astype(np.int64)
        new = np.flatnonzero(numbers < 0)
        if len(new):
            numbers[new] = len(memory.known) + np.arange(len(new))
            row: Numbers = np.zeros(len(texts), dtype=np.int64)
            row[places] = np.arange(reading.rows)
            as_new: Numbers = np.full(len(texts), -1, dtype=np.int64)
            as_new[new] = np.arange(len(new))
            read = reading.at(row[new])
            found = profiles(read, self._identities)
            # Those with problems will be new again: their problems are told again then.
            bad = pa.array(with_problems(read.problems, read.rows))
            self._count_addresses(read, found)
            memory.learn(pc.if_else(bad, pa.scalar(None, pa.binary()), texts.take(pa.array(new))), found)
            reading.problems += [problem.spread(as_new[places]) for problem in read.problems]
        return Buyers(memory.keys.take(pa.array(numbers)), places, numbers, memory)

    def _count_addresses(self, read: Reading, found: pa.Table) -> None:
        column = read.column("email")
        if column is not None:
            told = pc.invert(column.empty)
            known = pc.and_(pc.is_valid(found.column("match_id")), pc.invert(found.column("by_phone")))
            self.emails += int(pc.sum(told).as_py() or 0)
            self.no_emails += int(pc.sum(pc.and_(told, pc.invert(known))).as_py() or 0)

    def tell(self, buyers: Buyers, rows: Flags, first: int) -> pa.Table | None:
        """Some rows, of which the first of all has this place in the file, do tell of their customers.

        Returns what was told of the customers who were forgotten since.
        """
        forgotten, self._told = self._told, buyers.memory
        told = np.flatnonzero(rows)
        buyers.memory.tell(buyers.numbers[buyers.places[told]], told + first)
        return None if forgotten is buyers.memory else forgotten.told()

    def rest(self) -> pa.Table | None:
        """What is still to be told once all rows were; then all are forgotten."""
        told = self._told.told()
        self._memory = self._told = _Memory()
        return told


def _combinations(columns: Sequence[Column], rows: int) -> tuple[pa.Array, Numbers]:
    """The distinct combinations of the cells of some columns, and of every row the place of its own among them."""
    cells = [column.cells.cast(pa.binary()) for column in columns]
    joined = pc.binary_join_element_wise(*cells, _BETWEEN) if cells else pa.repeat(pa.scalar(b""), rows)
    encoded = joined.dictionary_encode()
    return encoded.dictionary, encoded.indices.to_numpy().astype(np.int64)
