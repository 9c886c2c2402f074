"""What the doctor says of the store: how many order lines it has, legibly, and when the last import was."""

from pathlib import Path

import pytest

from node.doctor import Finding, examine
from node.home import Home
from node.store.database import opened
from node.store.holdings import Holdings, holdings
from tests.node.cli.run import sales_file
from tests.node.ingest.house import import_ as imported
from tests.node.ingest.house import new_home

MANY = """
    INSERT INTO order_lines (source, order_id, line_id, summary, ordered_at, ordered_on, ticket_category, quantity,
                             amount_ore, channel, state, order_rank, line_rank)
    SELECT 's', range::VARCHAR, '1', false, '2025-03-01', '2025-03-01', 0, 1, 100, 0, 0, range, range
    FROM range(?)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def of_the_store(home: Home) -> Finding:
    (found,) = [finding for finding in examine(home) if finding.what == "store"]
    return found


def test_an_empty_store_is_a_warning_that_says_what_to_do(home: Home) -> None:
    found = of_the_store(home)
    assert (found.status, found.says) == ("warning", "empty")
    assert "kudos-node import" in found.do


def test_lines_and_last_import_are_those_of_the_store(home: Home, tmp_path: Path) -> None:
    imported(home, sales_file(tmp_path))
    with opened(home) as connection:
        held = holdings(connection)
        ((last,),) = connection.execute("SELECT max(imported_at) FROM imports").fetchall()
    assert held == Holdings(7, last)
    assert of_the_store(home).says == f"7 order lines, last import {last:%Y-%m-%d %H:%M} UTC"


@pytest.mark.parametrize(("more", "shown"), [(993, "1 000 order lines"), (1_234_560, "1 234 567 order lines")])
def test_a_large_number_of_lines_is_written_in_thousands(home: Home, tmp_path: Path, more: int, shown: str) -> None:
    imported(home, sales_file(tmp_path))
    with opened(home) as connection:
        connection.execute(MANY, [more])
    found = of_the_store(home)
    assert found.status == "good"
    assert found.says.startswith(f"{shown}, last import 20")
