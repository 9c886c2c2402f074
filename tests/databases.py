"""The databases that a coordinator's tests run on: SQLite's files, and a real PostgreSQL that the tests start.

The server is Debian's (or any other in the PATH), in a folder of its own under another user where this one is root, and
is reached through a socket in that folder alone. It sorts text as Norwegians do, so that nothing may rest on the order
of a database. What it keeps need not outlive a power failure, so it does not wait for the disk.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from coordinator.home import Home
from coordinator.store import rows
from coordinator.store.engine import create_store, open_store
from tests.needs import lacking

ENGINES = ("sqlite", "postgresql")

_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "80",
    "max_wal_size": "256MB",
    "shared_buffers": "24MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Databases(Protocol):
    """Where a test's stores are made."""

    @property
    def name(self) -> str:
        """The engine."""
        ...

    def one(self) -> AbstractContextManager[str]:
        """The URL of an empty database, for as long as it is used; "" is the file in the coordinator's folder."""
        ...


@dataclass(frozen=True)
class SQLite:
    """A file in each coordinator's folder."""

    name: str = "sqlite"

    @contextmanager
    def one(self) -> Iterator[str]:
        """What config.toml says of it: nothing."""
        yield ""


@dataclass
class PostgreSQL:
    """A server that runs, and its databases. One that a test has left is emptied for the next."""

    folder: Path
    name: str = "postgresql"
    _free: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """A database's URL."""
        return f"postgresql://kudos@/{database}?host={self.folder}"

    @contextmanager
    def one(self) -> Iterator[str]:
        """An empty database; what was copied from it goes with it."""
        if self._free:
            database = self._free.pop()
        else:
            database = f"kudos{next(self._numbers)}"
            with _connected(self.url("postgres")) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        yield self.url(database)
        with _connected(self.url("postgres")) as connection:
            copies = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{database}_"]
            )
            for (name,) in copies.fetchall():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            _without_others(connection, database)
        with _connected(self.url(database)) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._free.append(database)


def copied_store(url: str) -> str:
    """A copy of a PostgreSQL database, named after it, on its server; the URL."""
    parsed = make_url(url)
    assert parsed.database is not None
    with _connected(_text(parsed.set(database="postgres"))) as connection:
        name = f"{parsed.database}_{secrets.token_hex(6)}"
        _without_others(connection, parsed.database)
        copying = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(copying.format(sql.Identifier(name), sql.Identifier(parsed.database)))
    return _text(parsed.set(database=name))


def copied_folder(folder: Path, to: Path) -> Path:
    """A folder again in which a coordinator's is, with a store of its own."""
    shutil.copytree(folder, to)
    home = Home(to / "coordinator")
    store = home.settings().store
    if store:
        there = home.settings_file.read_text()
        home.settings_file.write_text(there.replace(store, copied_store(store)))
    return to


def moved(home: Home, url: str) -> None:
    """Puts what a coordinator's file holds into an empty database, which it works with from then on."""
    opening = open_store(home.store_url()), create_store(url)
    with opening[0] as old, opening[1] as new, old.reading() as source, new.transaction() as target:
        for table in rows.tables(source):
            for piece in rows.pieces(source, table):
                rows.put(target, table, piece)
        rows.go_on(target)
    home.store_file.unlink()
    there = home.settings_file.read_text()
    assert 'store = ""' in there
    home.settings_file.write_text(there.replace('store = ""', f'store = "{url}"'))


@contextmanager
def running(password: str = "") -> Iterator[PostgreSQL]:
    """A server of its own, which asks for a password if one is given. Skips where there is none, or fails in CI."""
    programs = _programs()
    if programs is None:
        lacking("POSTGRESQL", "NO POSTGRESQL WAS RUN: initdb and postgres are missing (Debian: postgresql)")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="kudos-postgresql-"))
    try:
        if user is not None:
            os.chown(folder, user, -1)
        data = folder / "data"
        initdb: list[str | Path] = [
            programs / "initdb",
            "--pgdata",
            data,
            "--username",
            "kudos",
            "--no-sync",
            *_letting_in(folder, password, user),
        ]
        locale = ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "icu", "--icu-locale", "nb-NO"]
        subprocess.run([*initdb, *locale], check=True, capture_output=True, cwd=folder, user=user)
        with _serving(programs, folder, data, user):
            yield PostgreSQL(folder)
    finally:
        shutil.rmtree(folder)


def _letting_in(folder: Path, password: str, user: int | None) -> list[str | Path]:
    """Whom initdb is told to let in: everybody who reaches the folder, or who knows the password."""
    if not password:
        return ["--auth", "trust"]
    file = folder / "password"
    file.write_text(f"{password}\n")
    if user is not None:
        os.chown(file, user, -1)
    return ["--auth", "scram-sha-256", "--pwfile", file]


@contextmanager
def _serving(programs: Path, folder: Path, data: Path, user: int | None) -> Iterator[None]:
    settings = (word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}"))
    words: Sequence[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *settings]
    server = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        user=user,
        text=True,
    )
    assert server.stderr is not None
    said = ""
    for line in server.stderr:
        said += line
        if "ready to accept connections" in line:
            break
    else:
        pytest.fail(f"PostgreSQL does not start: {said}")
    log = (folder / "log").open("wb")
    copying = subprocess.Popen(["cat"], stdin=server.stderr, stdout=log)  # so that it never waits for a reader
    try:
        yield
    finally:
        server.send_signal(signal.SIGINT)  # "fast": rolls back what is under way
        server.wait(60)
        copying.wait(60)
        log.close()


def _programs() -> Path | None:
    """The folder of initdb and postgres: in the PATH, or where Debian has them, the newest first."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = [each for each in Path("/usr/lib/postgresql").glob("*/bin") if (each / "initdb").exists()]
    return max(versions, key=lambda each: float(each.parent.name), default=None)


def _user() -> int | None:
    """Whom the server runs as: it refuses root."""
    if os.getuid() != 0:
        return None
    users = {each.pw_name: each.pw_uid for each in pwd.getpwall()}
    return users.get("postgres", users["nobody"])


def _connected(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(url, autocommit=True)


def _without_others(connection: "psycopg.Connection[tuple[Any, ...]]", database: str) -> None:
    connection.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [database])


def _text(url: Any) -> str:
    return str(url.render_as_string(hide_password=False))
