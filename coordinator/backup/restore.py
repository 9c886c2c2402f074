"""A coordinator out of a backup: verified whole first, then keys and rows, and last the settings that make it one."""

from pathlib import Path
from typing import IO

import tomlkit
from pydantic import ValidationError
from sqlalchemy import Connection, Table, func, select

from coordinator.backup import rows as lines
from coordinator.backup.make import SETTINGS, WHAT, Held, key_files
from coordinator.errors import CoordinatorError
from coordinator.home import Home, Settings
from coordinator.store import rows
from coordinator.store.engine import refilled
from privacy.backup.archive import unpack, verify
from privacy.backup.errors import BackupDamaged
from privacy.files import write_private


def look(source: Path, passphrase: str) -> Held:
    """Reads a backup through and says what it holds. Raises what `privacy.backup.archive.verify` raises."""
    return Held.of(verify(source, passphrase, WHAT))


def restore(home: Home, source: Path, passphrase: str, store: str | None = None) -> Held:
    """Makes a coordinator of a backup in a folder that holds none; the store in `store`, or where it was.

    Either all is there afterwards or the folder holds no coordinator; a store that was being filled is rolled back.
    Raises CoordinatorError where there is a coordinator, StoreExists where there is a store, StoreUnusable, and what
    `privacy.backup.archive.verify` raises.
    """
    if home.settings_file.exists():
        raise CoordinatorError(
            f"{home.path} holds a coordinator already, and nothing of it was changed. Name another folder: --home DIR"
        )
    held = look(source, passphrase)
    small: dict[str, bytes] = {}
    unpack(source, passphrase, WHAT, lambda name, content: _keep_small(small, name, content))
    text, settings = _settings(small, store)
    if set(key_files(home)) - {"keys/witness.pem"} - set(small):
        raise BackupDamaged("The backup has no keys of a coordinator. Use another copy of it.")
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.path.chmod(0o700)
    made = not settings.store and not home.store_file.exists()
    try:
        with refilled(settings.store or f"sqlite:///{home.store_file}", held.schema) as connection:
            _fill(connection, source, passphrase, held)
    except BaseException:
        if made:
            home.store_file.unlink(missing_ok=True)
        raise
    for name, file in key_files(home).items():
        if name in small:
            write_private(file, small[name])
    write_private(home.settings_file, text.encode())
    return held


def _keep_small(small: dict[str, bytes], name: str, content: IO[bytes]) -> None:
    if not name.startswith("store/"):
        small[name] = content.read()


def _settings(small: dict[str, bytes], store: str | None) -> tuple[str, Settings]:
    try:
        document = tomlkit.parse(small[SETTINGS].decode())
        if store is not None:
            document["store"] = store
        return tomlkit.dumps(document), Settings.model_validate(document.unwrap())
    except (KeyError, ValueError, ValidationError) as error:
        raise BackupDamaged("The backup's config.toml cannot be read. Use another copy of it.") from error


def _fill(connection: Connection, source: Path, passphrase: str, held: Held) -> None:
    tables = {table.name: table for table in rows.tables(connection)}

    def take(name: str, content: IO[bytes]) -> None:
        place = name.split("/")
        if place[0] == "store":
            table = _table(tables, place[1])
            rows.put(connection, table, lines.read(table, content.read()))

    unpack(source, passphrase, WHAT, take)
    rows.go_on(connection)
    for name, number in held.rows.items():
        there = connection.execute(select(func.count()).select_from(_table(tables, name))).scalar()
        if there != number:
            raise BackupDamaged(f"The backup says that it has {number} rows of {name}, and has {there}.")


def _table(tables: dict[str, Table], name: str) -> Table:
    if name not in tables:
        raise BackupDamaged(f"The backup has rows of {name[:60]!r}, which no version of the store has.")
    return tables[name]
