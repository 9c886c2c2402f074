"""The store: one database behind an SQLAlchemy engine, with transactions that are whole or not at all.

SQLite by default, in the mode in which a power failure loses nothing that was committed: `journal_mode=DELETE`,
`synchronous=EXTRA` (https://www.sqlite.org/pragma.html). Writers come one after the other, by `BEGIN IMMEDIATE` there
and by an advisory lock on PostgreSQL, so that what a transaction has read still holds when it writes.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, insert, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from coordinator.errors import StoreBusy, StoreExists, StoreUnusable
from coordinator.store.tables import SCHEMA_VERSION, meta, metadata
from coordinator.store.upgrades import KNOWN, upgrade, version

BUSY_S = 30.0
"""How long a transaction waits for another's end."""

Record = Row[*tuple[Any, ...]]
"""A row of any query."""

_LOCK = 0x4B55444F53  # "KUDOS": the advisory lock of writers on PostgreSQL
_READING = "kudos_reading"


class Store:
    """An open store. It is used from any number of threads; processes share the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back by any exception.

        Raises StoreBusy where another one takes too long, StoreUnusable where the database fails.
        """
        with _explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look, beside other readers. Raises as `transaction`."""
        options: dict[str, Any] = {_READING: True}
        if self.engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"  # one snapshot for all statements, as SQLite has by itself
        with _explained(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self.engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def create_store(url: str) -> Store:
    """A new store in an empty database. Raises StoreExists where there is one, StoreUnusable where none can be made."""
    engine = _engine(url, create=True)
    with _explained(), engine.begin() as connection:
        if inspect(connection).has_table(meta.name):
            raise StoreExists(f"{_shown(url)} holds a store already. Use it, or name another database.")
        metadata.create_all(connection)
        connection.execute(insert(meta).values(name="schema", value=str(SCHEMA_VERSION)))
    return Store(engine)


def open_store(url: str) -> Store:
    """The store in a database, brought to today's tables where an older version of Kudos made it.

    Raises StoreUnusable where there is none, or one of a version that this program does not know.
    """
    store = Store(_engine(url, create=False))
    try:
        _check_schema(store, url)
    except BaseException:
        store.close()
        raise
    return store


def _check_schema(store: Store, url: str) -> None:
    with store.reading() as connection:
        if not inspect(connection).has_table(meta.name):
            raise StoreUnusable(f"{_shown(url)} holds no store. Restore it from your backup.")
        found = version(connection)
    if found in KNOWN:
        with store.transaction() as connection:
            upgrade(connection)
            found = version(connection)
    if found != str(SCHEMA_VERSION):
        raise StoreUnusable(
            f"{_shown(url)} holds a store of version {found}, and this program works with version {SCHEMA_VERSION}. "
            "Use the version of Kudos that made it; nothing was changed."
        )


def _engine(url: str, *, create: bool) -> Engine:
    try:
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite:
            _check_file(parsed.database, create=create)
            engine = create_engine(parsed, connect_args={"timeout": BUSY_S}, pool_timeout=BUSY_S)
        else:
            engine = create_engine(parsed, pool_pre_ping=True, pool_timeout=BUSY_S)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnusable(
            f"{_shown(url)} is no database that this program can open. Write a URL of SQLAlchemy in config.toml, and "
            "install the driver that it names."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite if sqlite else _begin_other)
    return engine


def _check_file(database: str | None, *, create: bool) -> None:
    """Makes the file with its mode before SQLite opens it: its journals take the same."""
    if not database or database == ":memory:":
        raise StoreUnusable("The store must be a file or a server's database: one in memory would be forgotten.")
    file = Path(database)
    try:
        if create:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        elif not file.is_file() or file.stat().st_size == 0:
            raise StoreUnusable(f"{file} is missing or empty. Restore the store from your backup.")
    except OSError as error:
        raise StoreUnusable(f"{file} cannot be opened ({error.strerror}).") from error


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin_sqlite` does
    for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "fullfsync = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_other(connection: Connection) -> None:
    if connection.get_execution_options().get(_READING, False):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


@contextmanager
def _explained() -> Iterator[None]:
    """Turns what a driver reports into StoreBusy or StoreUnusable; never with the statement's values."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OperationalError) and _busy(error.orig):
            raise StoreBusy("Another process has worked in the store for too long. Try again.") from error
        raise StoreUnusable(
            f"The store fails: {type(error.orig).__name__}. Check the disk and its space, and the database; nothing "
            "was half done."
        ) from error


def _busy(error: object) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _shown(url: str) -> str:
    """A URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "The store's URL"
