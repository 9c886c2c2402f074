"""Older stores, brought to today's tables by Alembic: from version to version, in one transaction.

Each version of the tables is a revision of its own in `versions`, whose id is the version. It says what it changes in
words of its own: what `coordinator.store.tables` says today is not what it said then. What members and operators sent
stays. The version stands in `meta`, where programs of every version look, and beside it in Alembic's own table.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, select

from coordinator.store.tables import SCHEMA_VERSION, meta

KNOWN = frozenset(str(number) for number in range(1, SCHEMA_VERSION))
"""The older versions that can be brought to date."""


def upgrade(connection: Connection, to: int = SCHEMA_VERSION) -> None:
    """Brings a store of a known version to date; one that another process has brought there meanwhile stays.

    An empty database gets its tables. All or nothing: the transaction is the caller's.
    """
    there = version(connection)
    if there is not None and there not in KNOWN:
        return
    if there is not None and not inspect(connection).has_table("alembic_version"):
        command.stamp(_config(connection), there)
    command.upgrade(_config(connection), str(to))


def stamp(connection: Connection) -> None:
    """Says of a store that was made with today's tables which version they are."""
    command.stamp(_config(connection), str(SCHEMA_VERSION))


def version(connection: Connection) -> str | None:
    """Of the tables, as the store says it; None where there is no store, or one that says nothing."""
    if not inspect(connection).has_table(meta.name):
        return None
    return connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
