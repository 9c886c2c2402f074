"""Own figures are computed once per import: a warm page needs no store, and an import under way stops nobody."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.node.cli.run import Node, initialised, sales_file
from tests.node.dashboard.house import Dashboard, dashboard

STALE = "En import pågår"


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node whose dashboard was open once."""
    folder = tmp_path_factory.mktemp("own")
    made = initialised(folder / "home")
    made.good("import", sales_file(folder))
    with dashboard(made.home):
        return made.home


@pytest.fixture
def node(warm: Path, tmp_path: Path) -> Node:
    shutil.copytree(warm, tmp_path / "home")
    return Node(tmp_path / "home")


@pytest.fixture
def served(node: Node) -> Iterator[Dashboard]:
    with dashboard(node.home) as found:
        yield found


def ask(served: Dashboard, cookie: str, path: str = "/") -> tuple[int, str]:
    answer = served.ask(path, cookie=cookie, accept_language="nb")
    return answer.status, answer.text


def test_a_warm_page_does_not_open_the_store(node: Node, served: Dashboard) -> None:
    """However many lines are in it: another command has it for itself meanwhile."""
    cookie = served.cookie()
    with FileLock(node.home / "store.lock"):
        status, page = ask(served, cookie)
    assert status == 200
    assert STALE not in page
    assert "tile" in page


def test_while_an_import_works_the_figures_before_it_are_shown_and_said_to_be(node: Node, served: Dashboard) -> None:
    cookie = served.cookie()
    with FileLock(node.home / "store.lock"):
        os.utime(node.home / "store.duckdb")  # it has begun to write
        status, page = ask(served, cookie)
        assert status == 200
        assert STALE in page
    assert STALE not in ask(served, cookie)[1]


def test_what_was_never_computed_waits_with_a_sentence(node: Node, served: Dashboard) -> None:
    cookie = served.cookie()
    for file in (node.home / "dashboard" / "figures").glob("*.json"):
        file.unlink()
    with FileLock(node.home / "store.lock"):
        status, page = ask(served, cookie)
    assert status == 503
    assert "kudos-node" in page
    assert ask(served, cookie)[0] == 200


def test_what_is_kept_is_the_owners_alone_and_damage_heals(node: Node, served: Dashboard) -> None:
    cookie, folder = served.cookie(), node.home / "dashboard" / "figures"
    whole = ask(served, cookie, "/table/money/figures.csv")
    files = list(folder.glob("*.json"))
    assert files
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        file.write_text("{")
    assert ask(served, cookie, "/table/money/figures.csv") == whole


def test_an_import_makes_what_was_kept_stale(node: Node, served: Dashboard, tmp_path: Path) -> None:
    cookie = served.cookie()
    before = ask(served, cookie, "/table/money/figures.csv")
    more = tmp_path / "more.csv"
    head = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode\n"
    more.write_text(head + "B1,1,2025-05-02T18:00:00+02:00,E1,Ordinær,1,99999.00,web,paid,new@x.no,5003\n")
    assert node("import", more).status == 0
    assert ask(served, cookie, "/table/money/figures.csv") != before
    kept = {file.name.split(".")[1] for file in (node.home / "dashboard" / "figures").glob("*.json")}
    assert len(kept) == 1


def test_who_is_forgotten_is_gone_from_the_pages_and_from_what_is_kept(node: Node, served: Dashboard) -> None:
    """No import came, and the figures are others all the same."""
    cookie, folder = served.cookie(), node.home / "dashboard" / "figures"
    before = ask(served, cookie, "/table/money/figures.csv")
    old = {file.name for file in folder.glob("*.json")}
    requests = node.home.parent / "requests.txt"
    requests.write_text("kari@example.no\n", encoding="utf-8")
    assert "1" in node.good("forget", "--file", requests, "--yes").out
    assert ask(served, cookie, "/table/money/figures.csv") != before
    assert old
    assert old & {file.name for file in folder.glob("*.json")} == set()


def test_lines_of_a_file_that_comes_again_are_no_new_ones(node: Node, served: Dashboard) -> None:
    again = node.home.parent / "again.csv"
    again.write_bytes(sales_file(node.home.parent).read_bytes() + b"\n")
    node.good("import", again)
    head, first, second = ask(served, served.cookie(), "/table/quality/imports.csv")[1].split("\r\n")[:3]
    assert head.rsplit(",", 4)[1:3] == ["Nye linjer", "Linjer kjent fra før"]
    number = int(first.rsplit(",", 4)[1])
    assert number > 0
    assert [row.rsplit(",", 4)[1:3] for row in (first, second)] == [[str(number), "0"], ["0", str(number)]]


def test_the_figures_are_those_of_the_command_line(node: Node, served: Dashboard) -> None:
    said = node.good("kpi", "--json").json
    rows = [row.split(",") for row in ask(served, served.cookie(), "/table/money/figures.csv")[1].split("\r\n")[1:-1]]
    own = {row[0]: float(row[1]) for row in rows if row[1] not in ("", "–")}
    assert own["Omsetning"] == said["revenue_ore"]
    assert own["Bestillinger"] == said["orders"]
    assert own["Omsetning per kunde"] == pytest.approx(said["revenue_per_customer_ore"])


def test_a_defect_is_told_by_its_place_and_nothing_of_the_data(node: Node, served: Dashboard) -> None:
    cookie = served.cookie()
    for file in (node.home / "dashboard" / "figures").glob("*.json"):
        file.write_text('{"secret-of-kari": 1}')
    status, page = ask(served, cookie, "/money")
    assert status == 500
    assert "secret-of-kari" not in page
    assert ".py:" in page
