"""An auditor's afternoon against a real coordinator: join, take everything along, verify it offline, come back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from coordinator.store.tables import ledger_leaves, submissions
from tests.federation.history import SECOND
from tests.federation.house import MEMBERS, Federation, Serving, good
from tests.node.cli.run import Ended

PROGRAM = Path(sys.executable).with_name("kudos-audit")


@dataclass(frozen=True)
class Auditor:
    """An auditor's folder, and commands on it."""

    home: Path

    def __call__(self, *words: str | Path) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
        command = [str(PROGRAM), *map(str, words), "--home", str(self.home)]
        result = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=120, stdin=subprocess.DEVNULL
        )
        return Ended(result.returncode, result.stdout, result.stderr)


@dataclass(frozen=True)
class Scene:
    """A federation after two published rounds, its running coordinator, and an auditor that has joined."""

    federation: Federation
    auditor: Auditor


def _invited(federation: Federation, role: str) -> str:
    said = federation.coordinator.good("certificate", "issue", "--role", role, "--name", f"The {role}")
    return str(said["invitation"])


@pytest.fixture
def scene(past: Federation, tmp_path: Path) -> Iterator[Scene]:
    federation = past.copied(tmp_path / "federation")
    auditor = Auditor(tmp_path / "auditor")
    with Serving(federation.coordinator):
        good(auditor("join", _invited(federation, "auditor")))
        yield Scene(federation, auditor)


def _json(ended: Ended) -> Any:
    return json.loads(ended.out)


def test_everything_that_the_coordinator_has_is_sound(scene: Scene, tmp_path: Path) -> None:
    bundle, report = tmp_path / "bundle", tmp_path / "report.html"
    good(scene.auditor("export", "--out", bundle))
    told = scene.auditor("network", bundle, "--report", report)
    assert (told.status, told.out.split()[0]) == (0, "SOUND"), told.out
    assert "</html>" in report.read_text(encoding="utf-8")
    said = _json(good(scene.auditor("network", bundle, "--json")))
    assert said["verdict"] == "SOUND"
    for words in (("round", bundle, SECOND), ("ledger", bundle), ("watch", bundle), ("watch",)):
        assert scene.auditor(*words).status == 0, words
    by_operator = tmp_path / "by-operator"
    scene.federation.coordinator.good("export", "--restricted", "--out", by_operator)
    for file in (each for each in bundle.rglob("*") if each.is_file() and each.name != "bundle.json"):
        assert (by_operator / file.relative_to(bundle)).read_bytes() == file.read_bytes(), file


def test_a_tar_of_the_public_part_alone_cannot_tell_of_the_figures(scene: Scene, tmp_path: Path) -> None:
    good(scene.auditor("export", "--public", "--out", tmp_path / "public.tar"))
    told = scene.auditor("network", tmp_path / "public.tar", "--json")
    assert (told.status, _json(told)["verdict"]) == (1, "CANNOT TELL")


def test_what_a_dishonest_coordinator_has_changed_is_found(scene: Scene, tmp_path: Path) -> None:
    good(scene.auditor("watch"))
    store = scene.federation.coordinator
    with store.office() as office, office.store.transaction() as connection:
        mine = (submissions.c.round == SECOND, submissions.c.member == MEMBERS[0])
        theirs = (submissions.c.round == SECOND, submissions.c.member == MEMBERS[1])
        other = connection.execute(submissions.select().where(*theirs)).one()
        changed = update(submissions).where(*mine).values(envelope=other.envelope, digest=other.digest)
        assert connection.execute(changed).rowcount == 1
    good(scene.auditor("export", "--out", tmp_path / "bundle"))
    told = scene.auditor("network", tmp_path / "bundle", "--json")
    assert (told.status, _json(told)["verdict"]) == (3, "VIOLATION")

    with store.office() as office, office.store.transaction() as connection:
        leaf = (ledger_leaves.c.member == MEMBERS[2], ledger_leaves.c.seq == 1)
        old = connection.execute(ledger_leaves.select().where(*leaf)).one()
        connection.execute(update(ledger_leaves).where(*leaf).values(leaf=old.leaf.replace(b'"v":1', b'"v":2')))
    seen = scene.auditor("watch", "--json")
    assert (seen.status, _json(seen)["verdict"]) == (3, "VIOLATION")


def test_a_nodes_own_export_is_sound(scene: Scene, tmp_path: Path) -> None:
    node = scene.federation.node(MEMBERS[0])
    good(node("ledger", "export", "--restricted", "--out", tmp_path / "own"))
    told = scene.auditor("ledger", tmp_path / "own", "--study", scene.federation.study)
    assert told.status == 0, told.out
    entry = next(line for line in (tmp_path / "own").rglob("leaves.jsonl")).read_text().splitlines()
    spend = next(index for index, line in enumerate(entry) if '"type":"spend"' in line)
    study = ("--study", scene.federation.study)
    assert "cost" in good(scene.auditor("explain", str(spend), "--bundle", tmp_path / "own", *study)).out


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_the_releases_are_for_auditors_alone(scene: Scene, tmp_path: Path, role: str) -> None:
    other = Auditor(tmp_path / role)
    joined = other("join", _invited(scene.federation, role))
    assert joined.status != 0 or other("export", "--out", tmp_path / "bundle").status != 0
    assert not (tmp_path / "bundle").exists()


def test_a_revoked_auditor_gets_nothing_more(scene: Scene, tmp_path: Path) -> None:
    listed = scene.federation.coordinator.good("certificate", "list")
    own = next(each for each in listed if each["role"] == "auditor")
    good(scene.federation.coordinator("certificate", "revoke", "auditor", own["id"]))
    refused = scene.auditor("export", "--out", tmp_path / "bundle", "--json")
    assert refused.status != 0
    assert _json(refused)["error"]["reason"]
    assert not (tmp_path / "bundle").exists()


def test_what_was_pinned_at_joining_holds(scene: Scene, tmp_path: Path) -> None:
    good(scene.auditor("export", "--out", tmp_path / "bundle"))
    header = tmp_path / "bundle" / "public" / "bundle.json"
    said = json.loads(header.read_text())
    said["witness"] = "npu.example/witness+1dd55320+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    header.write_text(json.dumps(said, sort_keys=True, separators=(",", ":")) + "\n")
    assert scene.auditor("network", tmp_path / "bundle").status == 3
    shutil.rmtree(tmp_path / "bundle")
