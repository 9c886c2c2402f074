"""One file put in another's place: a ledger's new one, whole or not at all, while nobody writes to the old.

The old file stays beside it, with its journal. What a power failure or a kill leaves on the way is the old ledger or
the new one (`test_power_loss`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import mkstemp

from privacy.ledger.contents import Contents
from privacy.ledger.database import connect, explained, write_schema
from privacy.ledger.errors import LedgerBusy
from privacy.ledger.leaves import Entry, Spent, leaf_hash, serialise
from privacy.ledger.newfile import synchronise

_BUSY_S = 30.0


def aside_of(path: Path, now: datetime) -> Path:
    """A name for the file that is given up, beside it, which nothing has."""
    stem = f"{path.stem}-given-up-{now:%Y%m%dT%H%M%SZ}"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in count(1))
    places = (path.with_name(name) for name in names)
    return next(each for each in places if not each.exists() and not _journal(each).exists())


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def replace_file(
    path: Path,
    aside: Path,
    theirs: Contents,
    mine: Contents | None,
    bytes_of: Mapping[int, bytes | None],
    added: Sequence[Entry],
) -> None:
    """Writes the witness's contents and the entries `added` to `path`, and keeps what was there as `aside`.

    `mine` is what the old file held when it was read, None where it was not there or could not be; `bytes_of` has each
    release's bytes by its entry's number, None for lost ones. Raises `LedgerBusy` where another process holds the old
    file, or has written to it since. The file changes whole or not at all.
    """
    handle, name = mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600 from the first instant
    os.close(handle)
    unfinished = Path(name)
    try:
        with explained(path), closing(connect(unfinished, _BUSY_S)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            write_schema(connection)
            for entry in (*theirs.entries, *added):
                leaf = serialise(entry)
                connection.execute("INSERT INTO entries VALUES (?, ?, ?)", (entry.seq, leaf, leaf_hash(leaf)))
            for again in (entry for entry in added if isinstance(entry, Spent)):
                nothing = (again.study_digest, str(again.window), again.seq, None)
                connection.execute("INSERT INTO releases VALUES (?, ?, ?, ?)", nothing)
            for each in theirs.releases:
                row = (each.study_digest, str(each.window), each.seq, bytes_of[each.seq])
                connection.execute("INSERT INTO releases VALUES (?, ?, ?, ?)", row)
            for kept in theirs.checkpoints:
                connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (kept.size, kept.note))
            connection.execute("COMMIT")
        with _held(path, mine):
            _keep_aside(path, aside)
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    synchronise(path.parent)


@contextmanager
def _held(path: Path, mine: Contents | None) -> Iterator[None]:
    """Nobody writes to the old file meanwhile: what was booked in it now would be neither given up nor gone on from.

    A file that cannot be read is written to by nobody. Outside POSIX no file can be replaced that another has open.
    """
    if mine is None or os.name != "posix":
        yield
        return
    with explained(path), closing(connect(path, _BUSY_S)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        hashes = connection.execute("SELECT leaf_hash FROM entries ORDER BY seq").fetchall()
        if tuple(each for (each,) in hashes) != mine.hashes:
            raise LedgerBusy(path)
        yield


def _keep_aside(path: Path, aside: Path) -> None:
    """Keeps the old file, and its journal, which SQLite would play back into whatever is called `path` next."""
    if path.exists():
        aside.hardlink_to(path)
    if _journal(path).exists():
        _journal(path).rename(_journal(aside))
    synchronise(path.parent)  # else a power failure could take the new file's name and leave the old one's journal
