"""A program finds its command, and every failure ends as a sentence and an exit status."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from privacy.terminal.program import Ended
from tests.privacy.terminal.program import VARIABLE, cli, run

ROOT = Path(__file__).parents[3]


def test_a_command_is_loaded_when_it_is_called_and_never_another_one() -> None:
    assert isinstance(cli, click.Group)
    assert cli.list_commands(click.Context(cli)) == ["work", "absent"]
    ended, out, err = run("work", "--home", "/some where")
    assert (ended, err) == (Ended(0), "")
    assert out == "[b]/some where[/b] None\n"


def test_help_and_version_are_said() -> None:
    assert run("work", "-h")[1].startswith("Usage: kudos-test work [OPTIONS] [WORD]")
    assert run("--version")[1].startswith("kudos ")


@pytest.mark.parametrize(
    ("word", "ended", "sentence"),
    [
        ("refused", Ended(3, "NOT_NOW"), "Not now. Look at it: kudos-test --home h work --day 2026-01-01"),
        ("stopped", Ended(1, "STOPPED"), "Stopped. Nothing was half done."),
    ],
)
def test_a_refusal_is_a_sentence_and_for_programs_its_reason_too(word: str, ended: Ended, sentence: str) -> None:
    shown, out, err = run("--home", "h", "work", word)
    assert (shown, out, err.lstrip("\n")) == (ended, "", f"{sentence}\n")  # click begins a new line after ^C
    status, out, err = run("--home", "h", "work", word, "--json")
    assert status == ended
    assert err.strip() == sentence
    assert json.loads(out) == {"error": {"reason": ended.reason, "message": sentence}}


def test_a_defect_says_where_and_never_what_the_error_quotes() -> None:
    ended, out, err = run("work", "defect", "--json")
    assert (ended.status, ended.reason.split(":")[0]) == (1, "DEFECT RuntimeError at program.py")
    assert json.loads(out)["error"]["reason"] == "DEFECT"
    assert "RuntimeError at program.py:" in err
    assert "kari" not in out + err


@pytest.mark.parametrize("words", [("nonsense",), ("work", "--nonsense"), ("work", "--day", "31.12.2025")])
def test_wrong_usage_has_status_2_and_one_json_object(words: tuple[str, ...]) -> None:
    ended, out, err = run(*words, "--json")
    assert ended == Ended(2, "USAGE")
    assert json.loads(out)["error"]["reason"] == "USAGE"
    assert "Usage: kudos-test" in err


def test_a_commands_own_exit_status_is_kept() -> None:
    assert run("work", "status")[0] == Ended(7)


def test_the_folder_on_the_command_line_goes_before_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/of the environment")
    assert json.loads(run("work", "--json", "--day", "2025-12-31")[1]) == {
        "home": "/of the environment",
        "day": "2025-12-31",
    }
    assert json.loads(run("--home", "/named", "work", "--json")[1])["home"] == "/named"
    assert json.loads(run("work", "--json", "--home", "/named")[1])["home"] == "/named"
    assert "kudos-test work" in run("work", "refused")[2]  # who has the variable need not type the folder


def test_the_last_folder_named_is_taken_and_a_relative_one_is_made_absolute() -> None:
    named = json.loads(run("--home", "/first", "work", "--home", "second", "--json")[1])["home"]
    assert named == str(Path("second").absolute())


@pytest.mark.parametrize("words", [["work"], ["work", "--json"]])
def test_a_reader_that_goes_away_ends_the_program_without_a_word(words: list[str]) -> None:
    script = (
        "import os, sys; from tests.privacy.terminal.program import cli, voice; "
        f"from privacy.terminal.program import run; sys.argv = ['x', *{words}]; reader, writer = os.pipe(); "
        "os.close(reader); os.dup2(writer, 1); run(cli, voice)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_what_speaks_loads_no_tables_before_one_is_printed() -> None:
    script = "import sys, tests.privacy.terminal.program; assert not {'rich', 'pydantic', 'numpy'} & sys.modules.keys()"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
