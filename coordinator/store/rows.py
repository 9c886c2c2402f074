"""A store's rows, whatever database they are in: read table by table, and put into a new one.

So what one database held another goes on with: a backup is of rows, and of no database's own files.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from coordinator.store.tables import meta, metadata

PIECE = 500
"""Rows that are in memory at once."""

Values = Mapping[str, Any]


def tables(connection: Connection) -> tuple[Table, ...]:
    """The tables of a store as they are in the database, each after those that it refers to; without `meta`."""
    there = MetaData()
    there.reflect(connection, only=lambda name, _: name in metadata.tables and name != meta.name)
    return tuple(there.sorted_tables)


def pieces(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table in the order of its key, some at a time: within a reading's transaction, of one moment."""
    found = connection.execution_options(yield_per=PIECE).execute(select(table).order_by(*table.primary_key))
    for piece in found.mappings().partitions(PIECE):
        yield [dict(row) for row in piece]


def put(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    """Adds rows as they are."""
    values = list(rows)
    if values:
        connection.execute(insert(table), values)


def go_on(connection: Connection) -> None:
    """Has the numbers that the database gives continue after those that were put: PostgreSQL's would begin anew."""
    if connection.dialect.name != "postgresql":
        return
    events = metadata.tables["events"]
    last = connection.execute(select(func.max(events.c.seq))).scalar()
    if last is not None:
        connection.execute(text("SELECT setval(pg_get_serial_sequence('events', 'seq'), :last)"), {"last": last})
