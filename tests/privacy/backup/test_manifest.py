"""What a backup says of its pieces is held against what is in it: names, sizes and hashes, of each."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy.backup.archive import Packing, packing, verify
from privacy.backup.errors import BackupDamaged

PASSPHRASE = "korrekt hest batteri stift"
MADE = datetime(2026, 1, 10, 12, tzinfo=UTC)

Change = Callable[[dict[str, tuple[int, str]]], object]


def a_backup(folder: Path, change: Change) -> Path:
    """A backup of three pieces, by somebody who has the passphrase, whose list says something else."""
    file = folder / "some.kudos-backup"
    with packing(file, "node", PASSPHRASE, MADE, 2) as pack:
        for name in ("one", "two", "three"):
            pack.add(name, name.encode())
        change(listed(pack))
    return file


def listed(pack: Packing) -> dict[str, tuple[int, str]]:
    """Size and hash of each piece so far, as the manifest will have them."""
    return pack._listed


def size_of(name: str, by: int) -> Change:
    return lambda pieces: pieces.update({name: (pieces[name][0] + by, pieces[name][1])})


def hash_of(name: str, other: str) -> Change:
    return lambda pieces: pieces.update({name: (pieces[name][0], pieces[other][1])})


WRONG: dict[str, Change] = {
    "a larger size": size_of("one", 1),
    "a smaller size": size_of("two", -1),
    "the last one's size": size_of("three", 1),
    "another hash": hash_of("one", "two"),
    "the last one's hash": hash_of("three", "one"),
    "two that are exchanged": lambda pieces: pieces.update({"one": pieces["two"], "two": pieces["one"]}),
    "a piece that is not there": lambda pieces: pieces.update({"four": pieces["one"]}),
    "a piece that is not listed": lambda pieces: pieces.pop("two"),
    "another name": lambda pieces: pieces.update({"four": pieces.pop("two")}),
    "none": lambda pieces: pieces.clear(),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_list_that_says_something_else_of_a_piece_is_refused(tmp_path: Path, what: str) -> None:
    file = a_backup(tmp_path, WRONG[what])
    with pytest.raises(BackupDamaged):
        verify(file, PASSPHRASE, "node")


def test_a_true_list_is_taken(tmp_path: Path) -> None:
    file = a_backup(tmp_path, lambda pieces: pieces.update(dict(reversed(pieces.items()))))
    assert verify(file, PASSPHRASE, "node").sizes == {"one": 3, "two": 3, "three": 5}
