"""Sales from a database: read, streamed, by the profile's query, and nothing there is changed.

SQLite always; PostgreSQL where its server and its driver are installed, on a server that the test starts and stops.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from node.errors import ImportRefused, UsageError
from node.home import Home
from node.ingest.database import Database, checked
from node.ingest.run import Report, Request, import_files
from tests.databases import running
from tests.node.ingest.house import Heard, asked, new_home, totals

PROFILE = """
name = "ourshop"
title = "Our shop"
basis = "own"
rests_on = "A test."

[[layout]]
name = "sales"
resource = "order_lines"
recognise = ["order_no", "sold_at"]
decimal = "."
query = \"\"\"{query}\"\"\"

[layout.columns]
order_id = "order_no"
line_id = "line_no"
ordered_at = "sold_at"
quantity = "tickets"
amount = "paid"
email = "mail"
"""
QUERY = "SELECT order_no, line_no, sold_at, tickets, paid, mail FROM sales WHERE paid >= 0 -- all; of them"
TABLE = (
    "CREATE TABLE sales (order_no integer, line_no integer, sold_at {time}, tickets integer, paid numeric(10,2), "
    "mail text)"
)
ROWS = "INSERT INTO sales VALUES (1, 1, '2026-03-05 12:00:00', 2, 199.50, 'kari@example.no'), " + ", ".join(
    f"({number}, 1, '2026-04-05 12:00:00', 1, 100, 'person{number}@example.no')" for number in range(2, 50)
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute(TABLE.format(time="text"))
        connection.execute(ROWS)
    connection.close()
    return file


def profile(folder: Path, query: str = QUERY) -> str:
    file = folder / "ourshop.toml"
    file.write_text(PROFILE.format(query=query), encoding="utf-8")
    return str(file)


def imported(home: Home, url: str, system: str, password: str | None = None, **more: object) -> Report:
    return import_files(home, Request((), system, database=Database.at(url, password), **more), Heard())  # type: ignore[arg-type]


def test_sqlite_is_read_and_again_nothing_is_new(home: Home, sqlite: Path, tmp_path: Path) -> None:
    before = sqlite.read_bytes()
    first = imported(home, f"sqlite:///{sqlite}", profile(tmp_path))
    assert (first.files[0].rows, first.files[0].lines_new) == (49, 49)
    assert totals(home) == (49, 50, 4_800_00 + 199_50)
    assert asked(home, "SELECT file_name FROM imports") == [("shop.sqlite-sales",)]
    second = imported(home, f"sqlite:///{sqlite}", profile(tmp_path))
    assert (second.files[0].lines_new, second.files[0].lines_unchanged) == (0, 49)
    assert sqlite.read_bytes() == before


def test_rows_come_in_parts_and_are_all_there(
    home: Home, sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.ingest.database._ROWS", 7)
    report = imported(home, f"sqlite:///{sqlite}", profile(tmp_path))
    assert (report.files[0].rows, report.files[0].lines_new) == (49, 49)


def test_what_cannot_be_read_is_told_by_its_place_in_the_answer(home: Home, sqlite: Path, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite) as connection:
        connection.execute("INSERT INTO sales VALUES (99, 1, 'kari@example.no', 1, 100, NULL)")
    connection.close()
    with pytest.raises(ImportRefused, match=r'shop\.sqlite-sales, line 50, column "sold_at"') as refused:
        imported(home, f"sqlite:///{sqlite}", profile(tmp_path), reject_file=tmp_path / "rejected.csv")
    assert "kari" not in str(refused.value)
    assert "kari" not in (tmp_path / "rejected.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM sales",
        "SELECT * FROM sales; DELETE FROM sales",
        "WITH gone AS (DELETE FROM sales RETURNING *) SELECT * FROM gone",
        "SELECT * INTO other FROM sales",
        "-- SELECT\nDROP TABLE sales",
    ],
)
def test_only_one_select_is_asked(home: Home, sqlite: Path, tmp_path: Path, query: str) -> None:
    with pytest.raises(ImportRefused, match="not one SELECT"):
        imported(home, f"sqlite:///{sqlite}", profile(tmp_path, query))


@pytest.mark.parametrize(
    "query", ["SELECT 'a; delete' AS x", "select 1;", "WITH a AS (SELECT 1) SELECT * FROM a -- into"]
)
def test_words_in_texts_and_comments_are_no_statements(query: str) -> None:
    assert checked(query, "test").lower().startswith(("select", "with"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hemmelig@localhost/shop",
        "postgresql://reader@localhost/shop?password=hemmelig",
        "mysql://reader@localhost/shop?passwd=hemmelig",
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="everybody on this machine") as refused:
        Database.at(url, None)
    assert "hemmelig" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "shop", "oracle://x/y", "http://x", "file:///etc/passwd"])
def test_what_is_no_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--sql takes"):
        Database.at(url, None)


def test_without_a_query_or_a_file_it_says_what_to_do(home: Home, sqlite: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="No profile says what to ask"):
        imported(home, f"sqlite:///{sqlite}", "tixly")
    missing = tmp_path / "none.sqlite"
    with pytest.raises(ImportRefused, match="no database file"):
        imported(home, f"sqlite:///{missing}", profile(tmp_path))
    assert not missing.exists()
    with pytest.raises(ImportRefused, match="no such table"):
        imported(home, f"sqlite:///{sqlite}", profile(tmp_path, "SELECT * FROM elsewhere"))


@pytest.fixture
def postgres() -> Iterator[str]:
    """A server of the test's own that asks for a password; its URL without it."""
    with running("hemmelig") as server:
        yield server.url("postgres")


