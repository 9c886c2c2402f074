"""Stores that older versions of Kudos made: each dump in tests/fixtures/stores is of a real one, with data."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, insert, inspect
from sqlalchemy.engine import make_url

from coordinator.store import migrations
from coordinator.store.engine import Store
from coordinator.store.tables import SCHEMA_VERSION, metadata

OLDER = range(1, SCHEMA_VERSION)
DUMPS = Path(__file__).parents[2] / "fixtures" / "stores"


def old_store(version: int, folder: Path, store: str) -> str:
    """The URL of a store that an older version has made, with what it held.

    SQLite's is the very one. PostgreSQL's has the tables of that version, and in them the same rows.
    """
    file = folder / f"old-{version}.sqlite"
    file.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DUMPS / f"schema-{version}.sql").read_text())
    if not store:
        return f"sqlite:///{file}"
    engine = create_engine(make_url(store))
    with engine.begin() as connection:
        migrations.upgrade(connection, version)
        connection.exec_driver_sql("DROP TABLE alembic_version")  # there was none yet
        there = MetaData()
        there.reflect(connection)
        for table in there.sorted_tables:
            if table.name != "meta":
                _fill(connection, table, file)
    engine.dispose()
    return store


def _fill(connection: Any, table: Table, file: Path) -> None:
    with closing(sqlite3.connect(file)) as old:
        old.row_factory = sqlite3.Row
        rows = [dict(row) for row in old.execute(f"SELECT * FROM {table.name}")]
    if rows:
        connection.execute(insert(table), rows)
    if table.name == "events" and rows:  # the numbers go on from here
        connection.exec_driver_sql(f"SELECT setval('events_seq_seq', {max(row['seq'] for row in rows)})")


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a database, in whatever tables it has, sorted; not what Alembic keeps."""
    engine = create_engine(make_url(url))
    there = MetaData()
    with engine.connect() as connection:
        there.reflect(connection)
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in there.sorted_tables
            if table.name in metadata.tables
        }
    engine.dispose()
    return found


def described(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, in no order."""
    with store.reading() as connection:
        seen = inspect(connection)
        return {
            name: (
                {
                    each["name"]: (str(each["type"]), getattr(each["type"], "collation", None), each["nullable"])
                    for each in seen.get_columns(name)
                },
                seen.get_pk_constraint(name)["constrained_columns"],
                sorted(str(each) for each in seen.get_foreign_keys(name)),
                sorted(str(each["column_names"]) for each in seen.get_unique_constraints(name)),
                sorted(str(each) for each in seen.get_indexes(name)),
            )
            for name in seen.get_table_names()
        }
