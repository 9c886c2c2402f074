"""A watched folder: a file is taken once, when it is whole, also after a restart."""

import os
from pathlib import Path

import pytest

from node.errors import FileDamaged, UsageError
from node.home import Home
from node.ingest.watch import Watch


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


def looked(watch: Watch, clock: Clock, after_s: float) -> list[str]:
    clock.now += after_s
    return [path.name for path in watch.whole(clock)]


def test_a_file_is_whole_when_it_has_not_changed_for_long_enough(home: Home, folder: Path) -> None:
    watch, clock = Watch(home, folder, 10.0), Clock()
    file = folder / "sales.csv"
    file.write_text("a")
    assert looked(watch, clock, 0) == []
    file.write_text("ab")
    assert looked(watch, clock, 9) == []
    assert looked(watch, clock, 9) == []
    assert looked(watch, clock, 1) == ["sales.csv"]


def test_an_empty_file_is_not_whole(home: Home, folder: Path) -> None:
    watch, clock = Watch(home, folder, 1.0), Clock()
    (folder / "sales.csv").touch()
    assert looked(watch, clock, 0) == looked(watch, clock, 100) == []


def test_each_is_taken_once_and_again_only_when_it_has_changed(home: Home, folder: Path) -> None:
    watch, clock = Watch(home, folder, 1.0), Clock()
    for age, name in ((20, "b.csv"), (30, "a.csv")):
        (folder / name).write_text(name)
        os.utime(folder / name, (1_000_000 - age, 1_000_000 - age))
    looked(watch, clock, 0)
    assert looked(watch, clock, 1) == ["a.csv", "b.csv"]
    watch.done(folder / "a.csv")
    watch.done(folder / "b.csv")
    assert looked(watch, clock, 100) == []

    again = Watch(home, folder, 1.0)
    looked(again, clock, 0)
    assert looked(again, clock, 100) == []
    (folder / "a.csv").write_text("more of it")
    looked(again, clock, 0)
    assert looked(again, clock, 1) == ["a.csv"]


def test_a_refused_file_is_tried_again_when_a_profile_has_changed(home: Home, folder: Path) -> None:
    watch, clock = Watch(home, folder, 1.0), Clock()
    for name in ("refused.csv", "taken.csv"):
        (folder / name).write_text(name)
    looked(watch, clock, 0)
    assert looked(watch, clock, 1) == ["refused.csv", "taken.csv"]
    watch.done(folder / "refused.csv", refused=True)
    watch.done(folder / "taken.csv")
    assert looked(watch, clock, 1) == looked(watch, clock, 1) == []

    home.profiles.mkdir()
    (home.profiles / "kassa.toml").write_text('name = "kassa"\n')
    again = Watch(home, folder, 1.0)
    for each in (watch, again):  # while it goes on, and after it was stopped
        looked(each, clock, 0)
        assert looked(each, clock, 1) == ["refused.csv"]
    again.done(folder / "refused.csv", refused=True)
    looked(again, clock, 0)
    assert looked(again, clock, 1) == []
    (home.profiles / "kassa.toml").write_text('name = "kassa"\ntitle = "Kassa"\n')
    looked(again, clock, 0)
    assert looked(again, clock, 1) == ["refused.csv"]


def test_a_profile_that_changes_while_a_file_is_refused_counts_as_changed_since(home: Home, folder: Path) -> None:
    watch, clock = Watch(home, folder, 1.0), Clock()
    (folder / "sales.csv").write_text("a")
    looked(watch, clock, 0)
    assert looked(watch, clock, 1) == ["sales.csv"]
    home.profiles.mkdir()
    (home.profiles / "kassa.toml").write_text('name = "kassa"\n')
    watch.done(folder / "sales.csv", refused=True)
    looked(watch, clock, 0)
    assert looked(watch, clock, 1) == ["sales.csv"]


def test_two_folders_do_not_hide_each_others_files(home: Home, folder: Path, tmp_path: Path) -> None:
    other, clock = tmp_path / "other", Clock()
    other.mkdir()
    for each in (folder, other):
        (each / "sales.csv").write_text("same")
        os.utime(each / "sales.csv", (1_000_000, 1_000_000))
    first, second = Watch(home, folder, 1.0), Watch(home, other, 1.0)
    looked(first, clock, 0)
    assert looked(first, clock, 1) == ["sales.csv"]
    first.done(folder.resolve() / "sales.csv")
    looked(second, clock, 0)
    assert looked(second, clock, 1) == ["sales.csv"]


def test_what_cannot_be_watched_is_refused(home: Home, folder: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        Watch(home, folder / "none", 1.0)
    (home.path / "watch.json").write_text("[1")
    with pytest.raises(FileDamaged, match=r"watch\.json"):
        Watch(home, folder, 1.0)
