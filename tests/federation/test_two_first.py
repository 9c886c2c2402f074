"""Who makes the network's key: of two that join at once one, and one whose joining was cut off before it made it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coordinator.members.members import Institution, invite
from node.founding import Institution as Alone
from node.founding import found
from node.home import Home
from node.network import identity, own_key
from node.network.joining import join
from tests.federation import killed
from tests.federation.house import Coordinator, Federation, Serving, good, made, now
from tests.federation.liar import Stage, lying
from tests.federation.template import sales
from tests.node.cli.run import Node

SPONSOR, NEWCOMER = "aker", "new"


@dataclass(frozen=True)
class Scene:
    stage: Stage
    home: Home

    @property
    def node(self) -> Node:
        return Node(self.home.path)

    @property
    def file(self) -> Path:
        file = self.home.path.with_name("sales.csv")
        file.write_text(sales(NEWCOMER), encoding="utf-8")
        return file

    @property
    def invitation(self) -> str:
        """One for the newcomer, which has not joined yet."""
        return invite(self.stage.office, Institution(NEWCOMER, "New House", "museum", "46"), now()).text


@pytest.fixture
def scene(joined: Federation, tmp_path: Path) -> Iterator[Scene]:
    """A network with a key, whose coordinator says to the next who asks that there is none, as if both came at once."""
    with lying(joined.copied(tmp_path / "federation")) as stage:

        def lie(answer: Any) -> Any:
            if stage.heard.count("ListMembers") == 1:
                for each in answer.members:
                    each.commitment = b""
            return answer

        stage.lies["ListMembers"] = lie
        yield Scene(stage, stage.federation.home(NEWCOMER))


def test_whose_commitment_is_refused_keeps_no_key_and_is_told_what_happens_next(scene: Scene) -> None:
    ended = good(scene.node("join", scene.invitation))
    assert scene.stage.heard.count("PublishCommitment") == 1
    assert not scene.home.identity_key_file.exists()
    assert "another member began the network at the same moment" in ended.out
    assert "call Aker" in ended.out
    assert f"identity confirm {SPONSOR}" in ended.out
    said = good(scene.node("identity", "status", "--json")).json
    assert (said["state"], said["sponsor"], len(said["words"])) == ("waiting", SPONSOR, 8)
    assert "another member began" not in good(scene.node("identity", "status")).out


def test_nothing_is_imported_before_the_networks_key_is_there_and_nothing_has_to_be_imported_twice(
    scene: Scene,
) -> None:
    good(scene.node("join", scene.invitation))
    early = scene.node("import", scene.file, "--json")
    assert early.json["error"]["reason"] == "NO_IDENTITY_KEY"
    sponsor = scene.stage.federation.home(SPONSOR)
    identity.confirm(sponsor, NEWCOMER, lambda _other, _words: None)
    assert identity.confirm(scene.home, SPONSOR, lambda _other, _words: None).state == "holder"
    assert scene.home.identity_chain() == sponsor.identity_chain()
    good(scene.node("import", scene.file))
    assert good(scene.node("kpi", "--as-of", "2025-12-31", "--json")).json["orders"] == 50


def test_a_key_of_a_node_that_has_worked_alone_stays(scene: Scene) -> None:
    """It was not made for nothing: the store is hashed with it."""
    alone = Alone("New House", "museum", "46", member=NEWCOMER, ledger="npu.example/ledger/new", own_domains=())
    found(scene.home, alone, own_identity_key=True)
    good(scene.node("import", scene.file))
    before = scene.home.identity_key_file.read_bytes()
    said = good(scene.node("join", scene.invitation, "--json")).json
    assert scene.stage.heard.count("PublishCommitment") == 1
    assert (said["identity"]["state"], said["import_again"]) == ("waiting", True)
    assert scene.home.identity_key_file.read_bytes() == before


def test_a_key_that_is_made_to_begin_a_network_is_used_for_nothing_before_the_network_has_it(scene: Scene) -> None:
    """Between the making and the refusal: the two halves of `after_joining`, with an import in between."""
    join(scene.home, scene.invitation, (), now())
    chain, new = own_key.first(scene.home)
    assert new
    assert own_key.first(scene.home) == (chain, True)
    early = scene.node("import", scene.file, "--json")
    assert early.json["error"]["reason"] == "NO_IDENTITY_KEY"
    del scene.stage.lies["ListMembers"]
    assert identity.standing(scene.home).state == "waiting"
    assert own_key.kept(scene.home, own_key.FIRST) is None


def test_where_no_active_member_holds_the_key_nobody_is_to_be_called(scene: Scene) -> None:
    """A coordinator that hides every commitment for good: no words, and no call to nobody."""

    def lie(answer: Any) -> Any:
        for each in answer.members:
            each.commitment = b""
        return answer

    scene.stage.lies["ListMembers"] = lie
    ended = good(scene.node("join", scene.invitation))
    assert not scene.home.identity_key_file.exists()
    assert "no active member holds it now" in ended.out
    assert "call" not in ended.out
    assert "MEMBER" not in ended.out


def test_the_first_member_whose_joining_was_cut_off_makes_the_key_when_it_joins_again(tmp_path: Path) -> None:
    """After it was let in and before it had made the key, which nobody else would ever make."""
    coordinator = made(tmp_path / "coordinator")
    words = ("--name", "First House", "--industry", "museum", "--county", "Vestland", "--id", "first")
    invitation = coordinator.good("member", "invite", *words)["invitation"]
    home, node = Home(tmp_path / "first"), Node(tmp_path / "first")
    with Serving(coordinator):
        join(home, invitation, (), now())
        assert not home.identity_key_file.exists()
        said = good(node("join", invitation, "--json")).json
        assert (said["member"], said["identity"]["state"]) == ("first", "first")
        key = home.identity_key_file.read_bytes()
        again = node("join", invitation, "--json")
        assert (again.status, again.json["error"]["reason"]) == (1, "JOINED_ALREADY")
    away = node("join", invitation, "--json")
    assert (away.status, away.json["error"]["reason"]) == (1, "JOINED_ALREADY")
    assert home.identity_key_file.read_bytes() == key


def _invitation(coordinator: Coordinator, member: str) -> str:
    words = ("--name", member.title(), "--industry", "museum", "--county", "Vestland", "--id", member)
    return str(coordinator.good("member", "invite", *words)["invitation"])


def _killed_joining(home: Path, point: str, invitation: str) -> None:
    command = [sys.executable, killed.__file__, "node", point, "--home", str(home), "join", invitation]
    assert subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL).returncode == -9


def test_who_was_killed_before_its_key_was_the_networks_takes_the_key_of_whoever_was_first(tmp_path: Path) -> None:
    coordinator = made(tmp_path / "coordinator")
    one, two = Home(tmp_path / "one"), Node(tmp_path / "two")
    file = tmp_path / "sales.csv"
    file.write_text(sales("one"), encoding="utf-8")
    with Serving(coordinator):
        invitation = _invitation(coordinator, "one")
        _killed_joining(one.path, "key made", invitation)
        assert not one.identity_key_file.exists()
        assert good(two("join", _invitation(coordinator, "two"), "--json")).json["identity"]["state"] == "first"
        again = good(Node(one.path)("join", invitation))
        assert "call Two" in again.out
        assert own_key.kept(one, own_key.FIRST) is None
        early = Node(one.path)("import", file, "--json")
        assert early.json["error"]["reason"] == "NO_IDENTITY_KEY"
        words = good(Node(one.path)("identity", "status", "--json")).json["words"]
        good(two("identity", "confirm", "one", "--words", " ".join(words)))
        said = good(Node(one.path)("identity", "confirm", "two", "--words", " ".join(words), "--json")).json
        assert said["state"] == "holder"


def test_who_was_killed_when_its_key_was_the_networks_already_keeps_it(tmp_path: Path) -> None:
    coordinator = made(tmp_path / "coordinator")
    home = Home(tmp_path / "one")
    with Serving(coordinator):
        invitation = _invitation(coordinator, "one")
        _killed_joining(home.path, "key published", invitation)
        made_before = own_key.kept(home, own_key.FIRST)
        said = good(Node(home.path)("join", invitation, "--json")).json
        assert said["identity"]["state"] == "first"
        assert home.identity_chain() == made_before
        assert own_key.kept(home, own_key.FIRST) is None
        assert good(Node(home.path)("identity", "status", "--json")).json["state"] == "holder"
