"""The demo itself, with few people: real programs over mutual TLS. Some forty seconds on two quiet cores."""

import json
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


def test_twelve_institutions_get_a_benchmark_and_the_commands_that_are_printed_work(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    result = _demo("--folder", str(folder), "--scale", "0.08")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "All 180 exact figures of the twelve nodes are as invented." in result.stdout
    assert "with 11 of 12 releases" in result.stdout
    assert "Havgap dans is switched off" in result.stdout
    assert result.stdout.count("withheld altogether") == 4
    assert "\x1b[" not in result.stdout, "colour is for terminals"
    assert result.stdout.count("\n  SOUND   12 members") == 1
    assert "2 benchmarks (" in result.stdout
    assert not _left_running(folder)
    commands = [
        _words(line[2:]) for line in result.stdout.partition("Where to look next:")[2].splitlines() if line[:2] == "$ "
    ]
    assert len(commands) == 14
    for words in commands[:-2]:  # the last two go on until they are stopped
        ended = subprocess.run([*words, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    found = json.loads(subprocess.check_output([*commands[0], "--json"], cwd=tmp_path))
    assert found["members"] == 11
    assert {line["cohort"] for line in found["cohorts"] if line["members"] >= 5} >= {"network", "industry:museum"}
    audited = next(words for words in commands if "network" in words and Path(words[0]).name == "kudos-audit")
    assert _verdict(audited, tmp_path) == "SOUND"
    leaves = folder / "bundle" / "public" / "ledgers" / "fjordteatret" / "leaves.jsonl"
    leaves.write_text(leaves.read_text(encoding="utf-8").replace('"rho_u":', '"rho_u":1', 1), encoding="utf-8")
    assert _verdict(audited, tmp_path) == "VIOLATION"


def _verdict(words: list[str], where: Path) -> str:
    ended = subprocess.run([*words, "--json"], cwd=where, capture_output=True, text=True, check=False)
    return str(json.loads(ended.stdout)["verdict"])


def _words(command: str) -> list[str]:
    """A printed command, which is for somebody who stands in the repository, as one for anywhere."""
    program, *words = shlex.split(command)
    return [str(REPOSITORY / program), *words]


def _left_running(folder: Path) -> list[str]:
    """Processes that still have to do with a folder."""
    listed = subprocess.check_output(["ps", "-e", "-ww", "-o", "args"], text=True).splitlines()
    return [line for line in listed if f"--home {folder}" in line]


def test_stopped_on_its_way_it_leaves_nothing_running(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    line = [sys.executable, "-m", "deploy.demo.run", "--folder", str(folder), "--scale", "0.08"]
    with subprocess.Popen(line, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert any("It listens on ports" in said for said in running.stdout), "it never came so far"
        assert _left_running(folder)
        running.terminate()
        _, complained = running.communicate()
    assert running.returncode == 130
    assert complained.startswith("Stopped;")
    assert not _left_running(folder)


def test_an_earlier_demo_that_cannot_be_deleted_is_told_and_stays_known_as_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a server of it still runs, or Ctrl-C came in the middle: the next demo must know the folder again."""
    folder = tmp_path / "demo"
    fresh(folder)
    (folder / "nodes").mkdir()

    def refuses(path: Path) -> None:
        raise OSError(16, "Device or resource busy", str(path))

    with monkeypatch.context() as patched:
        patched.setattr("deploy.demo.folder.shutil.rmtree", refuses)
        with pytest.raises(NotOurs, match=r"cannot be deleted.*busy"):
            fresh(folder)
    assert (folder / MARKER).is_file()
    fresh(folder)
    assert [each.name for each in folder.iterdir()] == [MARKER]


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
        for name in (
            *("customers", "orders", "tickets", "revenue_ore", "anonymous_orders", "complimentary_tickets"),
            *("flows", "frequency_bands"),
        )
    } | {"revenue_per_customer_ore": right.identified_revenue_ore / right.customers}
    assert all(each.equal for each in figure_by_figure(right, kpi))
    wrong = {**kpi, "flows": {**right.flows, "lost": right.flows["lost"] + 1}}
    assert [each.name for each in figure_by_figure(right, wrong) if not each.equal] == ["flows, lost"]
