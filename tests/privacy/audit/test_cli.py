"""The commands: verdict first, exit status, JSON, the report."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from privacy.audit.cli import main, output
from privacy.terminal.program import run
from tests.privacy.audit.federation import Federation, federation


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def audit(home: Path, *words: str | Path) -> Ended:
    output.state = output.State()
    before, sys.argv = sys.argv, ["kudos-audit", "--home", str(home), *map(str, words)]
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = run(main.cli, output.voice).status
    finally:
        sys.argv = before
    assert "defect" not in err.getvalue(), err.getvalue()
    return Ended(status, out.getvalue(), err.getvalue())


@pytest.fixture
def network() -> Federation:
    return federation()


def test_sound(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "network", bundle, "--report", tmp_path / "report.html")
    assert ended.status == 0
    assert ended.out.startswith("SOUND   7 members · 14 ledger-years · 14 releases · 3 benchmarks")
    assert "Not checkable from outside" in ended.out
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "SOUND" in report
    assert "<script" not in report
    assert "http" not in report


def test_a_violation_names_entry_and_evidence(network: Federation, tmp_path: Path) -> None:
    node = network.nodes["house-b"]
    node.of_type("policy")["cap_rho_u"] = 20_000
    node.seal()
    bundle = network.write(tmp_path / "bundle.tar")
    ended = audit(tmp_path / "home", "ledger", bundle, "--member", "house-b")
    assert ended.status == 3
    assert ended.out.startswith("VIOLATION")
    assert "House B, entry 3: With it twelve months cost ρ 0.029995, and" in ended.out
    assert "public/ledgers/house-b/leaves.jsonl line 4" in ended.out
    found = audit(tmp_path / "home", "ledger", bundle, "--json").json
    assert found["verdict"] == "VIOLATION"
    assert {each["code"] for each in found["findings"]} == {"CAP_EXCEEDED"}


def test_without_releases_it_cannot_tell(network: Federation, tmp_path: Path) -> None:
    network.write(tmp_path / "whole")
    ended = audit(tmp_path / "home", "network", tmp_path / "whole" / "public", "--json")
    assert ended.status == 1
    assert ended.json["verdict"] == "CANNOT TELL"
    restricted = tmp_path / "whole" / "restricted"
    both = audit(tmp_path / "home", "network", tmp_path / "whole" / "public", "--releases", restricted)
    assert both.status == 0
    assert audit(tmp_path / "home", "ledger", tmp_path / "whole" / "public").status == 0


def test_a_round_is_chosen_or_asked_for(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "round", bundle)
    assert ended.status == 2
    assert "year-2024, year-2025" in ended.err
    assert audit(tmp_path / "home", "round", bundle, "year-2024", "--json").json["scope"] == "round year-2024"
    assert audit(tmp_path / "home", "round", bundle, "no-such-round").status == 2


@pytest.mark.parametrize("entry", range(5))
def test_every_entry_is_explained(network: Federation, tmp_path: Path, entry: int) -> None:
    bundle = network.write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "explain", str(entry), "--bundle", bundle, "--member", "house-b")
    assert ended.status == 0
    assert f"Entry {entry} of 202" in ended.out
    found = audit(tmp_path / "home", "explain", str(entry), "--bundle", bundle, "--member", "house-b", "--json").json
    assert found["entry"] == entry
    assert len(found["tables"]) == (7 if found["type"] == "spend" else 0)


def test_watch_keeps_and_compares(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    assert audit(tmp_path / "home", "watch", bundle, "--json").json["first_visit"]
    assert not audit(tmp_path / "home", "watch", bundle, "--json").json["first_visit"]
    del network.nodes["house-c"].leaves[-1]
    network.nodes["house-c"].seal()
    ended = audit(tmp_path / "home", "watch", network.write(tmp_path / "other"))
    assert ended.status == 3
    assert "ROLLED_BACK" in ended.out


def test_watch_says_the_worse_of_visit_and_bundle(network: Federation, tmp_path: Path) -> None:
    network.nodes["house-b"].spends()[0]["rho_u"] -= 1000
    network.nodes["house-b"].seal()
    bundle = network.write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "watch", bundle)
    assert ended.status == 3
    assert ended.out.startswith("VIOLATION")
    found = audit(tmp_path / "home", "watch", bundle, "--json").json
    assert (found["verdict"], found["first_visit"], found["kept"]) == ("VIOLATION", True, False)
    ended = audit(tmp_path / "home", "watch", tmp_path / "bundle" / "public")
    assert ended.status == 3
    public = federation()
    public.releases_shown = False
    ended = audit(tmp_path / "home", "watch", public.write(tmp_path / "public"), "--json")
    assert (ended.status, ended.json["verdict"], ended.json["kept"]) == (1, "CANNOT TELL", True)


class _Gone(io.StringIO):
    """A reader that has gone away."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_the_report_is_written_whoever_reads_what_is_printed(network: Federation, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    words = network.write(tmp_path / "bundle"), "--report", report
    before, sys.argv = sys.argv, ["kudos-audit", "--home", str(tmp_path), "network", *map(str, words)]
    output.state = output.State()
    try:
        with redirect_stdout(_Gone()), suppress(BrokenPipeError, SystemExit):
            run(main.cli, output.voice)
    finally:
        sys.argv = before
    assert "SOUND" in report.read_text(encoding="utf-8")


def test_an_entry_that_cannot_be_added_up_is_explained(network: Federation, tmp_path: Path) -> None:
    for leaf in network.nodes["house-b"].leaves:
        leaf["time"] = "0001-06-01T00:00:00Z"
    network.nodes["house-b"].seal()
    ended = audit(tmp_path, "explain", "3", "--bundle", network.write(tmp_path / "b"), "--member", "house-b")
    assert ended.status == 3
    assert "LEDGER_NOT_COMPUTABLE" in ended.out


def test_what_is_not_there_is_usage(tmp_path: Path) -> None:
    assert audit(tmp_path, "network", tmp_path / "nothing").status == 2
    assert audit(tmp_path, "export", "--out", tmp_path / "x").status == 1
    assert audit(tmp_path, "join", "kudos1:nonsense").status == 2
    assert audit(tmp_path, "nonsense").status == 2


def test_a_name_cannot_change_the_report(network: Federation, tmp_path: Path) -> None:
    line = network.members[1]
    network.members[1] = line.model_copy(update={"name": "<script>alert(1)</script>"})
    audit(tmp_path / "home", "network", network.write(tmp_path / "b"), "--report", tmp_path / "r.html")
    assert "<script" not in (tmp_path / "r.html").read_text(encoding="utf-8")
