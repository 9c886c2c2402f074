"""The store: one database behind an SQLAlchemy engine, with transactions that are whole or not at all.

SQLite by default, in the mode in which a power failure loses nothing that was committed: `journal_mode=DELETE`,
`synchronous=EXTRA` (https://www.sqlite.org/pragma.html). Writers come one after the other, by `BEGIN IMMEDIATE` there
and by an advisory lock on PostgreSQL, so that what a transaction has read still holds when it writes: also where
several coordinators work in one database there.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from coordinator.errors import BadRequest, StoreBusy, StoreExists, StoreUnusable
from coordinator.store.tables import SCHEMA_VERSION, meta, metadata
from coordinator.store.together import Result, Together, Work

BUSY_S = 30.0
"""How long a transaction waits for another's end."""

Record = Row[*tuple[Any, ...]]
"""A row of any query."""

STALLED_S = 60
"""How long a transaction may stand still on PostgreSQL before its server ends it: a coordinator whose machine is gone
keeps nobody waiting for longer."""

_POOL, _MORE = 8, 24
"""Connections to PostgreSQL that a process keeps, and further ones in a rush: of the hundred that it has by default."""

_LOCK = 0x4B55444F53  # "KUDOS": the advisory lock of writers on PostgreSQL
_READING = "kudos_reading"


class Store:
    """An open store. It is used from any number of threads; processes share the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        options: dict[str, Any] = {_READING: True}
        if engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"  # one snapshot for all statements, as SQLite has by itself
        self._readers = engine.execution_options(**options)
        self._together = Together(self.transaction)

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
        with _explained(), self._readers.connect() as connection:
            yield connection

    def together(self, work: Work[Result]) -> Result:
        """Does some work as in `transaction`, in one with that of others who call at the same time: for what is often.

        The work gets the connection, and changes nothing but the store: it may be done twice. Raises as `transaction`,
        and what the work raises.
        """
        return self._together.run(work)

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self.engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def create_store(url: str) -> Store:
    """A new store in an empty database. Raises StoreExists where there is one, StoreUnusable where none can be made."""
    from coordinator.store import migrations  # Alembic takes a while to load, and is seldom needed

    engine = _engine(url, create=True)
    with _explained(), engine.begin() as connection:
        if inspect(connection).has_table(meta.name):
            raise StoreExists(f"{_shown(url)} holds a store already. Use it, or name another database.")
        _check_encoding(connection, url)
        metadata.create_all(connection)
        migrations.stamp(connection)
    return Store(engine)


@contextmanager
def refilled(url: str, made_as: str) -> Iterator[Connection]:
    """An empty database gets the tables of a version, what its caller puts into them, and then those of today.

    All of it or nothing. Raises StoreExists where there is a store, StoreUnusable where none can be made, or where
    `made_as` is a version that this program does not know.
    """
    from coordinator.store import migrations  # Alembic takes a while to load, and is seldom needed

    if made_as not in migrations.KNOWN | {str(SCHEMA_VERSION)}:
        raise StoreUnusable(
            f"The backup holds a store of version {made_as[:20]}, and this program works with {SCHEMA_VERSION}. "
            "Use the version of Kudos that made it, or a newer one."
        )
    engine = _engine(url, create=True)
    try:
        with _explained(), engine.begin() as connection:
            if inspect(connection).has_table(meta.name):
                raise StoreExists(f"{_shown(url)} holds a store already. Name an empty database: --store URL")
            _check_encoding(connection, url)
            migrations.upgrade(connection, int(made_as))
            yield connection
            migrations.upgrade(connection)
    finally:
        engine.dispose()


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
        found = _version(connection)
    if found == str(SCHEMA_VERSION):
        return
    from coordinator.store import migrations  # Alembic takes a while to load, and is seldom needed

    if found in migrations.KNOWN:
        with store.transaction() as connection:
            migrations.upgrade(connection)
            found = _version(connection)
    if found != str(SCHEMA_VERSION):
        raise StoreUnusable(
            f"{_shown(url)} holds a store of version {found}, and this program works with version {SCHEMA_VERSION}. "
            "Use the version of Kudos that made it; nothing was changed."
        )


def _version(connection: Connection) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar()


def _check_encoding(connection: Connection, url: str) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreUnusable(
            f"{_shown(url)} keeps text as {encoding}, and names have letters that it cannot hold. Make the database "
            "anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )


def _engine(url: str, *, create: bool) -> Engine:
    try:
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite:
            _check_file(parsed.database, create=create)
            engine = create_engine(parsed, connect_args={"timeout": BUSY_S}, pool_timeout=BUSY_S)
        else:
            pool = {"pool_size": _POOL, "max_overflow": _MORE, "pool_timeout": BUSY_S, "pool_pre_ping": True}
            engine = create_engine(parsed, **pool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnusable(
            f"{_shown(url)} is no database that this program can open. Write a URL of SQLAlchemy in config.toml, and "
            "install the driver that it names."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _configure_sqlite)
    elif parsed.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _configure_postgresql)
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
    # What is erased is overwritten, however SQLite was built.
    settings = (
        "journal_mode = DELETE",
        "synchronous = EXTRA",
        "fullfsync = ON",
        "foreign_keys = ON",
        "secure_delete = ON",
    )
    for pragma in settings:
        connection.execute(f"PRAGMA {pragma}")


def _configure_postgresql(connection: Any, _record: object) -> None:
    """Bounds every wait, and has a commit wait for the disk where the server is set not to."""
    settings = {
        "lock_timeout": f"{int(BUSY_S * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{STALLED_S}s",
        "tcp_keepalives_idle": f"{STALLED_S // 2}s",
        "tcp_keepalives_interval": "10s",
        "tcp_keepalives_count": "3",
    }
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        durable = (
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        cursor.execute(durable)
    connection.commit()


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
    except PoolTimeout as error:
        raise StoreBusy("Too many work in the store at once. Try again.") from error
    except DataError as error:
        raise BadRequest("There is a letter in this that no database keeps, such as a zero byte.") from error
    except DBAPIError as error:
        if isinstance(error, OperationalError) and _busy(error.orig):
            raise StoreBusy("Another process has worked in the store for too long. Try again.") from error
        raise StoreUnusable(
            f"The store fails: {type(error.orig).__name__}. Check the disk and its space, and the database; nothing "
            "was half done."
        ) from error


_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"


def _busy(error: object) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(error, "sqlstate", None) in (_LOCK_NOT_AVAILABLE, _DEADLOCK)


def _shown(url: str) -> str:
    """A URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "The store's URL"
