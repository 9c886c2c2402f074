"""Opening the store: one process at a time, for as long as one operation takes."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from node.errors import FileNotWritten, StoreBusy, StoreDamaged
from node.home import Home
from node.store import leave, schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_MB = 700
WAIT_S = 600.0

UNFINISHED_COPY, UNFINISHED_STORE = "store.before.part", "store.rewritten.duckdb"
_UNFINISHED = ("tmp/duckdb_temp_*", UNFINISHED_COPY, f"{UNFINISHED_STORE}*")


@contextmanager
def opened(
    home: Home,
    *,
    say: Callable[[str], None] = lambda _: None,
    wait_s: float = WAIT_S,
    memory_mb: int = MEMORY_MB,
) -> "Iterator[DuckDBPyConnection]":
    """A connection to the store, made first if there is none. DuckDB lets one process in, so others wait.

    `say` is told when waiting begins. Raises StoreBusy after `wait_s` seconds, StoreDamaged where the file is none
    of ours.
    """
    with locked(home, say=say, wait_s=wait_s), connected(home, memory_mb=memory_mb) as connection:
        yield connection


@contextmanager
def locked(home: Home, *, say: Callable[[str], None] = lambda _: None, wait_s: float = WAIT_S) -> Iterator[None]:
    """Keeps every other command out of the store, also while its file is replaced. As `opened`, without opening it."""
    lock = FileLock(str(home.path / "store.lock"), mode=0o600)
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        say("Another kudos-node command works in the store; waiting until it is done.")
        try:
            lock.acquire(timeout=wait_s)
        except Timeout as error:
            raise StoreBusy(
                "Another kudos-node command still works in the store. Wait for it, or stop it, and try again."
            ) from error
    try:
        for left in _left_behind(home):
            left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _left_behind(home: Home) -> list[Path]:
    """What a killed process has not finished: the lock says that nobody uses it."""
    return [file for pattern in _UNFINISHED for file in home.path.glob(pattern)]


@contextmanager
def connected(home: Home, *, memory_mb: int = MEMORY_MB) -> "Iterator[DuckDBPyConnection]":
    """A connection to the store, for who holds its lock. Who may be in a release is settled first.

    Raises StoreDamaged, and FileNotWritten where the disk has no room for what is to be written.
    """
    connection = _connect(home, memory_mb)
    try:
        leave.settle(home, connection)
        yield connection
    except duckdb.Error as error:
        if _is_of_the_disk(error):
            raise _not_written(home) from error
        raise
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # how DuckDB says that somebody pressed Ctrl-C
            raise KeyboardInterrupt from error
        raise
    finally:
        with suppress(duckdb.Error):  # what the disk refuses once more was not committed
            connection.close()


def _is_of_the_disk(error: duckdb.Error) -> bool:
    """Whether the system refused to write. DuckDB passes its words on, and no number: `strerror` has the same words."""
    return any(os.strerror(each) in str(error) for each in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def _not_written(home: Home) -> FileNotWritten:
    return FileNotWritten(
        f"{home.store_file} cannot be written: the disk is full, or does not let it grow. Make room there, or raise "
        "the limit, and try again: nothing of this was kept, and nothing was lost.",
        "the disk is full",
    )


def fold(home: Home) -> None:
    """Makes the store one file, and makes it if there is none: for who holds its lock and will copy or replace it."""
    _connect(home, MEMORY_MB).close()


def engine(file: Path, scratch: Path, memory_mb: int = MEMORY_MB) -> "DuckDBPyConnection":
    """Opens a file of DuckDB's as a store is opened; `confine` is still to be called."""
    connection = duckdb.connect(
        str(file),
        config={
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(scratch),
            "threads": max(1, os.cpu_count() or 1),
            "preserve_insertion_order": False,
            # Merging small groups of rows after every import takes longer than reading them ever will.
            "max_vacuum_tasks": 0,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def confine(connection: "DuckDBPyConnection") -> None:
    """From now on the engine opens no further file and no connection: what it needs not, it is not tricked into."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _connect(home: Home, memory_mb: int) -> "DuckDBPyConnection":
    home.scratch.mkdir(mode=0o700, exist_ok=True)
    fresh = not home.store_file.exists()
    try:
        connection = engine(home.store_file, home.scratch, memory_mb)
        confine(connection)
        if fresh:
            home.store_file.chmod(0o600)
        ensure_schema(home, connection)
    except duckdb.Error as error:
        if fresh:  # half of a store is none, and would be taken for a damaged one
            for left in (home.store_file, home.store_file.with_name(f"{home.store_file.name}.wal")):
                left.unlink(missing_ok=True)
        if _is_of_the_disk(error):
            raise _not_written(home) from error
        raise StoreDamaged(
            f"{home.store_file} cannot be opened as a store. Restore it from your backup, or move it away and import "
            "your exports again: the budget's ledger is another file and stays."
        ) from error
    return connection


def ensure_schema(home: Home, connection: "DuckDBPyConnection") -> None:
    """Makes the tables of a new store, and brings one of an older version up. Raises StoreDamaged."""
    try:  # to ask for the names of all tables takes ten times as long
        found = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()
    except duckdb.CatalogException:
        _make(connection)
        return
    version = found[0][0] if found else None
    if version in schema.OLDER:
        _upgrade(home, connection)
    elif version != str(schema.VERSION):
        raise StoreDamaged(
            f"The store was written by another version of Kudos (schema {version}). Install that version again, "
            "or move store.duckdb away and import your exports again."
        )


def _make(connection: "DuckDBPyConnection") -> None:
    connection.execute("BEGIN")
    connection.execute(schema.IMPORTED + schema.FROZEN + schema.DERIVED)
    connection.execute("INSERT INTO meta VALUES ('schema', ?)", [str(schema.VERSION)])
    connection.execute("COMMIT")


def _upgrade(home: Home, connection: "DuckDBPyConnection") -> None:
    """Makes what an older store lacks, and what follows from the imported rows anew, in one transaction."""
    from node.store.derive import derive

    connection.execute("BEGIN")
    connection.execute(schema.LACKED)
    derive(connection, leave.current(home, connection))
    leave.mark_settled(home, connection)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [str(schema.VERSION)])
    connection.execute("COMMIT")
