"""Older stores, brought to today's tables step by step, in one transaction. What members and operators sent stays."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select, update
from sqlalchemy.schema import CreateColumn

from coordinator.store.tables import (
    ledger_checkpoints,
    ledger_leaves,
    markets,
    meta,
    metadata,
    rounds,
    sketch_chunks,
    sketches,
)


def _with_witness(connection: Connection) -> None:
    metadata.create_all(connection, tables=[ledger_leaves, ledger_checkpoints])


def _with_cross_use(connection: Connection) -> None:
    metadata.create_all(connection, tables=[sketches, sketch_chunks, markets])
    column = CreateColumn(rounds.c.sketch_deadline).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {rounds.name} ADD COLUMN {column}")


_STEPS: Mapping[str, tuple[Callable[[Connection], None], str]] = {
    "1": (_with_witness, "2"),
    "2": (_with_cross_use, "3"),
}
"""From which version, what to do, to which."""

KNOWN = frozenset(_STEPS)
"""The older versions that can be brought to date."""


def upgrade(connection: Connection) -> None:
    """Brings a store of a known version to date; one that another process has brought there meanwhile stays."""
    while (found := _STEPS.get(version(connection) or "")) is not None:
        step, reached = found
        step(connection)
        connection.execute(update(meta).where(meta.c.name == "schema").values(value=reached))


def version(connection: Connection) -> str | None:
    """Of the tables, as the store says it; None where it says nothing."""
    return connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar()
