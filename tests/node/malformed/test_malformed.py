"""Malformed files, made from a seed: each is imported right or refused with a reason; the store is never between.

A share of them is tried here each time, all 500 with `pytest --all-malformed` (some minutes). A file that takes longer
than `LIMIT_S` ends the process with its place.
"""

import faulthandler
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.ingest.run import Report
from node.store import undo
from node.store.database import locked
from tests.node.controller.house import everything
from tests.node.ingest.house import asked, csv, import_, new_home
from tests.node.malformed import jsons, sheets, texts
from tests.node.malformed.base import HEADER, ROWS, Becomes, Malformed, plain, text

FILES = 500
SHARE = 16
BOMBS = 4
LIMIT_S = 120.0
Store = tuple[dict[str, list[tuple[Any, ...]]], bytes]
"""Every row of the store, and its file: where no byte of that has changed, the rows need no look."""

FAMILIES = (*texts.FAMILIES, *jsons.FAMILIES, *sheets.FAMILIES)


def made(number: int) -> Malformed:
    """The file of a number: the same each time."""
    draw = Random(number)
    if number < BOMBS:
        return sheets.bomb(draw)
    return FAMILIES[number % len(FAMILIES)](draw)


def numbers(config: pytest.Config) -> list[int]:
    """All of them, or a share in which every family has its turn from day to day, and never a bomb."""
    if config.getoption("--all-malformed"):
        return list(range(FILES))
    step = (FILES - BOMBS) // SHARE
    return [BOMBS + place * step for place in range(SHARE)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", numbers(metafunc.config))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("malformed")
    home = new_home(folder / "home")
    import_(home, csv(folder, "before.csv", text([HEADER, *([f"B{row[0]}", *row[1:]] for row in ROWS[:5])])))
    return home


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    faulthandler.dump_traceback_later(LIMIT_S, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def lines_of(home: Home) -> list[tuple[object, ...]]:
    """The sales of the malformed file, by what they are."""
    return asked(
        home,
        "SELECT order_id, line_id, ordered_at, event_id, ticket_type, quantity, amount_ore, state, customer_key "
        "FROM order_lines WHERE order_id LIKE 'M%' ORDER BY ALL",
    )


@pytest.fixture(scope="module")
def wanted(home: Home, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    import_(home, csv(tmp_path_factory.mktemp("plain"), "plain.csv", plain()))
    found = lines_of(home)
    with locked(home):
        undo.undo(home)
    assert len(found) == len(ROWS)
    return found


@pytest.fixture(scope="module")
def before(home: Home, wanted: list[tuple[object, ...]]) -> Store:
    return everything(home), home.store_file.read_bytes()


def assert_as_before(home: Home, before: Store) -> None:
    rows, content = before
    assert home.store_file.read_bytes() == content or everything(home) == rows


def imported(home: Home, path: Path) -> Report | str:
    """What an import brought, or why it was refused; nothing else may happen."""
    try:
        return import_(home, path)
    except ImportRefused as refused:
        return str(refused)


def test_it_is_imported_right_or_refused(
    home: Home, wanted: list[tuple[object, ...]], before: Store, tmp_path: Path, number: int
) -> None:
    file = made(number)
    report = imported(home, csv(tmp_path, file.name, file.content))
    if isinstance(report, str):
        assert file.becomes is not Becomes.SAME, report
        assert report.startswith(file.name)
        assert len(report) > len(file.name) + 30
        assert_as_before(home, before)
        return
    assert file.becomes is not Becomes.REFUSED, report
    if file.becomes is Becomes.SAME:
        assert lines_of(home) == wanted
    item = report.files[0]
    assert item.lines_new + item.lines_updated + item.skipped + item.rejected + item.lines_unchanged == item.rows
    with locked(home):
        undo.undo(home)
    assert_as_before(home, before)


def test_the_share_has_files_that_are_imported_and_files_that_are_refused(request: pytest.FixtureRequest) -> None:
    becomes = {made(number).becomes for number in numbers(request.config)}
    assert becomes == set(Becomes)
