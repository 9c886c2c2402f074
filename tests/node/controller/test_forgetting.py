"""Who is forgotten is in no table, and no byte of theirs in any file; everybody else is as they were."""

import subprocess
import sys
from pathlib import Path

import pytest

from node.controller import register
from node.controller.forgetting import Found, forget, look
from node.controller.people import people_of
from node.errors import UsageError
from node.home import Home
from node.store import undo
from node.store.database import locked
from tests.node.controller.house import everything, files_with, line, sales
from tests.node.ingest.house import asked, import_, matched, new_home, store_of

KARI = people_of(["Kari.Nordmann@EXAMPLE.no"])
TEXTS = (b"nordmann", b"Nordmann", b"91234567", b"912 34 567")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def others(*more: str) -> list[str]:
    return [*(line(f"O{number}", who=f"person{number}") for number in range(300)), line("N1"), *more]


def test_every_byte_of_somebody_goes_and_nothing_of_anybody_else(home: Home, tmp_path: Path) -> None:
    theirs = [line(f"KARIORDER{number}", who="kari", day=f"2026-03-{number + 1:02d}") for number in range(9)]
    import_(home, sales(tmp_path, *others(*theirs)))
    import_(home, sales(tmp_path, line("KARIORDER0", who="kari", state="cancelled"), name="later.csv"))
    marks = (matched("kari.nordmann@example.no"), b"KARIORDER")
    assert files_with(home.path, *marks) == ["store.before-2.duckdb", "store.duckdb"]
    found = forget(home, KARI, None)
    assert found == Found(asked=1, known=1, profiles=1, orders=9, lines=9)
    assert files_with(home.path, *marks) == []
    assert files_with(home.path, *TEXTS) == []

    without = new_home(tmp_path / "without")
    import_(without, sales(tmp_path, *others()))
    assert store_of(home) == store_of(without)
    with pytest.raises(undo.NothingToUndo), locked(home):
        undo.undo(home)
    ((removal),) = register.read(home)
    assert (removal.what, removal.counts, removal.done) == ("forget", {"customers": 1, "orders": 9, "lines": 9}, True)


def test_deleting_rows_alone_would_leave_their_bytes(home: Home, tmp_path: Path) -> None:
    """Why the file is written anew: without this the test above could not fail."""
    import_(home, sales(tmp_path, *others(line("KARIORDER", who="kari"))))
    asked(home, "DELETE FROM order_lines WHERE order_id = 'KARIORDER'")
    asked(home, "CHECKPOINT")
    assert files_with(home.path, b"KARIORDER") == ["store.duckdb"]


def test_by_telephone_by_number_and_both_profiles_of_one(home: Home, tmp_path: Path) -> None:
    import_(
        home,
        sales(
            tmp_path,
            line("A1", phone="912 34 567"),
            line("A2", who="kari", key="K-1"),
            line("A3", who="kari", key="K-2"),
            line("A4", key="K-3"),
            line("A5", who="ola", key="K-4"),
        ),
    )
    assert forget(home, people_of(["+47 91 23 45 67"]), None).lines == 1
    assert forget(home, people_of(["K-1"], numbers=True), "kudos").lines == 2
    assert forget(home, people_of(["K-3"], numbers=True), "elsewhere").known == 0
    assert forget(home, people_of(["K-3"], numbers=True), "kudos").known == 1
    assert asked(home, "SELECT order_id, customer_key FROM order_lines") == [("A5", "K-4")]
    assert asked(home, "SELECT count(*) FROM profiles") == [(1,)]


def test_lines_without_a_customer_follow_the_summary_of_their_order(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", number=1), line("A2")))
    asked(
        home,
        "INSERT INTO order_lines SELECT * REPLACE ('*' AS line_id, true AS summary, 'K1' AS customer_key) "
        "FROM order_lines WHERE order_id = 'A1'",
    )
    asked(home, "INSERT INTO profiles (source, customer_key, placeholder, import_no) VALUES ('kudos', 'K1', false, 1)")
    assert forget(home, people_of(["K1"], numbers=True), "kudos").lines == 2
    assert asked(home, "SELECT order_id FROM order_lines") == [("A2",)]


def test_who_is_not_there_changes_no_row_but_cleans_the_file(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, *others(line("KARIORDER", who="kari"))))
    import_(home, sales(tmp_path, *others()), anew=True)
    before = store_of(home)
    assert look(home, KARI, None).known == 0
    assert forget(home, KARI, None).known == 0
    assert store_of(home) == before
    assert files_with(home.path, b"KARIORDER", matched("kari.nordmann@example.no")) == []


def test_an_export_that_still_has_them_brings_them_back(home: Home, tmp_path: Path) -> None:
    file = sales(tmp_path, *others(line("A1", who="kari")))
    import_(home, file)
    before = store_of(home)
    forget(home, KARI, None)
    assert import_(home, file).files[0].lines_new == 1
    assert store_of(home) == before


@pytest.mark.parametrize("text", ["", "Kari Nordmann", "kari@", "123"])
def test_nobody_or_nonsense_is_refused_without_saying_it(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        people_of(["ola@example.no", text] if text else [text])
    assert not text or text not in str(refused.value)


KILLED = """
import os, sys
from pathlib import Path
from node.controller.forgetting import forget
from node.controller.people import people_of
from node.home import Home
from node.store import {module}

def killed(*_):
    os.kill(os.getpid(), 9)

{module}.{function} = killed
forget(Home(Path(sys.argv[1])), people_of(["kari.nordmann@example.no"]), None)
"""


@pytest.mark.parametrize(
    ("module", "function", "gone"),
    [("rewrite", "derive", False), ("undo", "durable", False), ("undo", "drop", True)],
)
def test_killed_it_is_done_or_not_and_never_half(
    home: Home, tmp_path: Path, module: str, function: str, gone: bool
) -> None:
    import_(home, sales(tmp_path, *others(line("KARIORDER", who="kari"))))
    before = everything(home)
    code = KILLED.format(module=module, function=function)
    ended = subprocess.run([sys.executable, "-c", code, str(home.path)], capture_output=True)
    assert ended.returncode == -9, ended.stderr
    assert [each.done for each in register.read(home)] == [False]
    assert (everything(home) == before) is not gone
    forget(home, KARI, None)
    assert files_with(home.path, b"KARIORDER") == []
    assert [each.done for each in register.read(home)] == [False, True]
