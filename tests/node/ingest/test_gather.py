"""Files, folders and patterns become the files that are meant."""

from pathlib import Path

import pytest

from node.errors import UsageError
from node.ingest.gather import gather


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = ("b.csv", "a.CSV", "c.xlsx", "d.json", "old.csv.part", ".hidden.csv", "~$c.xlsx", "b.rejected.csv", "x.pdf")
    for name in (*names, "datapackage.json"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "e.csv").touch()
    return tmp_path


def test_a_folder_has_its_exports_and_nothing_else(folder: Path) -> None:
    assert [path.name for path in gather([folder])] == ["a.CSV", "b.csv", "c.xlsx", "d.json"]


def test_a_pattern_has_what_fits(folder: Path) -> None:
    assert [path.name for path in gather([folder / "*.csv"])] == ["b.csv"]
    assert [path.name for path in gather([folder / "**" / "*.csv"])] == ["b.csv", "e.csv"]


def test_each_file_once_in_the_order_given(folder: Path) -> None:
    found = gather([folder / "d.json", folder, folder / "deeper"])
    assert [path.name for path in found] == ["d.json", "a.CSV", "b.csv", "c.xlsx", "e.csv"]


def test_a_file_that_is_named_is_taken_whatever_it_is(folder: Path) -> None:
    odd = folder / "sales[1].csv"
    odd.touch()
    missing = folder / "missing.csv"
    assert gather([folder / "x.pdf", odd, missing]) == [folder / "x.pdf", odd, missing]


@pytest.mark.parametrize("nothing", ["none-*.csv", "empty"])
def test_a_folder_or_pattern_without_files_is_refused(folder: Path, nothing: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(UsageError, match="pattern in quotes"):
        gather([folder / nothing])
