"""Importing, undoing, erasing, objecting and watching, as a person or a script does it."""

import json
import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.node.cli.run import PROGRAM, SALES, Ended, Node, initialised, sales_file

HEADER, *ROWS = SALES.splitlines(keepends=True)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return initialised(tmp_path / "home")


def told(node: Node, text: str, *words: str) -> Ended:
    """The same with a text on standard input."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
    command = [str(PROGRAM), "--home", str(node.home), *words]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, env=environment, timeout=120)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def figures(node: Node) -> object:
    return node.good("kpi", "--as-of", "2025-12-31", "--json").json


def test_a_folder_a_dry_run_and_an_undo(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.csv").write_text(HEADER + "".join(ROWS[:3]), encoding="utf-8")
    (folder / "b.csv").write_text(HEADER + "".join(ROWS[3:]), encoding="utf-8")
    dry = node.good("import", folder, "--dry-run", "--json").json
    assert (dry["dry_run"], [item["lines_new"] for item in dry["files"]]) == (True, [3, 4])
    empty = figures(node)
    real = node.good("import", str(folder / "*.csv"), "--json").json
    assert (real["dry_run"], real["can_be_undone"], len(real["files"])) == (False, True, 2)
    assert real["seconds"] > 0
    assert figures(node) != empty
    asked = node("undo")
    assert asked.status == 2
    assert "--yes" in asked.err
    undone = node.good("undo", "--yes", "--json").json
    assert (undone["files"], undone["lines_new"]) == (["a.csv", "b.csv"], 7)
    assert figures(node) == empty
    assert node("undo", "--yes", "--json").json["error"]["reason"] == "NOTHING_TO_UNDO"
    assert [each["what"] for each in node.good("removals", "--json").json] == ["undo"]


def test_erasing_and_objecting_by_standard_input_and_never_by_a_word(node: Node, tmp_path: Path) -> None:
    node.good("import", sales_file(tmp_path))
    assert node("forget", "kari@example.no").status == 2
    assert told(node, "kari@example.no\n", "forget").status == 2
    erased = told(node, "Kari@Example.no\nnobody@example.no\n", "forget", "--yes", "--json")
    assert erased.status == 0, erased.err
    assert erased.json == {"asked": 2, "known": 1, "profiles": 1, "orders": 2, "lines": 2}
    names = tmp_path / "names.txt"
    names.write_text("per@example.no\n", encoding="utf-8")
    assert node.good("object", "add", "--file", names, "--json").json["objecting"] == 1
    assert [
        each["objects"] for each in told(node, "per@example.no\nola@example.no", "object", "check", "--json").json
    ] == [
        True,
        False,
    ]
    assert node.good("object", "list", "--json").json["people"] == 1
    assert [each["what"] for each in node.good("removals", "--json").json] == ["forget", "object"]
    shown = node.good("removals").out
    assert "erased" in shown
    for path in node.home.rglob("*"):
        assert not path.is_file() or b"@example.no" not in path.read_bytes(), path


def test_retention_asks_and_the_report_is_written(node: Node, tmp_path: Path) -> None:
    old = "Z1,1,2019-06-03T10:00:00+02:00,E2,Barn,3,300.00,box_office,paid,old@example.no,5003\n"
    node.good("import", sales_file(tmp_path, SALES + old))
    would = node.good("retain", "--dry-run", "--json").json
    assert (would["lines"], would["customers"], would["removed"]) == (1, 1, False)
    assert node("retain").status == 2
    assert node.good("retain", "--yes", "--json").json["removed"] is True
    page = tmp_path / "kvalitet.html"
    quality = node.good("quality", "--language", "nb", "--html", page, "--json").json
    assert quality["quality"]["lines"] == 7
    assert "Datakvalitet: Fjordteatret" in page.read_text(encoding="utf-8")
    assert "known customer" in node.good("quality").out
    assert node("quality", "--html", node.home / "store.duckdb").status == 2


def test_a_watched_folder_takes_each_file_once_and_stops_when_told(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "bad.csv").write_text("nothing\nthat,is,known\n", encoding="utf-8")
    (folder / "sales.csv").write_text(HEADER + "".join(ROWS[:3]), encoding="utf-8")

    def watched(until: int) -> list[dict[str, object]]:
        """What a watch says until it has said so much, and is told to stop."""
        words = [str(PROGRAM), "--home", str(node.home), "import", "--watch", str(folder), "--settle", "0.1", "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            found: list[dict[str, object]] = []
            text = ""
            while len(found) < until:
                assert select.select([process.stdout], [], [], 60)[0]
                text += os.read(process.stdout.fileno(), 65_536).decode()
                while text.strip():
                    try:
                        value, end = json.JSONDecoder().raw_decode(text.lstrip())
                    except ValueError:
                        break
                    found.append(value)
                    text = text.lstrip()[end:]
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            assert process.returncode == 0
        return found

    first = watched(2)
    assert {tuple(value) for value in first} >= {("error",)}
    assert [value["files"][0]["lines_new"] for value in first if "files" in value] == [3]  # type: ignore[index]
    (folder / "more.csv").write_text(HEADER + "".join(ROWS[3:]), encoding="utf-8")
    (second,) = watched(1)
    assert second["files"][0]["path"].endswith("more.csv")  # type: ignore[index]
    assert second["files"][0]["lines_new"] == 4  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Name what to import"),
        (("--watch", ".", "a.csv"), "--watch takes files as they come"),
        (("--sql", "postgresql://u:secret@h/d"), "password in the address"),
        (("a.csv", "--password-file", "x"), "goes with --sql"),
        (("none-*.csv",), "No file fits"),
    ],
)
def test_words_that_do_not_go_together(node: Node, words: tuple[str, ...], says: str) -> None:
    ended = node("import", *words)
    assert ended.status == 2
    assert says in ended.err
    assert "secret" not in ended.err
