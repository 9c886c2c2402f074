"""`make check` fails where a message on the wire is no longer the one that nodes of before send and understand."""

import re
from pathlib import Path

import pytest

from tests.tools.trees import Tree, copied

RELEASE = "protos/kudos/v1/release.proto"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A repository whose only commit is its own baseline."""
    tree = copied(tmp_path_factory.mktemp("wire") / "tree", "protos", "buf.yaml", "pyproject.toml")
    name_baseline(tree, tree.commit())
    return tree


@pytest.fixture
def tree(original: Tree) -> Tree:
    """The same, with its messages as they were."""
    original.git("checkout", "--quiet", "--", "protos")
    return original


def name_baseline(tree: Tree, commit: str) -> None:
    file = tree.path / "pyproject.toml"
    text, found = re.subn(
        r'^wire_baseline = ".*"$', f'wire_baseline = "{commit}"', file.read_text(), flags=re.MULTILINE
    )
    assert found == 1
    file.write_text(text, encoding="utf-8")


def test_the_same_messages_and_new_fields_are_compatible(tree: Tree) -> None:
    tree.passes("wire")
    tree.edit(RELEASE, "string window_last = 8;", "string window_last = 8;\n  string more = 100;")
    tree.passes("wire")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  string window_last = 8;\n", ""),
        ("string window_last = 8;", "string window_last = 100;"),
        ("string window_last = 8;", "string last_day = 8;"),
        ("string window_last = 8;", "bytes window_last = 8;"),
        ("repeated sfixed64 cells = 9;", "repeated sint64 cells = 9;"),
        ("repeated sfixed64 cells = 9;", "sfixed64 cells = 9;"),
        ("fixed64 entry = 2;", "uint64 entry = 2;"),
        ("message Release {", "message Publication {"),
        ("package kudos.v1;", "package kudos.v2;"),
    ],
)
def test_a_breaking_change_is_found(tree: Tree, old: str, new: str) -> None:
    tree.edit(RELEASE, old, new)
    assert "no longer be understood" in tree.fails("wire")


def test_a_message_that_is_gone_is_found(tree: Tree) -> None:
    (tree.path / "protos" / "kudos" / "v1" / "envelope.proto").unlink()
    assert "no longer be understood" in tree.fails("wire")


def test_a_baseline_that_is_not_in_the_clone_is_no_silent_success(tmp_path: Path) -> None:
    tree = copied(tmp_path / "tree", "protos", "buf.yaml", "pyproject.toml")
    tree.commit()
    name_baseline(tree, "0" * 40)
    assert "not in this clone" in tree.fails("wire")
