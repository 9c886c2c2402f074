"""The register of removals: two lines each, and nothing that happens to one line takes another with it."""

import stat
from pathlib import Path

import pytest

from node.controller import register
from node.errors import FileNotWritten
from node.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def removed(home: Home, lines: int) -> None:
    with register.registered(home, "forget", {"lines": lines}):
        pass


def shown(home: Home) -> list[tuple[str, dict[str, int | str], bool]]:
    return [(each.what, each.counts, each.done) for each in register.read(home)]


def test_what_is_done_and_what_was_interrupted(home: Home) -> None:
    assert register.read(home) == []
    removed(home, 1)
    with pytest.raises(KeyboardInterrupt), register.registered(home, "retain", {"lines": 2}):
        raise KeyboardInterrupt
    with register.registered(home, "undo", {}) as counts:
        counts["lines"] = 3
    assert shown(home) == [
        ("forget", {"lines": 1}, True),
        ("retain", {"lines": 2}, False),
        ("undo", {"lines": 3}, True),
    ]
    assert stat.S_IMODE(home.register_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_was_cut_off_takes_no_other_with_it(home: Home, cut: int) -> None:
    removed(home, 1)
    removed(home, 2)
    home.register_file.write_bytes(home.register_file.read_bytes()[:-cut])
    removed(home, 3)
    found = [each for each in shown(home) if each[0] != "unreadable"]
    assert [counts for _, counts, _ in found] == [{"lines": 1}, {"lines": 2}, {"lines": 3}]
    assert (found[0][2], found[2][2]) == (True, True)


def test_what_cannot_be_registered_is_not_begun(home: Home) -> None:
    home.register_file.mkdir()
    with pytest.raises(FileNotWritten, match="nothing was removed"):
        removed(home, 1)
