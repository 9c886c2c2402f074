"""Taking the last import back: a copy of the store from before it takes the store's place.

    store.before-<number>.duckdb   the store as it was before the import of that number

The copy is there before the import's transaction ends, and counts only where the store's last import is that one: a
process that is killed, at any moment, leaves nothing that would undo something else. Before it takes the store's place
it gets what no undo takes back: the lists of sketches that were made since, and a newer epoch of the identity key.
"""

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from node.errors import NodeError
from node.home import Home
from node.store import frozen, leave
from node.store.database import UNFINISHED_COPY, confine, connected, engine, ensure_schema, fold
from node.store.derive import derive
from node.store.rotate import advance

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class NothingToUndo(NodeError):
    """There is no import that could be taken back."""

    reason = "NOTHING_TO_UNDO"


@dataclass(frozen=True)
class Undone:
    """An import that was, or can be, taken back: its number, its files by their names, its moment (UTC), its lines."""

    import_no: int
    files: tuple[str, ...]
    imported_at: datetime
    lines_new: int
    lines_updated: int


def prepare(home: Home) -> Path | None:
    """Copies the store, for who holds its lock and has it closed. None where the disk has no room for it."""
    fold(home)
    part = home.path / UNFINISHED_COPY
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target, home.store_file.open("rb") as source:
            shutil.copyfileobj(source, target, 4 * 1024 * 1024)
            target.flush()
            os.fsync(target.fileno())
    except OSError:
        part.unlink(missing_ok=True)
        return None
    return part


def keep(home: Home, part: Path, import_no: int) -> None:
    """Makes a prepared copy the one from before an import, whose transaction is about to end."""
    part.replace(_file(home, import_no))
    durable(home.path)


def keep_only(home: Home, import_no: int) -> None:
    """Removes the copies from before other imports, once that one is done."""
    for file in home.path.glob("store.before-*.duckdb*"):
        if file != _file(home, import_no):
            file.unlink(missing_ok=True)


def drop(home: Home) -> None:
    """Removes every copy."""
    for file in home.path.glob("store.before*"):
        file.unlink(missing_ok=True)


def last(home: Home) -> Undone:
    """The import that `undo` would take back; for who holds the store's lock. Raises NothingToUndo."""
    if not home.store_file.exists():
        raise NothingToUndo("Nothing was imported yet, so there is nothing to undo.")
    with connected(home) as connection:
        found = _last_of(connection)
    if found is None:
        raise NothingToUndo("There is no import in the store, so there is nothing to undo.")
    if not _file(home, found.import_no).exists():
        raise NothingToUndo(
            f"Import {found.import_no} cannot be undone: the copy from before it is gone. Only the last import can be "
            "taken back, once, and not after `forget` or `retain`, whose work it would undo too. To take sales out, "
            "import everything else anew: kudos-node import --anew FILE…"
        )
    return found


def undo(home: Home, import_no: int | None = None) -> Undone:
    """Takes the last import back; for who holds the store's lock.

    Raises NothingToUndo, also where that is not the import of the number that was asked about.
    """
    undone = last(home)
    if import_no not in (None, undone.import_no):
        raise NothingToUndo(f"Another import, {undone.import_no}, came in between. Nothing was undone; ask again.")
    fold(home)
    _take_over(home, _file(home, undone.import_no))
    _file(home, undone.import_no).replace(home.store_file)
    durable(home.path)
    return undone


def _take_over(home: Home, copy: Path) -> None:
    """Brings a copy up to what has come since its import, in one transaction; doing it again changes nothing."""
    chain = home.identity_chain()
    with closing(engine(copy, home.scratch)) as connection:
        connection.execute("ATTACH ? AS since (READ_ONLY)", [str(home.store_file)])
        confine(connection)
        ensure_schema(home, connection)
        connection.execute("BEGIN")
        frozen.keep_since(connection, "since")
        if advance(connection, chain, say=lambda _: None):
            frozen.take_along(connection, chain, lambda _: None)
            derive(connection, leave.current(home, connection))
            leave.mark_settled(home, connection)
        connection.execute("COMMIT")
        connection.execute("DETACH since")


def _last_of(connection: "DuckDBPyConnection") -> Undone | None:
    row = connection.execute("""
        SELECT import_no, list(file_name ORDER BY rowid), max(imported_at), sum(lines_new)::BIGINT,
               sum(lines_updated)::BIGINT
        FROM imports WHERE import_no = (SELECT max(import_no) FROM imports) GROUP BY import_no
    """).fetchone()
    if row is None:
        return None
    number, files, moment, new, updated = row
    return Undone(int(number), tuple(files), moment, int(new), int(updated))


def _file(home: Home, import_no: int) -> Path:
    return home.path / f"store.before-{import_no}.duckdb"


def durable(path: Path) -> None:
    """Has a file, or the names in a folder, written to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
