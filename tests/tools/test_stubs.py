"""`make check` fails where the committed stubs are not what the .proto files say."""

from pathlib import Path

import pytest

from tests.tools.trees import Tree, copied

STUBS = "protos/kudos/v1"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return copied(tmp_path / "tree", "protos")


def test_the_committed_stubs_are_up_to_date(tree: Tree) -> None:
    tree.passes("stubs", "--check")


def test_a_message_that_changed_without_its_stubs(tree: Tree) -> None:
    tree.edit(f"{STUBS}/release.proto", "string window_last = 8;", "string window_last = 8;\n  string more = 100;")
    said = tree.fails("stubs", "--check")
    assert "release_pb2.py" in said
    assert "release_pb2.pyi" in said
    assert "envelope_pb2" not in said
    assert "make stubs" in said


@pytest.mark.parametrize("name", ["release_pb2.py", "envelope_pb2.pyi"])
def test_a_stub_that_was_edited_by_hand(tree: Tree, name: str) -> None:
    file = tree.path / STUBS / name
    file.write_text(file.read_text(encoding="utf-8") + "\n# by hand\n", encoding="utf-8")
    assert f"{STUBS}/{name}." in tree.fails("stubs", "--check")


def test_a_stub_that_is_missing_and_one_that_nothing_makes(tree: Tree) -> None:
    (tree.path / STUBS / "release_pb2.pyi").unlink()
    (tree.path / STUBS / "gone_pb2.py").write_text("", encoding="utf-8")
    said = tree.fails("stubs", "--check")
    assert f"{STUBS}/gone_pb2.py, {STUBS}/release_pb2.pyi." in said


def test_a_proto_that_does_not_parse(tree: Tree) -> None:
    tree.edit(f"{STUBS}/release.proto", "string window_last = 8;", "string window_last = ;")
    assert "protoc failed" in tree.fails("stubs", "--check")


def test_making_them_anew_mends_it(tree: Tree) -> None:
    tree.edit(f"{STUBS}/release.proto", "string window_last = 8;", "string window_last = 8;\n  string more = 100;")
    tree.passes("stubs")
    tree.passes("stubs", "--check")
    assert "more" in (tree.path / STUBS / "release_pb2.pyi").read_text(encoding="utf-8")
