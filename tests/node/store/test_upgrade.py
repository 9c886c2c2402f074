"""A store that an older version wrote is, once opened, what this version makes of the same export.

`older/schema-3.sql` is what the last version of schema 3 wrote of `older/sales.csv`, with the keys of these tests. What
the versions before lack: `test_database`.
"""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from node.home import Home
from tests.node.ingest.house import asked, import_, new_home, store_of

OLDER = Path(__file__).parent / "older"


OPENED = (
    "import os, sys; from pathlib import Path; from node.home import Home; from node.store.database import opened\n"
    "with opened(Home(Path(sys.argv[1]))): os._exit(9)"
)


@pytest.fixture
def older(tmp_path: Path) -> Home:
    """A node's folder with the store of the older version."""
    home = new_home(tmp_path / "older")
    with duckdb.connect(str(home.store_file)) as connection:
        connection.execute((OLDER / "schema-3.sql").read_text(encoding="utf-8"))
    return home


def test_an_older_store_becomes_one_of_this_version(older: Home, tmp_path: Path) -> None:
    anew = new_home(tmp_path / "new")
    import_(anew, OLDER / "sales.csv")
    columns = "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() WHERE NOT internal"
    assert set(asked(older, columns)) == set(asked(anew, columns))
    assert store_of(older) == store_of(anew)


def test_a_store_is_there_after_a_kill_in_the_command_that_upgraded_it(older: Home, tmp_path: Path) -> None:
    """What was not yet in the store's file is read back from its log, where DuckDB knows few functions."""
    assert subprocess.run([sys.executable, "-c", OPENED, older.path], check=False).returncode == 9
    assert older.store_file.with_name("store.duckdb.wal").exists()
    anew = new_home(tmp_path / "new")
    import_(anew, OLDER / "sales.csv")
    assert store_of(older) == store_of(anew)


def test_what_an_older_store_holds_is_known_when_it_is_imported_again(older: Home) -> None:
    (found,) = import_(older, OLDER / "sales.csv").files
    assert (found.lines_new, found.lines_updated, found.lines_unchanged) == (0, 0, 6)
