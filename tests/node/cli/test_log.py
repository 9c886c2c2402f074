"""The node's log: a line per command, nothing of what was typed, and never more than two files of it."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from node.cli.names import COMMANDS
from node.home import Home
from node.log import LARGEST, write
from tests.node.cli.run import SALES, Node, initialised, sales_file

FIELDS = {"event", "time", "command", "status", "reason", "seconds"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(initialised(tmp_path / "home").home)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def of_size(file: Path, size: int) -> None:
    """A file of so many bytes, of which hardly any take room on the disk."""
    file.parent.mkdir(exist_ok=True)
    file.touch()
    os.truncate(file, size)


def test_a_log_that_is_too_large_begins_anew_and_the_old_one_is_kept(home: Home) -> None:
    log, old = home.path / "logs" / "node.log", home.path / "logs" / "node.log.1"
    of_size(log, LARGEST + 1)
    write(home, "kpi", 0, "", 0.5)
    assert [line["command"] for line in lines(log)] == ["kpi"]
    assert old.stat().st_size == LARGEST + 1


def test_a_log_that_may_still_grow_does(home: Home) -> None:
    log = home.path / "logs" / "node.log"
    of_size(log, LARGEST)
    write(home, "kpi", 0, "", 0.5)
    assert log.stat().st_size > LARGEST
    assert not (home.path / "logs" / "node.log.1").exists()


def test_there_are_never_more_than_two(home: Home) -> None:
    log = home.path / "logs" / "node.log"
    for turn in range(3):
        of_size(log, LARGEST + 1 + turn)
        write(home, "kpi", 0, "", 0.5)
    assert {file.name: file.stat().st_size for file in log.parent.iterdir() if file != log} == {
        "node.log.1": LARGEST + 3
    }


def test_it_is_readable_by_its_owner_alone(home: Home) -> None:
    before = os.umask(0)
    try:
        write(home, "kpi", 0, "", 0.5)
    finally:
        os.umask(before)
    folder = home.path / "logs"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"logs": 0o700, "node.log": 0o600}


def test_a_log_that_cannot_be_written_stops_nobody(home: Home) -> None:
    log = home.path / "logs" / "node.log"
    log.unlink()
    log.mkdir()
    write(home, "kpi", 0, "", 0.5)
    assert Node(home.path)("budget").status == 0


def test_where_there_is_no_node_nothing_is_written(tmp_path: Path) -> None:
    write(Home(tmp_path / "none"), "kpi", 1, "NO_NODE", 0.5)
    assert not (tmp_path / "none").exists()


SECRETS = ("kari", "example", "5003", "90000078", "sales", "benchmark", "2025", "Fjord", "800")
"""Of a customer, of a file's name, of what was typed and of the figures: none of them may be in the log."""


def test_it_holds_nothing_of_what_was_typed_or_read(tmp_path: Path) -> None:
    """Commands that go well, that are refused, and that are wrong, each with something of a customer in its words."""
    node = initialised(tmp_path / "home")
    bad_row = "A7,1,kari@example.no,E2,Ordinær,1,400.00,web,paid,90000078,5003\n"
    commands: list[tuple[str | Path, ...]] = [
        ("import", sales_file(tmp_path, SALES + bad_row), "--max-rejects", "50%"),
        ("import", sales_file(tmp_path, SALES + bad_row), "--max-rejects", "0%"),
        ("import", "kari@example.no.csv", "--system", "kari@example.no"),
        ("kpi", "--as-of", "2025-12-31"),
        ("kpi", "--as-of", "kari@example.no"),
        ("release", "benchmark", "--as-of", "2025-12-31"),
        ("outbox", "show", "90000078"),
        ("policy", "allow", "kari@example.no"),
        ("budget", "kari@example.no"),
        ("kari@example.no",),
    ]
    ended = [node(*words).status for words in commands]
    assert set(ended) == {0, 1, 2, 3}
    log = node.home / "logs" / "node.log"
    found = lines(log)
    assert [line["status"] for line in found] == [0, *ended[:-1]], "what is no command is not named"
    for line in found:
        assert set(line) == FIELDS
        assert line["event"] == "command"
        assert line["command"] in COMMANDS
        assert line["reason"] == "" or line["reason"].replace("_", "").isupper()
        assert isinstance(line["seconds"], float)
    said = "".join(str((line["command"], line["status"], line["reason"])) for line in found)
    assert not [secret for secret in SECRETS if secret in said]
    assert not [secret for secret in ("kari", "example", "90000078", str(tmp_path)) if secret in log.read_text()]


def test_a_defect_is_logged_by_its_place_alone(tmp_path: Path) -> None:
    """An error that nobody foresaw may quote data in its text; here a folder stands where the profile is read."""
    node = initialised(tmp_path / "home")
    (node.home / "profiles" / "kari@example.no.toml").mkdir()
    assert node("import", sales_file(tmp_path)).status == 1
    last = lines(node.home / "logs" / "node.log")[-1]
    assert last["reason"].startswith("DEFECT IsADirectoryError at ")
    assert "kari" not in last["reason"]
