"""A node's folder for the tests of the import, and everything that its store holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.home import Home, write_private
from node.ingest.run import Report, Request, import_files
from node.ingest.source import Source
from node.store.database import opened
from privacy.identity.match import IdentityKey, match_id
from privacy.identity.normalise import normalise_email, normalise_phone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

IDENTITY_KEY = bytes(range(32))
ORDERING_KEY = bytes(range(32, 64))

SETTINGS = """
name = "Fjordteatret"
industry = "performing-arts"
county = "46"
member = "fjordteatret"
ledger = "standalone/ledger/fjordteatret"
own_domains = ["fjordteatret.no"]
"""

Store = dict[str, list[tuple[Any, ...]]]
"""Rows of every table, sorted."""

_NAME = "CASE WHEN unit > 0 THEN min(order_rank) OVER (PARTITION BY unit) END AS buyer"
_HELD = {
    "order_lines": "FROM order_lines",
    "profiles": "SELECT * EXCLUDE (import_no) FROM profiles",
    "events": "FROM events",
    "customers": """
        SELECT c.* EXCLUDE (unit), o.ranks FROM customers c
        LEFT JOIN (SELECT unit, list(order_rank ORDER BY order_rank) AS ranks FROM orders GROUP BY unit) o USING (unit)
    """,
    "orders": f"SELECT * EXCLUDE (order_no, unit), {_NAME} FROM orders",
    "sales": f"SELECT * EXCLUDE (order_no, unit), {_NAME} FROM sales",
}
"""What of each table says something: orders and customers are numbered as they come, and known by their orders here."""


@dataclass
class Heard:
    """Keeps what an import says while it goes on."""

    began: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    bytes_read: int = 0

    def begins(self, source: Source) -> None:
        """A file begins."""
        self.began.append(f"{source.found.profile.name}, {source.found.layout.name}; {source.written}")

    def read(self, size: int, rows: int) -> None:
        """More was read."""
        self.bytes_read += size

    def says(self, text: str) -> None:
        """A word in between."""
        self.said.append(text)


def new_home(folder: Path) -> Home:
    """A node's folder with keys that are always the same."""
    home = Home(folder)
    write_private(home.settings_file, SETTINGS.encode())
    write_private(home.identity_key_file, IDENTITY_KEY.hex().encode())
    write_private(home.ordering_key_file, ORDERING_KEY.hex().encode())
    return home


def import_(home: Home, *files: Path, **request: Any) -> Report:
    """Imports files."""
    return import_files(home, Request(files, **request), Heard())


def store_of(home: Home) -> Store:
    """Everything that the store holds, but for the order in which things came."""
    with opened(home) as connection:
        return {name: _rows(connection, sql) for name, sql in _HELD.items()}


def asked(home: Home, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with opened(home) as connection:
        return connection.execute(sql, list(values)).fetchall()


def _rows(connection: "DuckDBPyConnection", sql: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(sql).fetchall(), key=repr)


def totals(home: Home) -> tuple[int, int, int]:
    """Orders with sales, net tickets, net revenue in øre."""
    return asked(
        home,
        "SELECT count(DISTINCT order_no), coalesce(sum(tickets), 0)::BIGINT, coalesce(sum(revenue_ore), 0)::BIGINT "
        "FROM sales",
    )[0]


def matched(email_or_phone: str) -> bytes:
    """The match id of an address or a number."""
    identifier = normalise_email(email_or_phone) or normalise_phone(email_or_phone)
    assert identifier is not None
    return match_id(IdentityKey(IDENTITY_KEY), identifier)


def csv(folder: Path, name: str, text: str | bytes) -> Path:
    """Writes a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
