"""Rows of the institution's own database: the one door beside `node.wire`, and it is only ever read from.

A layout of a profile has the query. PostgreSQL and MySQL are told that the transaction is read-only, SQLite opens the
file so; SQL Server has no such transaction, so that there the account's rights have to say it. Everywhere the query
must be one SELECT, and what it did is rolled back. Rows are streamed: memory does not grow with them.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.errors import ImportRefused, UsageError
from node.ingest import recognise
from node.ingest.profile import Layout, Profile
from node.ingest.readers.chunk import Chunk, text_table
from node.ingest.source import Source

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

_ROWS = 20_000
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql", "mssql": "pymssql"}
_KINDS = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "mssql": "SQL Server",
    "sqlite": "SQLite",
}
_EXTRAS = {"mysql": "mysql", "mariadb": "mysql", "mssql": "sqlserver"}
_SECRETS = ("password", "passwd", "pwd", "passfile", "sslpassword")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_SELECT = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(?:insert|update|delete|merge|drop|alter|create|truncate|grant|call|exec|execute|copy|into)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Database:
    """A database by its URL, without a password, and the password. Neither is ever shown whole or written anywhere."""

    url: "URL" = field(repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, text: str, password: str | None) -> "Database":
        """The database of a URL such as `postgresql://reader@db.example.no/tickets`.

        Raises UsageError for what is none, and where it holds a password: everybody on the machine sees the command
        line of every program.
        """
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(text)
            kind = url.get_backend_name()
        except (ArgumentError, ValueError):
            kind = ""
        if kind not in _KINDS:
            raise UsageError(
                "--sql takes the address of a database: postgresql://USER@HOST/NAME, mysql://…, mssql://… or "
                "sqlite:///FILE."
            )
        if url.password is not None or any(name.lower() in _SECRETS for name in url.query):
            raise UsageError(
                "There is a password in the address of the database, and everybody on this machine can see the words "
                "of a command. Take it out, and put it into a file (--password-file FILE) or into the environment as "
                "KUDOS_SQL_PASSWORD. Then change it: it was shown."
            )
        if url.drivername == kind and kind in _DRIVERS:
            url = url.set(drivername=f"{kind}+{_DRIVERS[kind]}")
        return cls(url, password)

    @property
    def kind(self) -> str:
        """What it is, for people."""
        return _KINDS[self.url.get_backend_name()]

    @property
    def name(self) -> str:
        """A short name of it, for lists of what was imported."""
        return re.sub(r"[^\w.-]", "_", Path(self.url.database or "database").name) or "database"

    def sources(self, profiles: Sequence[Profile]) -> list[Source]:
        """The rows of every query of the profile. Raises ImportRefused where it has none, or a query does not work."""
        pairs = [(profile, layout) for profile in profiles for layout in profile.layouts if layout.query]
        if not pairs:
            raise ImportRefused(
                "No profile says what to ask the database. Write the SELECT into a layout of your own profile, as "
                'query = "SELECT …", and give it with --system my-system.toml (docs/operator.md shows one).'
            )
        return [self._source(profile, layout) for profile, layout in pairs]

    def _source(self, profile: Profile, layout: Layout) -> Source:
        query = checked(layout.query or "", f"{profile.name} ({layout.name})")
        path = Path(f"{self.name}-{re.sub(r'[^a-z0-9_-]', '-', layout.name.lower())}")
        with self._asked(f"SELECT * FROM ({query}) AS q WHERE 1 = 0" if _wraps(query) else query) as result:
            names = result.keys()
        headers = list(map(str, names))
        found = recognise.recognise(headers, [replace(profile, layouts=(layout,))], path.name)
        wanted = sorted(set(found.index.values()))

        def chunks() -> Iterator[Chunk]:
            with self._asked(query) as result:
                first = 0
                for part in result.partitions(_ROWS):
                    rows = [[_text(value, layout.decimal) for value in row] for row in part]

                    def lines(places: Sequence[int], first: int = first) -> list[int]:
                        return [first + row + 1 for row in places]

                    yield Chunk(text_table(wanted, rows), lines)
                    first += len(rows)

        # Never that of an earlier time: the same question may get another answer.
        digest = hashlib.sha256(f"{query}\x00{secrets.token_hex(16)}".encode()).hexdigest()
        return Source(path, found, f"{self.kind}, {len(headers)} columns", 0, chunks, digest)

    @contextmanager
    def _asked(self, query: str) -> Iterator[Any]:
        """The answer to a query, streamed, in a transaction that changes nothing. Raises ImportRefused."""
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        engine = self._engine()
        try:
            with engine.connect() as opened:
                connection = _read_only(opened)
                try:
                    with closing(connection.execute(text(query.replace(":", r"\:")))) as result:
                        yield result
                finally:
                    connection.rollback()
        except SQLAlchemyError as error:
            raise ImportRefused(self._why(error)) from None
        finally:
            engine.dispose()

    def _engine(self) -> "Engine":
        from sqlalchemy import create_engine
        from sqlalchemy.exc import NoSuchModuleError
        from sqlalchemy.pool import NullPool

        if self.url.get_backend_name() == "sqlite":
            file = Path(self.url.database or "")
            if not file.is_file():
                raise ImportRefused(f"There is no database file {file}. Check the path after sqlite:///")
            uri = f"{file.resolve().as_uri()}?mode=ro"
            return create_engine(
                "sqlite://", creator=lambda: sqlite3.connect(uri, uri=True, check_same_thread=False), poolclass=NullPool
            )
        url = self.url.set(password=self.password) if self.password is not None else self.url
        try:
            return create_engine(url, poolclass=NullPool, hide_parameters=True)
        except (ImportError, NoSuchModuleError):
            extra = _EXTRAS.get(self.url.get_backend_name(), "")
            raise ImportRefused(
                f"The driver for {self.kind} is not installed. Install it beside Kudos: pip install 'kudos[{extra}]'"
            ) from None

    def _why(self, error: Exception) -> str:
        """Why the database refused, in its words where these can quote no row: of connections, names and syntax."""
        original = getattr(error, "orig", None)
        state = str(getattr(original, "sqlstate", None) or "")
        said = str(original or "").strip().splitlines()[:1]
        harmless = type(error).__name__ == "OperationalError" and not state.startswith("22")
        shown = said[0] if said and (harmless or state.startswith(("08", "28", "3D", "42"))) else ""
        if self.password:
            shown = shown.replace(self.password, "…")
        where = f"{self.kind} {self.name}"
        why = f"{shown[:300]}" if shown else f"{type(original or error).__name__} {state}".strip()
        return (
            f"{where}: {why}. Nothing was imported. Check the address, the password, that this account may read the "
            "tables, and the query of your profile."
        )


def checked(query: str, where: str) -> str:
    """The query without its last semicolon. Raises ImportRefused for anything but one SELECT."""
    bare = _COMMENT.sub(" ", query).strip().rstrip(";").rstrip()
    plain = _TEXT.sub("''", bare)
    if not _SELECT.match(plain) or ";" in plain or _WRITES.search(plain):
        raise ImportRefused(
            f"The query of {where} is not one SELECT. Kudos only reads: write a single SELECT (or WITH … SELECT), "
            "without INTO and without semicolons between statements."
        )
    return bare


def _wraps(query: str) -> bool:
    """Whether a query can stand within another, to ask for its columns alone: an ORDER BY or a WITH might not."""
    return re.search(r"\border\s+by\b|^\s*with\b|\boption\b", query, re.IGNORECASE) is None


def _read_only(connection: "Connection") -> "Connection":
    from sqlalchemy import text

    name = connection.dialect.name
    options: dict[str, Any] = {"stream_results": True, "yield_per": _ROWS}
    if name == "postgresql":
        options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    connection = connection.execution_options(**options)
    if name in ("mysql", "mariadb"):
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        connection.commit()
    return connection


def _text(value: object, decimal: str) -> str:
    """A value as an export would write it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal() | float():
            return _number(Decimal(str(value)), decimal)
        case datetime() | date():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return str(value).strip()


def _number(value: Decimal, decimal: str) -> str:
    """A number, whole or with decimals, never just three of them: those could be taken for thousands."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return f"{value:.0f}"
    text = f"{value:f}".rstrip("0")
    text += "0" if len(text.partition(".")[2]) == 3 else ""
    return text.replace(".", ",") if decimal == "," else text
