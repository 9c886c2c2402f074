"""Undo gives back the store as it was, to the last row of every table, once, and whatever is killed when."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.store import undo
from node.store.database import locked
from tests.node.controller.house import everything, line, sales
from tests.node.ingest.house import asked, import_, new_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def undone(home: Home) -> undo.Undone:
    with locked(home):
        return undo.undo(home)


def test_new_changed_and_returned_lines_go_back(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari"), line("A2", who="ola"), line("A3")))
    before = everything(home)
    later = sales(
        tmp_path,
        line("A1", who="kari", state="cancelled"),
        line("A2", who="per"),
        line("A2", who="ola", number=2, quantity=-1, state="returned"),
        line("B1", who="eva"),
        name="later.csv",
    )
    import_(home, later)
    assert everything(home) != before
    found = undone(home)
    assert (found.import_no, found.files, found.lines_new, found.lines_updated) == (2, ("later.csv",), 2, 2)
    assert everything(home) == before
    import_(home, later)
    assert asked(home, "SELECT count(*) FROM order_lines") == [(5,)]


def test_the_first_import_goes_back_to_an_empty_store(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari")))
    undone(home)
    assert all(not rows for name, rows in everything(home).items() if name != "meta")
    with pytest.raises(undo.NothingToUndo):
        undone(home)


def test_only_the_last_import_once(home: Home, tmp_path: Path) -> None:
    for number in range(3):
        import_(home, sales(tmp_path, line(f"A{number}", who="kari")))
    assert [path.name for path in home.path.glob("store.before*")] == ["store.before-3.duckdb"]
    undone(home)
    with pytest.raises(undo.NothingToUndo, match="Import 2 cannot be undone"):
        undone(home)
    assert asked(home, "SELECT max(import_no) FROM imports") == [(2,)]


def test_anew_can_be_undone(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari"), line("A2", who="ola")))
    before = everything(home)
    import_(home, sales(tmp_path, line("B1", who="eva")), anew=True)
    assert asked(home, "SELECT count(*) FROM order_lines") == [(1,)]
    undone(home)
    assert everything(home) == before


def test_a_dry_run_changes_nothing_and_leaves_nothing(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari")))
    before, files = everything(home), sorted(home.path.rglob("*"))
    report = import_(
        home, sales(tmp_path, line("A1", who="ola"), line("A2"), line("A3", day="x")), dry_run=True, max_rejects=1
    )
    assert (report.files[0].lines_new, report.files[0].lines_updated, report.files[0].rejected) == (1, 1, 1)
    assert report.reject_file is None
    assert not report.can_be_undone
    assert everything(home) == before
    assert sorted(home.path.rglob("*")) == files
    assert not list(tmp_path.glob("*.rejected.csv"))


def test_a_refused_import_leaves_the_undo_of_the_one_before(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari")))
    before = everything(home)
    import_(home, sales(tmp_path, line("A2", who="kari")))
    with pytest.raises(ImportRefused, match="no date"):
        import_(home, sales(tmp_path, *(line(f"B{n}", day="no-day") for n in range(9))))
    undone(home)
    assert everything(home) == before


KILLED = """
import os, sys
from pathlib import Path
from node.store import {module} as module
from tests.node.ingest.house import *

kept = module.{function}
def killed(*words):
    {when}
module.{function} = killed
home = Home(Path(sys.argv[1]))
{act}
"""
AT = "os.kill(os.getpid(), 9)"
IMPORT = "import_(home, Path(sys.argv[2]))"


@pytest.mark.parametrize(
    ("function", "when", "import_no"),
    [
        ("prepare", f"kept(*words); {AT}", 2),
        ("keep", AT, 2),
        ("keep", f"kept(*words); {AT}", 2),
        ("keep_only", AT, 3),
    ],
)
def test_killed_at_any_step_undo_undoes_what_is_there(
    home: Home, tmp_path: Path, function: str, when: str, import_no: int
) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari")))
    states = [everything(home)]
    import_(home, sales(tmp_path, line("A2", who="kari")))
    states.append(everything(home))
    code = KILLED.format(module="undo", function=function, when=when, act=IMPORT)
    third = sales(tmp_path, line("A3", who="kari"), name="third.csv")
    ended = subprocess.run([sys.executable, "-c", code, str(home.path), str(third)], capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert asked(home, "SELECT max(import_no) FROM imports") == [(import_no,)]
    undone(home)
    assert everything(home) == states[import_no - 2]
    assert not (home.path / "store.before.part").exists()
