"""The ledger in its SQLite file: one transaction books, stores and pays, and every opening checks it all."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from privacy.ledger.contents import Contents, checked, release_digest
from privacy.ledger.database import check_file, connect, explained, roll_back, upgrade, write_schema
from privacy.ledger.errors import ClockWentBack, DamagedLedger, LedgerExists, LedgerUnavailable
from privacy.ledger.fields import format_time
from privacy.ledger.leaves import Entry, Opened, Spent, leaf_hash, serialise
from privacy.ledger.newfile import new_private_file

BUSY_S = 30.0
"""How long to wait for another process: a release holds the ledger for well under a second."""


class Transaction:
    """The ledger while no other process can write to it. What is appended counts once it is committed."""

    def __init__(self, connection: sqlite3.Connection, contents: Contents) -> None:
        self._connection = connection
        self.contents = contents
        """As it was when the transaction began."""
        self._last = contents.last
        self._unstored: Spent | None = None

    @property
    def next_seq(self) -> int:
        """The sequence number of the entry to append next."""
        return self._last.seq + 1

    def append(self, entry: Entry) -> None:
        """Adds an entry.

        Raises `ClockWentBack` for a time before that of the last entry; ValueError for a sequence number
        other than `next_seq`, for an entry that would not parse again, and while a `Spent` lacks its release.
        """
        if self._unstored is not None:
            raise ValueError("the release of the entry before is not stored")
        if entry.seq != self.next_seq:
            raise ValueError(f"entry {entry.seq} where {self.next_seq} comes next")
        if entry.time < self._last.time:
            raise ClockWentBack(format_time(entry.time), format_time(self._last.time))
        _insert(self._connection, entry)
        self._last = entry
        self._unstored = entry if isinstance(entry, Spent) else None

    def store(self, envelope: bytes) -> None:
        """Stores the bytes that the `Spent` just appended has booked. Raises ValueError for any others."""
        spent = self._unstored
        if spent is None or release_digest(envelope) != spent.release_digest:
            raise ValueError("these bytes are not what the last entry booked")
        self._connection.execute(
            "INSERT INTO releases (study_digest, window, seq, envelope) VALUES (?, ?, ?, ?)",
            (spent.study_digest, str(spent.window), spent.seq, envelope),
        )
        self._unstored = None

    def keep(self, note: bytes) -> None:
        """Keeps a checkpoint as the witness has cosigned it. Raises `BadNote`, `BadCheckpoint` for another.

        One of a size that is kept already is left alone.
        """
        size = self.contents.check_cosigned(note).size
        self._connection.execute("INSERT OR IGNORE INTO checkpoints (size, note) VALUES (?, ?)", (size, note))

    def finish(self) -> None:
        """Raises ValueError where an entry was appended and its release was not stored."""
        if self._unstored is not None:
            raise ValueError("an entry without its release cannot be committed")


class Ledger:
    """An institution's ledger. Open it for one operation and close it, as a context manager best."""

    def __init__(self, path: Path, connection: sqlite3.Connection, place: os.stat_result) -> None:
        self.path = path
        self._connection = connection
        self._place = place

    @classmethod
    def create(cls, path: Path, *, origin: str, public_key: str, version: str, now: datetime) -> Self:
        """Begins the ledger of an institution, with its `open` entry, in a new file of mode 0600.

        `origin` is its name for life, `public_key` the raw Ed25519 key in hexadecimal, `version` that of the
        software, `now` UTC in whole seconds. The file appears whole or not at all. Raises `LedgerExists`
        where there is a file, `LedgerUnavailable` where none can be written, ValueError for what no leaf may
        hold.
        """
        first = Opened(seq=0, time=now, origin=origin, public_key=public_key, version=version)
        serialise(first)
        try:
            with (
                explained(path),
                new_private_file(path) as unfinished,
                closing(connect(unfinished, BUSY_S)) as connection,
            ):
                connection.execute("BEGIN IMMEDIATE")
                write_schema(connection)
                _insert(connection, first)
                connection.execute("COMMIT")
        except FileExistsError as error:
            raise LedgerExists(path) from error
        except OSError as error:
            raise LedgerUnavailable(path, error.strerror or "unknown") from error
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, busy_s: float = BUSY_S) -> Self:
        """The ledger in an existing file, checked from end to end.

        Raises `DamagedLedger` where the file is missing, is no ledger, or fails `check_file` or `checked`;
        `LedgerBusy` where others hold it longer than `busy_s` seconds; `LedgerUnavailable` where the system
        refuses.
        """
        place = _place(path)
        if place is None:
            raise DamagedLedger("the file is not there", path)
        with explained(path):
            ledger = cls(path, connect(path, busy_s), place)
        try:
            with explained(path):
                upgrade(ledger._connection)
            ledger.contents()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def contents(self) -> Contents:
        """All entries and releases at one instant, checked again. Raises as `open` does."""
        with explained(self.path):
            self._connection.execute("BEGIN")  # one instant for all reads
            try:
                check_file(self._connection)
                return _read(self._connection)
            finally:
                roll_back(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A span in which nobody else can write. Its end commits durably; an exception leaves nothing behind.

        Raises as `open` does. Once it is left without an exception, what was appended has reached the disk.
        """
        if self._connection.in_transaction:
            raise RuntimeError("a transaction inside a transaction")
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_place()
                transaction = Transaction(self._connection, _read(self._connection))
                yield transaction
                transaction.finish()
                self._connection.execute("COMMIT")
            except BaseException:
                roll_back(self._connection)
                raise

    def _check_place(self) -> None:
        """Raises `LedgerUnavailable` where a recovery has put another file in the place of the one that is open."""
        place = _place(self.path)
        if place is None or not os.path.samestat(place, self._place):
            raise LedgerUnavailable(self.path, "another file was put in its place meanwhile")

    def close(self) -> None:
        """Closes the file. Nothing that was not committed remains."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _place(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _insert(connection: sqlite3.Connection, entry: Entry) -> None:
    leaf = serialise(entry)
    connection.execute(
        "INSERT INTO entries (seq, leaf, leaf_hash) VALUES (?, ?, ?)", (entry.seq, leaf, leaf_hash(leaf))
    )


def _read(connection: sqlite3.Connection) -> Contents:
    # Fetched whole: a cursor that an exception leaves half read would keep its lock on the file.
    entries = connection.execute("SELECT seq, leaf, leaf_hash FROM entries ORDER BY seq").fetchall()
    releases = connection.execute("SELECT study_digest, window, seq, envelope FROM releases ORDER BY seq").fetchall()
    checkpoints = connection.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
    return checked(entries, releases, checkpoints)
