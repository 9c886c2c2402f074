"""What a command is told to write is never written over the node's own files, nor over what was read."""

from pathlib import Path

import pytest

from tests.node.cli.run import SALES, Node, initialised, sales_file

BAD_ROW = "A7,1,no day at all,E2,Ordinær,1,400.00,web,paid,eva@example.no,9008\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node with a release that is paid for."""
    node = initialised(tmp_path_factory.mktemp("targets") / "home")
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31")
    return node


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node that has imported nothing."""
    return initialised(tmp_path_factory.mktemp("fresh") / "home")


def files(home: Path) -> dict[str, bytes]:
    """Everything in a node's folder but its log, which has a line of every command."""
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in home.rglob("*")
        if file.is_file() and file.parent.name != "logs" and file.name != "store.lock"
    }


INSIDE = ["policy.toml", "ledger.sqlite", "new/folder/x.kudos", "../home/settings.toml"]


@pytest.mark.parametrize("name", INSIDE)
def test_a_release_is_not_written_into_the_node(released: Node, name: str) -> None:
    before = files(released.home)
    ended = released("release", "benchmark", "--as-of", "2025-12-31", "--to-file", released.home / name, "--json")
    assert ended.status == 2
    assert ended.json["error"]["reason"] == "USAGE"
    assert "Name another one" in ended.err
    assert files(released.home) == before


def test_nor_by_a_relative_name_or_through_a_link(released: Node, tmp_path: Path) -> None:
    before = files(released.home)
    (tmp_path / "link").symlink_to(released.home)
    (tmp_path / "ledger.kudos").symlink_to(released.home / "ledger.sqlite")
    command = ("release", "benchmark", "--as-of", "2025-12-31", "--to-file")
    assert released(*command, "policy.toml", cwd=released.home).status == 2
    assert released(*command, cwd=released.home).status == 2, "the name that is made up where none is given"
    assert released(*command, tmp_path / "link" / "policy.toml").status == 2
    assert released(*command, tmp_path / "ledger.kudos").status == 2
    assert files(released.home) == before


def test_beside_the_node_it_is_written(released: Node) -> None:
    """A name that only begins like the folder's is not in it."""
    target = released.home.with_name("home.kudos")
    released.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", target)
    assert target.stat().st_size > 0


@pytest.mark.parametrize("name", INSIDE)
def test_rejects_are_not_written_into_the_node(fresh: Node, tmp_path: Path, name: str) -> None:
    file = sales_file(tmp_path, SALES + BAD_ROW)
    before = files(fresh.home)
    ended = fresh("import", file, "--max-rejects", "50%", "--reject-file", fresh.home / name, "--json")
    assert ended.status == 2
    assert ended.json["error"]["reason"] == "USAGE"
    assert files(fresh.home) == before, "and nothing was imported"


def test_rejects_are_not_written_over_what_is_read(fresh: Node, tmp_path: Path) -> None:
    file = sales_file(tmp_path, SALES + BAD_ROW)
    (tmp_path / "link.csv").symlink_to(file)
    content, before = file.read_bytes(), files(fresh.home)
    for target in (file, tmp_path / "link.csv", tmp_path / ".." / tmp_path.name / "sales.csv"):
        ended = fresh("import", file, "--max-rejects", "50%", "--reject-file", target)
        assert ended.status == 2
        assert "Name another one" in ended.err
    assert file.read_bytes() == content
    assert files(fresh.home) == before


def test_rejects_are_written_elsewhere(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    target = tmp_path / "not-read.csv"
    file = sales_file(tmp_path, SALES + BAD_ROW)
    node.good("import", file, "--max-rejects", "50%", "--reject-file", target)
    assert "no day at all" not in target.read_text(encoding="utf-8")
    assert len(target.read_text(encoding="utf-8").splitlines()) == 2
