"""Private files are their owner's alone, and whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from privacy.files import NotWritten, write_private


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
    with pytest.raises(NotWritten, match="cannot be written"):
        write_private(folder, b"second")
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


WRITER = """
import resource, sys
import subprocess
import sys
from pathlib import Path
from privacy.files import NotWritten, write_private

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_private(Path(sys.argv[1]), b"x" * 2000)
except NotWritten as error:
    print(error)
"""


def test_where_there_is_no_room_it_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the same call fails at the same place."""
    file = tmp_path / "key"
    write_private(file, b"first")
    ended = subprocess.run([sys.executable, "-c", WRITER, str(file)], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith(f"{file} cannot be written: ")
    assert "Make room there" in ended.stdout
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == b"first"
