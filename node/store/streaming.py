"""Rows that go into the store while they are still being read, by one statement.

A statement for every part of a file would be simpler, and takes half as long again: one statement uses all cores, and
leaves no half groups of rows behind.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event

import pyarrow as pa

_BATCH = 61_440
"""Rows that one core takes at a time: half of what DuckDB stores as one group."""

_LOOK_S = 0.2
"""How long at most it takes until somebody who waits sees that there is nothing to wait for."""


class Stream:
    """Tables of one schema, on their way into a statement that runs in a thread of its own.

    Until the stream is closed the statement's connection is for nobody else.
    """

    def __init__(self, schema: pa.Schema, run: Callable[[pa.RecordBatchReader], object]) -> None:
        """`run` runs the statement on what comes; it returns when that ends, or raises."""
        self._schema = schema
        self._coming: Queue[pa.Table | None] = Queue(maxsize=1)
        self._ended = Event()
        self._thread = ThreadPoolExecutor(1)
        self._done = self._thread.submit(run, pa.RecordBatchReader.from_batches(schema, self._batches()))

    def put(self, table: pa.Table) -> None:
        """Hands a table on, once there is room for it.

        Raises what the statement has raised, RuntimeError where it has ended, ArrowInvalid for other columns.
        """
        self._put(table if table.schema.equals(self._schema) else table.cast(self._schema))

    def close(self) -> None:
        """Ends the stream, and waits for the statement. Raises what that has raised."""
        try:
            self._put(None)
            self._done.result()
        finally:  # also where somebody is interrupted here
            self._ended.set()
            self._thread.shutdown()

    def abandon(self) -> None:
        """Ends the stream, whatever the statement does: what it did is about to be taken back."""
        with suppress(Exception):
            self.close()

    def _put(self, table: pa.Table | None) -> None:
        while not self._done.done():
            try:
                self._coming.put(table, timeout=_LOOK_S)
            except Full:
                continue
            return
        self._done.result()
        if table is not None:
            raise RuntimeError("a statement that ended before its rows did")

    def _batches(self) -> Iterator[pa.RecordBatch]:
        while (table := self._next()) is not None:
            yield from table.to_batches(max_chunksize=_BATCH)

    def _next(self) -> pa.Table | None:
        while not self._ended.is_set():
            with suppress(Empty):
                return self._coming.get(timeout=_LOOK_S)
        return None
