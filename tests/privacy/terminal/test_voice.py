"""What is printed: whole where it is copied, folded where it is read, and never where JSON was asked for."""

import json
from dataclasses import replace

import pytest

from tests.privacy.terminal import program
from tests.privacy.terminal.program import typed, voice

LONG = "One sentence after the other goes on until no terminal is wide enough for all of it at once. " * 2


def test_a_line_is_whole_without_a_terminal_and_folded_between_words_on_a_narrow_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with typed() as said:
        voice.say(f"  {LONG.strip()}")
    assert said.out.getvalue() == f"  {LONG.strip()}\n"
    monkeypatch.setenv("COLUMNS", "40")
    with typed(terminal=True) as said:
        voice.say(f"  {LONG.strip()}")
    lines = said.out.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert all(line.startswith("  ") for line in lines)
    assert " ".join(line.strip() for line in lines) == LONG.strip()


def test_what_is_to_be_copied_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with typed(terminal=True) as said:
        voice.say(f"{LONG}kudos-test work")
        replace(voice, folds=False).say(LONG)
    assert said.out.getvalue() == f"{LONG}kudos-test work\n{LONG}\n"


def test_prose_is_folded_where_there_is_no_terminal_too() -> None:
    with typed() as said:
        voice.prose(LONG)
    lines = said.out.getvalue().splitlines()
    assert max(map(len, lines)) <= 100
    assert " ".join(lines) == LONG.strip()


def test_a_command_is_typed_on_the_folder_that_was_named() -> None:
    with typed():
        assert voice.typed("kudos-test work; kudos-test-data, kudos-test nonsense") == (
            "kudos-test work; kudos-test-data, kudos-test nonsense"
        )
        program.state.home_option = r" --home 'C:\1 \bin'"
        assert voice.typed("kudos-test work, kudos-test workers") == (
            r"kudos-test --home 'C:\1 \bin' work, kudos-test workers"
        )


def test_where_json_was_asked_for_nothing_is_said_to_people() -> None:
    with typed() as said:
        program.state.as_json = True
        voice.say("a line")
        voice.prose("sentences")
        voice.complain("a complaint")
        voice.emit({"ø": 1})
    assert (said.out.getvalue(), said.err.getvalue()) == ('{\n  "ø": 1\n}\n', "a complaint\n")


def test_a_table_has_its_columns_aligned_and_shows_brackets_and_no_control_characters() -> None:
    with typed() as said:
        voice.table(["name", "number>"], [("[red]a\x1b[2J", "1"), ("b", "1 000")], title="Title")
    assert [line.rstrip() for line in said.out.getvalue().splitlines()] == [
        "Title",
        "name        number",
        "[red]a�[2J       1",
        "b            1 000",
    ]


@pytest.mark.parametrize("name", ["x\\[/]y", "[/]", "\\[bold]", "ends in \\", "[[bold]]", ":smile:", "\\\\[b]c[/b]"])
def test_a_table_shows_any_name_as_it_is(name: str) -> None:
    """Names are free text, and what a library takes for markup or for a picture is none."""
    with typed() as said:
        voice.table(["name", "number>"], [(name, "1")], title=name)
    title, _, row = [line.rstrip() for line in said.out.getvalue().splitlines()]
    assert title == name
    assert row.split("  ")[0] == name


def test_a_sentence_has_neither_control_characters_nor_markup() -> None:
    with typed() as said:
        voice.say("[red]a\x1b[2J")
        voice.complain("\x07b")
    assert (said.out.getvalue(), said.err.getvalue()) == ("[red]a�[2J\n", "�b\n")


def test_what_would_steer_a_terminal_is_escaped_in_json_and_read_as_it_was() -> None:
    steering = "Ærlig \x1b[31m \x7f \x85 \x9b31m \u2028 \u202e \ud800 \U000e0001 \U0001f3ad\n"
    with typed() as said:
        voice.emit({"name": steering, "list": [1, "å"]})
    text = said.out.getvalue()
    assert json.loads(text) == {"name": steering, "list": [1, "å"]}
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert "Ærlig" in text
    assert "\\u009b31m" in text
    assert "\U0001f3ad" in text
