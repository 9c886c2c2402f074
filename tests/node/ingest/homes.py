"""A node's folder for tests of the import, with fixed keys so that runs can be compared."""

from pathlib import Path

from node.home import Home, write_private
from node.ingest.run import Report, Request, import_files
from node.ingest.source import Source
from node.store.database import opened


class Silent:
    """Watches an import and says nothing."""

    def begins(self, source: Source) -> None:
        pass

    def read(self, size: int, rows: int) -> None:
        pass

    def says(self, text: str) -> None:
        pass


def new_home(folder: Path) -> Home:
    home = Home(folder)
    home.path.mkdir(mode=0o700, parents=True)
    write_private(home.identity_key_file, b"11" * 32)
    write_private(home.ordering_key_file, b"22" * 32)
    text = 'name="B"\nindustry="other"\ncounty="03"\nmember="b"\nledger="standalone/ledger/b"\n'
    write_private(home.settings_file, text.encode())
    return home


def imported(home: Home, *files: Path, system: str = "auto") -> Report:
    return import_files(home, Request(files, system=system), Silent())


def rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    """What a query of the store answers."""
    with opened(home) as connection:
        return connection.execute(sql).fetchall()


STORED = """
    SELECT order_id, line_id, ordered_at, ordered_on, quantity, amount_ore, ticket_category, channel, state, order_rank,
           line_rank
    FROM order_lines ORDER BY ALL
"""
"""The imported lines, without what depends on which import brought them."""
