"""Writing the store anew without some of its rows: DuckDB leaves the bytes of deleted rows in its file.

What stays is copied into a new file, which then takes the old one's place, in one step: a process that is killed
leaves the store as it was.
"""

import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from node.home import Home
from node.store import frozen, leave, schema, undo
from node.store.database import UNFINISHED_STORE, confine, engine, fold
from node.store.derive import derive

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COPIED = ("meta", "imports", "import_notes", "qualities", "profiles", "order_lines", "events")

Stays = Mapping[str, str]
"""For some tables of the store what stays of them: a query of the table `old.<name>`."""


def rewrite(home: Home, stays: Callable[["DuckDBPyConnection"], Stays]) -> None:
    """Writes the store anew; for who holds its lock, and has it closed.

    `stays` may make temporary tables on the connection, from `old.<table>`, for the queries that it returns; tables
    that it does not name stay whole. Whoever is no customer any more leaves the lists of sketches too. No copy for an
    undo is left behind: it would have what was taken out.
    """
    fold(home)
    file = home.path / UNFINISHED_STORE
    try:
        with closing(engine(file, home.scratch)) as connection:
            file.chmod(0o600)
            connection.execute("ATTACH ? AS old (READ_ONLY)", [str(home.store_file)])
            confine(connection)
            connection.execute("BEGIN")
            connection.execute(schema.IMPORTED + schema.FROZEN + schema.DERIVED)
            queries = stays(connection)
            for table in _COPIED:
                query = queries.get(table, f"SELECT * FROM old.{table}")
                connection.execute(f"INSERT INTO {table} BY NAME {query}")
            derive(connection, leave.current(home, connection))
            leave.mark_settled(home, connection)
            frozen.copy_from(connection, "old")
            connection.execute("COMMIT")
            connection.execute("DETACH old")
            connection.execute("CHECKPOINT")
        undo.durable(file)
        file.replace(home.store_file)
        undo.durable(home.path)
    finally:
        for left in home.path.glob(f"{UNFINISHED_STORE}*"):
            left.unlink(missing_ok=True)
    undo.drop(home)
    home.likely_file.unlink(missing_ok=True)  # it may name by match id who has gone
    shutil.rmtree(home.path / "dashboard" / "figures", ignore_errors=True)  # and these count them