def test_postgresql_is_read_in_a_transaction_that_cannot_write(home: Home, postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres, password="hemmelig") as connection:
        connection.execute(TABLE.format(time="timestamptz"))
        connection.execute(ROWS)
        connection.execute(
            "CREATE FUNCTION writes() RETURNS integer LANGUAGE sql AS "
            "'INSERT INTO sales SELECT * FROM sales RETURNING 1'"
        )
    with pytest.raises(ImportRefused, match="password") as refused:
        imported(home, postgres, profile(tmp_path), "galt-passord")
    assert "galt-passord" not in str(refused.value)

    report = imported(home, postgres, profile(tmp_path), "hemmelig")
    assert (report.files[0].lines_new, totals(home)) == (49, (49, 50, 4_800_00 + 199_50))
    with pytest.raises(ImportRefused, match="PostgreSQL"):
        imported(home, postgres, profile(tmp_path, QUERY.replace("line_no", "writes() AS line_no")), "hemmelig")
    with pytest.raises(ImportRefused, match="does not exist"):
        imported(home, postgres, profile(tmp_path, "SELECT nothing FROM sales"), "hemmelig")
    with psycopg.connect(postgres, password="hemmelig") as connection:
        assert connection.execute("SELECT count(*) FROM sales").fetchone() == (49,)
    written = [path for path in home.path.rglob("*") if path.is_file() and b"hemmelig" in path.read_bytes()]
    assert written == []


def test_the_password_comes_from_a_file_or_the_environment(home: Home, sqlite: Path, tmp_path: Path) -> None:
    """The program takes both, and neither is in its log."""
    program = Path(sys.executable).with_name("kudos-node")
    secret = tmp_path / "password.txt"
    secret.write_text("hemmelig\n")
    words = [
        str(program),
        "--home",
        str(home.path),
        "import",
        "--sql",
        f"sqlite:///{sqlite}",
        "--system",
        profile(tmp_path),
    ]
    ended = subprocess.run([*words, "--password-file", str(secret)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    ended = subprocess.run(words, capture_output=True, text=True, env={"KUDOS_SQL_PASSWORD": "hemmelig"})
    assert ended.returncode == 0, ended.stderr
    assert "hemmelig" not in ended.stdout + ended.stderr
    assert "hemmelig" not in (home.path / "logs" / "node.log").read_text(encoding="utf-8")
