"""`make check` fails where the documentation shows other commands than the program has."""

import shutil
from pathlib import Path

import click
import pytest

from coordinator.cli.main import cli as coordinator
from node.cli.main import cli
from tests.tools.trees import Tree, copied
from tools import fields
from tools.readme import fault, shown_commands

COMMANDS = "docs/commands.md"
README = "# Kudos\n\nType `kudos-node kpi --as-of 2025-12-31`.\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """commands.md as the program makes it."""
    tree = copied(tmp_path_factory.mktemp("readme") / "tree")
    (tree.path / "docs").mkdir()
    _with_the_standard(tree)
    tree.passes("readme")
    return (tree.path / COMMANDS).read_text(encoding="utf-8")


@pytest.fixture
def tree(written: str, tmp_path: Path) -> Tree:
    """A tree whose documentation is right."""
    tree = copied(tmp_path / "tree")
    (tree.path / "docs" / "guides").mkdir(parents=True)
    _with_the_standard(tree)
    (tree.path / COMMANDS).write_text(written, encoding="utf-8")
    (tree.path / "README.md").write_text(README, encoding="utf-8")
    return tree


def _with_the_standard(tree: Tree) -> None:
    """The pages whose tables of fields are made as well."""
    for name in fields.PAGES:
        shutil.copy2(fields.DOCS / name, tree.path / "docs" / name)


def test_what_the_program_wrote_is_right(tree: Tree, written: str) -> None:
    tree.passes("readme", "--check")
    assert "## kudos-node release\n" in written
    assert "## kudos-node outbox show\n" in written
    assert "## kudos-coordinator round publish\n" in written
    assert "--to-file" in written


@pytest.mark.parametrize(
    ("old", "new"), [("--to-file", "--into-file"), ("## kudos-node kpi\n", "## kudos-node figures\n")]
)
def test_a_help_text_that_differs_is_found(tree: Tree, written: str, old: str, new: str) -> None:
    assert old in written
    (tree.path / COMMANDS).write_text(written.replace(old, new), encoding="utf-8")
    assert "make readme" in tree.fails("readme", "--check")


def test_a_missing_page_is_found_and_made(tree: Tree, written: str) -> None:
    (tree.path / COMMANDS).unlink()
    assert "make readme" in tree.fails("readme", "--check")
    tree.passes("readme")
    assert (tree.path / COMMANDS).read_text(encoding="utf-8") == written


@pytest.mark.parametrize("page", ["README.md", "docs/guides/first.md"])
@pytest.mark.parametrize(
    ("shown", "says"),
    [
        ("kudos-node frobnicate", "no command 'frobnicate'"),
        ("kudos-node kpi --since 2025", "no option '--since'"),
        ("kudos-coordinator round reopen x", "no command 'reopen'"),
        ("kudos-coordinator init \\\n    --trust-domian npu.example", "no option '--trust-domian'"),
    ],
)
def test_a_command_that_is_not_there_is_found_on_every_page(tree: Tree, page: str, shown: str, says: str) -> None:
    (tree.path / page).write_text(f"```sh\n{shown}\n```\n", encoding="utf-8")
    said = tree.fails("readme", "--check")
    assert says in said
    assert Path(page).name in said


def test_commands_are_read_from_code_alone() -> None:
    block = "```sh\n$ kudos-node --home x import FILE…   # why\nkudos-node budget\n```\n"
    text = f"Say kudos-node nonsense. `kudos-node kpi`\n{block}"
    assert sorted(shown_commands(text)) == [["--home", "x", "import"], ["budget"], ["kpi"]]
    assert shown_commands(text, "kudos-coordinator") == []


def test_a_command_goes_on_after_a_backslash_and_a_quotation_is_one_word() -> None:
    text = '```sh\nkudos-coordinator --home "a b" member invite \\\n    --name "Museum Vestfjord"\n```'
    shown = [["--home", "a b", "member", "invite", "--name", "Museum Vestfjord"]]
    assert shown_commands(text, "kudos-coordinator") == shown
    assert fault(coordinator, shown[0]) is None


@pytest.mark.parametrize(
    "words",
    [
        ["kpi"],
        ["kpi", "--help"],
        ["--home", "x", "release", "benchmark", "--to-file", "x.kudos", "--yes"],
        ["outbox", "show", "3", "--json"],
        ["release", "benchmark", "--to-file=x.kudos"],
        ["--home=x", "kpi"],
        ["--version"],
        ["kpi", "-h"],
        ["identity", "--home", "x", "status"],
        ["policy"],
    ],
)
def test_a_command_that_is_there_has_no_fault(words: list[str]) -> None:
    assert fault(cli, words) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nonsense"], "no command 'nonsense'"),
        (["outbox", "nonsense"], "no command 'nonsense'"),
        (["outbox", "show", "3", "--nonsense"], "no option '--nonsense'"),
        (["--home", "x", "kpi", "--nonsense"], "no option '--nonsense'"),
        (["release", "benchmark", "--nonsense=x"], "no option '--nonsense'"),
        (["--nonsense", "kpi"], "no option '--nonsense'"),
        (["outbox", "--nonsense"], "no option '--nonsense'"),
        (["outbox", "--nonsense", "list"], "no option '--nonsense'"),
        (["check-in"], "no command 'check-in'"),
        (["outbox", "show-all"], "no command 'show-all'"),
    ],
)
def test_a_command_that_is_not_there_has_one(words: list[str], says: str) -> None:
    assert isinstance(cli, click.Group)
    assert fault(cli, words) == says


@pytest.mark.parametrize("page", list(fields.PAGES))
def test_a_table_of_fields_that_differs_is_found(tree: Tree, page: str) -> None:
    tree.edit(f"docs/{page}", "| `order_id` * |", "| `order_number` * |")
    assert page in tree.fails("readme", "--check")
