"""Who makes the network's key: of two that join at once one, and one whose joining was cut off before it made it."""

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
from node.store.database import opened
from node.store.identity import holds_rows
from privacy.identity.chain import KeyChain
from tests.federation.house import Federation, Serving, good, made, now
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


def test_a_key_that_something_was_imported_with_meanwhile_stays(scene: Scene) -> None:
    """Between the making and the refusal: the two halves of `after_joining`, with an import in between."""
    join(scene.home, scene.invitation, (), now())
    chain, new = own_key.make(scene.home)
    assert new
    assert own_key.make(scene.home) == (chain, False)
    good(scene.node("import", scene.file))
    assert not own_key.take_out(scene.home, chain)
    assert scene.home.identity_chain() == chain
    with opened(scene.home) as connection:
        assert holds_rows(connection)


def test_a_key_beside_a_store_that_is_empty_or_of_another_key_is_taken_out(scene: Scene) -> None:
    join(scene.home, scene.invitation, (), now())
    own_key.make(scene.home)
    good(scene.node("import", scene.file))
    scene.home.identity_key_file.write_bytes(KeyChain.generate().private_bytes())
    assert own_key.take_out(scene.home, scene.home.identity_chain())
    assert not scene.home.identity_key_file.exists()
    scene.home.store_file.unlink()
    chain, _ = own_key.make(scene.home)
    with opened(scene.home) as connection:
        assert not holds_rows(connection)
    assert own_key.take_out(scene.home, chain)


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
