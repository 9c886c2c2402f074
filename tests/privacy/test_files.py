"""Private files are their owner's alone, and whole."""

from pathlib import Path

import pytest

from privacy.files import write_private


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "key"
    write_private(file, b"first")
    file.chmod(0o644)
    write_private(file, b"second")
    assert file.read_bytes() == b"second"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    folder.mkdir()
    (folder / "inside").write_bytes(b"x")
    with pytest.raises(OSError):
        write_private(folder, b"second")
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
