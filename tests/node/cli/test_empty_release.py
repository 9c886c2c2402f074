"""A release of an empty window is made like any other; whoever asks for it by hand is told, here and nowhere else."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.node.cli.run import PROGRAM, Node, initialised, on_terminal, sales_file

RELEASE = ("release", "benchmark", "--as-of", "2025-12-31")
EMPTY = "There are no sales in this window: a release would spend ρ 0.029982 of your budget on noise alone."


@pytest.fixture
def empty(tmp_path: Path) -> Node:
    node = initialised(tmp_path / "empty")
    node.good("policy", "allow", "benchmark")
    return node


@pytest.fixture
def full(tmp_path: Path) -> Node:
    node = initialised(tmp_path / "full")
    node.good("import", sales_file(tmp_path))
    node.good("policy", "allow", "benchmark")
    return node


def booked(node: Node) -> int:
    return len(node.good("outbox", "list", "--json").json)


def test_yes_is_warned_on_standard_error_and_released_all_the_same(empty: Node, full: Node) -> None:
    ended = empty(*RELEASE, "--yes")
    assert ended.status == 0
    assert ended.err.startswith(EMPTY)
    assert "Import first" in ended.err
    said = full.good(*RELEASE, "--yes").out  # `good` complains of nothing
    assert ended.out.replace(str(empty.home), "") == said.replace(str(full.home), "")
    assert booked(empty) == booked(full) == 1


def test_a_study_of_quantiles_alone_is_warned_of_only_where_nobody_bought(empty: Node, full: Node) -> None:
    """It has no cells, and so none that is not 0."""
    bounds_year = ("release", "bounds-year", "--as-of", "2025-12-31", "--yes")
    for node in (empty, full):
        node.good("policy", "allow", "bounds-year")
    full.good(*bounds_year)  # `good` complains of nothing
    ended = empty(*bounds_year)
    assert ended.status == 0
    assert ended.err.startswith("There are no sales to known customers in this window: a release would spend ρ 0.006")
    assert "Import first" in ended.err
    assert booked(empty) == booked(full) == 1


def test_json_stays_json(empty: Node) -> None:
    ended = empty(*RELEASE, "--yes", "--json")
    assert (ended.status, ended.json["already"]) == (0, False)
    assert EMPTY in ended.err


def test_a_script_that_says_nothing_is_told_nothing(empty: Node) -> None:
    empty.good(*RELEASE)
    assert booked(empty) == 1


def test_on_a_terminal_the_warning_comes_before_the_question(empty: Node) -> None:
    asked = on_terminal(empty, *RELEASE, answer="n", columns=200)
    assert asked.status == 1
    assert asked.out.index("There are no sales") < asked.out.index("[y/N]")
    assert asked.out.count("There are no sales") == 1
    assert booked(empty) == 0
    assert on_terminal(empty, *RELEASE, answer="y", columns=200).status == 0
    assert booked(empty) == 1


def test_what_is_paid_for_is_not_warned_of_again(empty: Node) -> None:
    empty(*RELEASE, "--yes")
    assert empty(*RELEASE, "--yes").err == ""


def test_a_warning_that_nobody_can_read_stops_no_release(empty: Node) -> None:
    """Else the data would decide whether there is one."""
    read, write = os.pipe()
    os.close(read)
    words = [str(PROGRAM), "--home", str(empty.home), *RELEASE, "--yes"]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=write, text=True, timeout=120)
    os.close(write)
    assert "Booked as entry" in ended.stdout
    assert booked(empty) == 1
