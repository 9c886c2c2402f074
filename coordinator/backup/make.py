"""Making a backup while the coordinator works: of one moment, whatever is written meanwhile."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from coordinator.backup import rows as lines
from coordinator.errors import StoreUnusable
from coordinator.home import Home
from coordinator.store import rows
from coordinator.store.engine import Store, open_store
from coordinator.store.events import moment
from coordinator.store.tables import SCHEMA_VERSION, events
from privacy.backup.archive import Manifest, Packing, packing, verify
from privacy.backup.sealing import N

WHAT = "coordinator"
SETTINGS = "config.toml"


@dataclass(frozen=True)
class Held:
    """What a backup holds, as it says itself. `newest` is the time of its last event, None where there is none."""

    manifest: Manifest
    schema: str
    rows: dict[str, int]
    newest: datetime | None

    @classmethod
    def of(cls, manifest: Manifest) -> "Held":
        """Of a manifest that was read."""
        about = manifest.about
        newest = about["newest"]
        return cls(manifest, about["schema"], dict(about["rows"]), None if newest is None else moment(newest))


def key_files(home: Home) -> dict[str, Path]:
    """The files beside the store that cannot be made again, by their names in a backup. The server's key can."""
    files = (home.authority_key_file, home.authority_file, home.signing_key_file, home.witness_key_file)
    return {f"keys/{file.name}": file for file in files}


def back_up(home: Home, target: Path, passphrase: str, now: datetime, n: int = N) -> Held:
    """Writes a coordinator into a new encrypted file, and reads that through. Members notice nothing.

    Raises NoHome, StoreUnusable, and what `privacy.backup.archive.packing` raises.
    """
    url = home.store_url()
    with packing(target, WHAT, passphrase, now, n) as pack:
        pack.add(SETTINGS, home.settings_file.read_bytes())
        for name, file in key_files(home).items():
            if file.exists():
                pack.add_file(name, file)
        with _at_rest(home, url) as store, store.reading() as connection:
            _pack_rows(connection, pack)
    return Held.of(verify(target, passphrase, WHAT))


def _pack_rows(connection: Connection, pack: Packing) -> None:
    counts: dict[str, int] = {}
    for table in rows.tables(connection):
        counts[table.name] = 0
        for number, piece in enumerate(rows.pieces(connection, table)):
            pack.add(f"store/{table.name}/{number:08}.jsonl", lines.written(table, piece))
            counts[table.name] += len(piece)
    newest = connection.execute(select(func.max(events.c.time))).scalar()
    pack.about |= {"schema": str(SCHEMA_VERSION), "rows": counts, "newest": newest}


@contextmanager
def _at_rest(home: Home, url: str) -> Iterator[Store]:
    """The store; of SQLite a copy, for whoever reads a file for long keeps those waiting who write."""
    if not url.startswith("sqlite"):
        with open_store(url) as store:
            yield store
        return
    open_store(url).close()  # brought to date where it is old, refused where it is none
    copy = home.path / f".backup-{os.urandom(4).hex()}.sqlite"
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(Path(url.removeprefix("sqlite:///")), copy)
        with open_store(f"sqlite:///{copy}") as store:
            yield store
    finally:
        copy.unlink()


def _copy(file: Path, copy: Path) -> None:
    """SQLite's own way (https://www.sqlite.org/backup.html): whole, also beside a process that writes."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as source:
            if source.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise StoreUnusable(f"{file} is damaged. Restore it from an older backup; this one was not made.")
            with closing(sqlite3.connect(copy)) as target:
                source.backup(target)
    except sqlite3.Error as error:
        raise StoreUnusable(f"{file} cannot be read: {type(error).__name__}. No backup was made.") from error
