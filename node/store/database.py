"""Opening the store: one process at a time, for as long as one operation takes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from node.errors import StoreBusy, StoreDamaged
from node.home import Home
from node.store import schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_MB = 700
WAIT_S = 600.0


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
        connection = _connect(home, memory_mb)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        lock.release()


def _connect(home: Home, memory_mb: int) -> "DuckDBPyConnection":
    home.scratch.mkdir(mode=0o700, exist_ok=True)
    _sweep(home.scratch)
    fresh = not home.store_file.exists()
    try:
        connection = duckdb.connect(
            str(home.store_file),
            config={
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(home.scratch),
                "threads": max(1, os.cpu_count() or 1),
                "preserve_insertion_order": False,
                # Merging small groups of rows after every import takes longer than reading them ever will.
                "max_vacuum_tasks": 0,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        connection.execute("SET enable_progress_bar = false")
        # The engine opens no file but its own and no connection: what it does not need, it cannot be tricked into.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if fresh:
            home.store_file.chmod(0o600)
        _ensure_schema(connection)
    except duckdb.Error as error:
        raise StoreDamaged(
            f"{home.store_file} cannot be opened as a store. Restore it from your backup, or move it away and import "
            "your exports again: the budget's ledger is another file and stays."
        ) from error
    return connection


def _sweep(folder: Path) -> None:
    """Removes what a killed process left behind; the lock says that nobody uses it."""
    for file in folder.glob("duckdb_temp_*"):
        file.unlink(missing_ok=True)


def _ensure_schema(connection: "DuckDBPyConnection") -> None:
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "meta" in tables:
        version = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()
        if len(version) == 1 and version[0][0] in schema.UPGRADES:
            _upgrade(connection, schema.UPGRADES[version[0][0]])
        elif version != [(str(schema.VERSION),)]:
            raise StoreDamaged(
                f"The store was written by another version of Kudos (schema {version}). Install that version again, "
                "or move store.duckdb away and import your exports again."
            )
        return
    connection.execute("BEGIN")
    connection.execute(schema.IMPORTED + schema.FROZEN + schema.DERIVED)
    connection.execute("INSERT INTO meta VALUES ('schema', ?)", [str(schema.VERSION)])
    connection.execute("COMMIT")


def _upgrade(connection: "DuckDBPyConnection", lacking: str) -> None:
    """Makes the tables that an older store lacks, and what follows from the imported ones anew, in one transaction."""
    from node.store.derive import derive

    connection.execute("BEGIN")
    connection.execute(lacking)
    derive(connection)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [str(schema.VERSION)])
    connection.execute("COMMIT")
