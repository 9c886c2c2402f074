"""The network's key through its epochs: members that were away, nodes that are killed half way, and one in the way."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from coordinator.members import identity as relayed
from coordinator.members import members
from coordinator.members.members import Institution, invite
from coordinator.store.tables import offers
from node.errors import UsageError
from node.membership.errors import NoConnection, RefusedByCoordinator
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network import own_key
from node.network.identity import IdentityUnsettled, confirm, replace_key, standing
from node.store.rotate import filled_otherwise
from node.wire.federation import connected
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment, verify_commitment
from privacy.signing.envelope import parse_public_key
from privacy.signing.keyfile import load_signing_key
from tests.federation import killed
from tests.federation.house import MEMBERS, Federation, now, spent
from tests.federation.liar import Stage, lying
from tests.federation.template import enter

ROTATOR, AWAY, OTHER = "aker", "bryggen", "fjord"
_SCRIPT = str(Path(killed.__file__))


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    with lying(joined.copied(tmp_path / "federation")) as found:
        yield found


def _epochs(stage: Stage) -> dict[str, int]:
    """Which epoch each member has committed to, as the coordinator has it."""
    found = {}
    for each in relayed.directory(stage.office.store):
        said = verify_commitment(each.commitment, each.id, parse_public_key(each.signing_key.hex()))
        found[each.id] = said.epoch
    return found


def _rotate(stage: Stage, member: str = ROTATOR) -> tuple[int, tuple[str, ...]]:
    return replace_key(stage.federation.home(member))


def _chain(stage: Stage, member: str) -> KeyChain:
    return stage.federation.home(member).identity_chain()


def _killed(stage: Stage, member: str, point: str, *words: str) -> None:
    home = str(stage.federation.folder / member)
    command = [sys.executable, _SCRIPT, "node", point, "--home", home, *words]
    assert subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL).returncode == -9


def _waiting_files(stage: Stage, member: str) -> list[str]:
    keys = stage.federation.home(member).identity_key_file.parent
    return [name for name in (own_key.FIRST, own_key.NEXT, own_key.OFFERED) if (keys / name).exists()]


def _yes(_other: object, _words: tuple[str, ...]) -> None:
    pass


def _words(stage: Stage, member: str, other: str) -> tuple[str, ...]:
    seen: list[tuple[str, ...]] = []

    def look(_other: object, words: tuple[str, ...]) -> None:
        seen.append(words)
        raise UsageError("not yet")

    with pytest.raises(UsageError, match="not yet"):
        confirm(stage.federation.home(member), other, look)
    return seen[0]


def _good_turn(stage: Stage, member: str) -> list[str]:
    done = stage.turn(member)
    assert done.faults == []
    return done.did


TAKEN = ["the network's identity key is here"]


def test_a_member_that_was_away_for_two_rotations_takes_the_newest_key_in(stage: Stage) -> None:
    others = tuple(each for each in MEMBERS if each != ROTATOR)
    assert _rotate(stage) == (1, others)
    assert _good_turn(stage, OTHER) == TAKEN
    assert _rotate(stage) == (2, others)
    assert _good_turn(stage, AWAY) == TAKEN
    assert _chain(stage, AWAY) == _chain(stage, ROTATOR)
    assert _epochs(stage)[AWAY] == 2
    assert not filled_otherwise(stage.federation.home(AWAY))
    assert _good_turn(stage, AWAY) == []


def test_who_is_behind_is_offered_the_key_by_any_member_that_has_it_and_once_by_each(stage: Stage) -> None:
    """The rotator is gone for good, and so are its offers."""
    _rotate(stage)
    assert _good_turn(stage, OTHER) == TAKEN
    with stage.office.store.transaction() as connection:
        connection.execute(delete(offers))
    members.suspend(stage.office.store, ROTATOR, now())
    assert _good_turn(stage, AWAY) == []
    stage.heard.clear()
    assert _good_turn(stage, OTHER) == []
    assert stage.heard.count("OfferIdentity") == len(MEMBERS) - 2
    assert _good_turn(stage, AWAY) == TAKEN
    stage.heard.clear()
    assert _good_turn(stage, OTHER) == []
    assert "OfferIdentity" not in stage.heard
    assert _epochs(stage)[AWAY] == 1


def test_an_offer_of_an_epoch_that_its_sponsor_has_left_behind_is_taken_in_by_who_is_further_behind(
    stage: Stage,
) -> None:
    """The rotator was killed between the commitment to epoch 2 and the offers of it."""
    _rotate(stage)
    _killed(stage, ROTATOR, "key published", "identity", "rotate", "--yes")
    assert (_epochs(stage)[ROTATOR], _epochs(stage)[AWAY]) == (2, 0)
    assert standing(stage.federation.home(AWAY)).ahead == (ROTATOR,)
    assert standing(stage.federation.home(AWAY)).strays == ()
    assert _good_turn(stage, AWAY) == TAKEN
    assert _epochs(stage)[AWAY] == 1
    assert _good_turn(stage, ROTATOR) == TAKEN
    assert _good_turn(stage, AWAY) == TAKEN
    assert _chain(stage, AWAY) == _chain(stage, ROTATOR)
    assert _epochs(stage)[AWAY] == 2


@pytest.mark.parametrize("how", ["turn", "rotate", "status"])
def test_a_rotation_that_was_killed_after_its_commitment_is_finished(stage: Stage, how: str) -> None:
    _killed(stage, ROTATOR, "key published", "identity", "rotate", "--yes")
    assert (_epochs(stage)[ROTATOR], _chain(stage, ROTATOR).epoch) == (1, 0)
    home = stage.federation.home(ROTATOR)
    if how == "turn":
        assert _good_turn(stage, ROTATOR) == TAKEN
    elif how == "rotate":
        assert _rotate(stage) == (1, tuple(each for each in MEMBERS if each != ROTATOR))
    else:
        assert standing(home).state == "holder"
        assert _good_turn(stage, ROTATOR) == []
    assert _chain(stage, ROTATOR).epoch == 1
    assert _waiting_files(stage, ROTATOR) == []
    assert not filled_otherwise(home)
    assert _good_turn(stage, AWAY) == TAKEN
    assert _chain(stage, AWAY) == _chain(stage, ROTATOR)


def test_a_rotation_whose_answer_was_lost_is_finished(stage: Stage) -> None:
    def lost(_answer: Any) -> Any:
        raise RuntimeError("the line drops")

    stage.lies["PublishCommitment"] = lost
    with pytest.raises(NoConnection):
        _rotate(stage)
    assert (_epochs(stage)[ROTATOR], _chain(stage, ROTATOR).epoch) == (1, 0)
    del stage.lies["PublishCommitment"]
    assert _rotate(stage)[0] == 1
    assert _good_turn(stage, AWAY) == TAKEN


def test_a_rotation_that_was_killed_before_its_commitment_begins_again_with_the_same_key(stage: Stage) -> None:
    _killed(stage, ROTATOR, "key made", "identity", "rotate", "--yes")
    waiting = own_key.kept(stage.federation.home(ROTATOR), own_key.NEXT)
    assert _good_turn(stage, ROTATOR) == []
    assert _rotate(stage)[0] == 1
    assert _chain(stage, ROTATOR) == waiting


def test_who_rotates_while_a_next_epoch_waits_for_it_goes_on_from_that(stage: Stage) -> None:
    _rotate(stage)
    first = _chain(stage, ROTATOR)
    assert _rotate(stage, AWAY)[0] == 2
    assert _chain(stage, AWAY).until(1) == first
    assert _good_turn(stage, ROTATOR) == TAKEN


@pytest.mark.parametrize("point", ["key made", "key published"])
def test_a_member_that_is_killed_while_it_takes_an_epoch_in_commits_to_it_at_its_next_turn(
    stage: Stage, point: str
) -> None:
    _rotate(stage)
    _killed(stage, AWAY, point, "run", "--once")
    assert _good_turn(stage, AWAY) == TAKEN
    assert _epochs(stage)[AWAY] == 1
    assert _chain(stage, AWAY) == _chain(stage, ROTATOR)
    assert _waiting_files(stage, AWAY) == []
    assert not filled_otherwise(stage.federation.home(AWAY))


def test_a_key_that_is_in_use_and_was_never_committed_to_is_committed_to(stage: Stage) -> None:
    """As earlier versions left it where they were killed; and as a coordinator does that was put back from a backup."""
    _rotate(stage)
    home = stage.federation.home(AWAY)
    home.identity_key_file.write_bytes(_chain(stage, ROTATOR).private_bytes())
    assert _good_turn(stage, AWAY) == []
    assert _epochs(stage)[AWAY] == 1
    assert not filled_otherwise(home)


def test_a_member_at_an_earlier_epoch_can_be_given_the_key_by_eight_words(stage: Stage) -> None:
    _rotate(stage)
    with stage.office.store.transaction() as connection:
        connection.execute(delete(offers))
    assert _words(stage, AWAY, ROTATOR) == _words(stage, ROTATOR, AWAY)
    assert standing(stage.federation.home(AWAY), ROTATOR).words == _words(stage, AWAY, ROTATOR)
    confirm(stage.federation.home(ROTATOR), AWAY, _yes)
    found = confirm(stage.federation.home(AWAY), ROTATOR, _yes)
    assert (found.state, found.epoch) == ("holder", 1)
    with pytest.raises(IdentityUnsettled, match="already"):
        confirm(stage.federation.home(ROTATOR), AWAY, _yes)


def test_a_member_that_commits_to_a_key_of_its_own_making_is_named_and_others_go_on_once_it_is_suspended(
    stage: Stage,
) -> None:
    liar = stage.federation.home(AWAY)
    false = _chain(stage, AWAY).extended()
    to = sealing_key(Files(liar).sealing_key).public_key()
    with connected(liar) as calls:
        calls.publish_commitment(make_commitment(false, AWAY, load_signing_key(liar.signing_key_file), to))
    for _ in range(2):
        with pytest.raises(RefusedByCoordinator, match=f"member suspend {AWAY}") as refused:
            _rotate(stage)
        assert refused.value.coordinator_reason == "BAD_COMMITMENT"
    assert _chain(stage, ROTATOR).epoch == 0
    assert _good_turn(stage, ROTATOR) == []
    members.suspend(stage.office.store, AWAY, now())
    assert _rotate(stage) == (1, tuple(each for each in MEMBERS if each not in (ROTATOR, AWAY)))
    assert _good_turn(stage, OTHER) == TAKEN
    members.resume(stage.office.store, AWAY, now())
    assert _good_turn(stage, "havn") == TAKEN
    assert _epochs(stage)["havn"] == 1
    assert standing(stage.federation.home("havn")).strays == (AWAY,)


def test_a_coordinator_takes_no_node_back_to_an_earlier_epoch(stage: Stage) -> None:
    """It hides what the node has committed to, and shows it what its sponsor said and offered a long time ago."""
    new = stage.federation.home("new")
    said: list[Any] = []

    def listen(answer: Any) -> Any:
        said.append(answer)
        return answer

    stage.lies["ListIdentityOffers"] = listen
    enter(
        new, stage.federation.home(ROTATOR), invite(stage.office, Institution("new", "New", "museum", "46"), now()).text
    )
    old_offers = next(each for each in said if each.offers)
    old = {each.id: each.commitment for each in relayed.directory(stage.office.store)}
    del stage.lies["ListIdentityOffers"]
    _rotate(stage)
    assert _good_turn(stage, "new") == TAKEN

    def lie(answer: Any) -> Any:
        for each in answer.members:
            each.commitment = b"" if each.id == "new" else old[each.id]
        return answer

    stage.lies["ListMembers"] = lie
    stage.lies["ListIdentityOffers"] = lambda _answer: old_offers
    stage.turn("new")
    assert _chain(stage, "new") == _chain(stage, ROTATOR)
    assert spent(new) == []


def test_a_member_that_was_left_alone_with_an_epoch_of_its_own_comes_back_by_eight_words(stage: Stage) -> None:
    """It was killed while it rotated and suspended for that, and the others have rotated since."""
    _killed(stage, ROTATOR, "key published", "identity", "rotate", "--yes")
    members.suspend(stage.office.store, ROTATOR, now())
    assert _rotate(stage, OTHER)[0] == 1
    members.resume(stage.office.store, ROTATOR, now())
    home = stage.federation.home(ROTATOR)
    assert _good_turn(stage, ROTATOR) == TAKEN
    assert standing(home).strays == (OTHER,)
    home.identity_key_file.rename(home.path / "keys" / "put-aside.key")
    assert standing(home, OTHER).state == "waiting"
    confirm(stage.federation.home(OTHER), ROTATOR, _yes)
    assert confirm(home, OTHER, _yes).state == "holder"
    assert _chain(stage, ROTATOR) == _chain(stage, OTHER)
    assert filled_otherwise(home)
    assert _good_turn(stage, AWAY) == TAKEN
