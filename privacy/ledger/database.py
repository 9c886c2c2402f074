"""The SQLite file of a ledger: its tables, how it is opened, and what SQLite's errors mean.

`journal_mode=DELETE` and no write-ahead log, since the command line and the agent are different processes and
SQLite before 3.51.3 can corrupt a log that two connections reset. `synchronous=EXTRA`, so that a commit, and
the removal of its journal, has reached the disk when it returns.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privacy.ledger.errors import DamagedLedger, LedgerBusy, LedgerUnavailable

APPLICATION_ID = 0x4B55444F  # "KUDO", at byte 68 of the file
FORMAT = 2

SCHEMA = (
    """CREATE TABLE entries (
  seq INTEGER PRIMARY KEY CHECK (seq >= 0),
  leaf BLOB NOT NULL CHECK (typeof(leaf) = 'blob'),
  leaf_hash BLOB NOT NULL UNIQUE CHECK (typeof(leaf_hash) = 'blob' AND length(leaf_hash) = 32)
)""",
    """CREATE TABLE releases (
  study_digest TEXT NOT NULL,
  window TEXT NOT NULL,
  seq INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
  envelope BLOB CHECK (envelope IS NULL OR typeof(envelope) = 'blob'),
  UNIQUE (study_digest, window)
)""",
    """CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY CHECK (size > 0),
  note BLOB NOT NULL CHECK (typeof(note) = 'blob')
)""",
)


def connect(path: Path, busy_s: float) -> sqlite3.Connection:
    """A connection to an existing file, without implicit transactions; waits `busy_s` seconds for locks."""
    address = f"{path.absolute().as_uri()}?mode=rw"  # never creates a file
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=busy_s)
    try:
        _configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    # A text that is no UTF-8 is a damaged one: it must reach our checks rather than fail in the driver.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA fullfsync = ON")  # without it macOS leaves commits in the drive's cache
    connection.execute("PRAGMA foreign_keys = ON")


def write_schema(connection: sqlite3.Connection) -> None:
    """Makes the tables, in an empty file."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    for statement in SCHEMA:
        connection.execute(statement)


_FORMER_RELEASES = """CREATE TABLE releases (
  study_digest TEXT NOT NULL,
  window TEXT NOT NULL,
  seq INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
  envelope BLOB NOT NULL CHECK (typeof(envelope) = 'blob'),
  created TEXT NOT NULL,
  state TEXT NOT NULL,
  UNIQUE (study_digest, window)
)"""
"""As format 1 had it, beside the same `entries`."""


def upgrade(connection: sqlite3.Connection) -> None:
    """Takes a sound file of format 1 to today's, in one transaction; leaves any other as it is."""
    if connection.execute("PRAGMA user_version").fetchone() != (1,):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _identity(connection) == (APPLICATION_ID, 1, {SCHEMA[0], _FORMER_RELEASES}):
            connection.execute("ALTER TABLE releases RENAME TO former")
            for statement in SCHEMA[1:]:
                connection.execute(statement)
            connection.execute("INSERT INTO releases SELECT study_digest, window, seq, envelope FROM former")
            connection.execute("DROP TABLE former")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Ends a transaction, if there is one, as if it had not been."""
    if connection.in_transaction:  # after some errors SQLite has done so by itself
        connection.execute("ROLLBACK")


def _identity(connection: sqlite3.Connection) -> tuple[int, int, set[str]]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return application, version, {sql for (sql,) in found}


def check_file(connection: sqlite3.Connection) -> None:
    """Raises `DamagedLedger` unless SQLite finds the file sound and its tables are those of a ledger."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    findings = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if findings != [("ok",)] or mode != "delete":
        raise DamagedLedger("the database file is corrupt")
    if _identity(connection) != (APPLICATION_ID, FORMAT, set(SCHEMA)):
        raise DamagedLedger("the file holds no ledger that this version of Kudos knows")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite reports into `DamagedLedger`, `LedgerBusy` or `LedgerUnavailable`."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:  # without the extended part
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise LedgerBusy(path) from error
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:
                raise DamagedLedger("the database file is corrupt", path) from error
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN:
                raise LedgerUnavailable(path, str(error)) from error
            case _:
                raise
    except UnicodeDecodeError as error:  # SQLite's own message quotes what it found in a corrupt schema
        raise DamagedLedger("the database file is corrupt", path) from error
    except DamagedLedger as error:
        raise DamagedLedger(error.what, path) from error
