"""The demo itself, with few people: real programs, one after the other. Some twenty seconds."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.compare import figure_by_figure
from deploy.demo.folder import MARKER, NotOurs, contents, fresh
from deploy.demo.world import truth
from tests.deploy.worlds import world

REPOSITORY = Path(__file__).parents[2]


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.demo.run", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_the_demo_finds_the_node_right_and_prints_commands_that_work(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    result = _demo("--folder", str(folder), "--customers", "400")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "All 13 figures are equal." in result.stdout
    assert "\x1b[" not in result.stdout, "colour is for terminals"
    assert (folder / "benchmark.kudos").is_file()
    suggested = result.stdout.partition("# Try next:")[2].splitlines()
    commands = [line.strip() for line in suggested if "--home" in line]
    assert len(commands) >= 5
    again = next(command for command in commands if " release " in command)
    shown = subprocess.run(shlex.split(again), cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert (folder / "again.kudos").read_bytes() == (folder / "benchmark.kudos").read_bytes()


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    result = _demo("--folder", str(tmp_path))
    assert result.returncode == 1
    assert "was not made by the demo" in result.stderr
    assert (tmp_path / "diary.txt").read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["diary.txt"]


def test_only_its_own_folder_is_emptied(tmp_path: Path) -> None:
    own = tmp_path / "demo"
    fresh(own)
    (own / "exports").mkdir()
    (own / "exports" / "a.csv").write_text("12345")
    assert contents(own) == [("exports/", 1, 5)]
    fresh(own)
    assert [file.name for file in own.iterdir()] == [MARKER]
    link = tmp_path / "link"
    link.symlink_to(own)
    (tmp_path / "file").write_text("")
    for other in (link, tmp_path / "file", tmp_path):
        with pytest.raises(NotOurs):
            fresh(other)
    assert own.is_dir()


def test_a_figure_that_differs_is_found() -> None:
    right = truth(world())
    kpi = {
        name: getattr(right, name)
        for name in ("customers", "orders", "tickets", "revenue_ore", "anonymous_orders", "flows", "frequency_bands")
    }
    assert all(each.equal for each in figure_by_figure(right, kpi))
    wrong = {**kpi, "flows": {**right.flows, "lost": right.flows["lost"] + 1}}
    assert [each.name for each in figure_by_figure(right, wrong) if not each.equal] == ["flows, lost"]
