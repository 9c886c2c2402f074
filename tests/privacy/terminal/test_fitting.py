"""Tables that fit the line: columns are left out, and said to be, before any figure is broken in two."""

import io
from contextlib import redirect_stdout
from dataclasses import replace

from tests.privacy.terminal.program import voice

COLUMNS = ["measure", "value>", "error>", "note"]
ROWS = [
    ("revenue", "108 583 803 kr", "532 973 kr", ""),
    ("orders per customer", "1.718", "0.0058", "withheld: from it a withheld figure could be worked out"),
]


def said(wide: int, *, spare: tuple[str, ...] = ("error>",)) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        replace(voice, wide=wide).fitting_table(COLUMNS, ROWS, spare=spare, folded="note")
    return out.getvalue()


def test_where_there_is_room_nothing_is_left_out() -> None:
    shown = said(100)
    assert "532 973 kr" in shown
    assert "left out" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_where_there_is_little_a_column_is_and_this_is_said() -> None:
    shown = said(65)
    assert "532 973 kr" not in shown
    assert "108 583 803 kr" in shown
    assert "left out, for this is too narrow: error. All of it: --json" in shown
    assert max(len(line) for line in shown.splitlines() if "left out" not in line) <= 65


def test_sentences_are_broken_and_figures_are_not() -> None:
    shown = said(75, spare=())
    assert "108 583 803 kr" in shown
    assert all(len(line) <= 75 for line in shown.splitlines())
    words = [word for line in shown.splitlines() for word in line.split()]
    assert {"withheld:", "figure", "could", "worked"} <= set(words)


def test_no_table_of_these_is_wider_than_a_hundred_without_a_terminal() -> None:
    wide = [("revenue", "1", "2", "word " * 60)]
    out = io.StringIO()
    with redirect_stdout(out):
        replace(voice, wide=160).fitting_table(COLUMNS, wide, spare=(), folded="note")
    assert max(map(len, out.getvalue().splitlines())) <= 100
