"""kill -9 of a node and of the coordinator at the steps of a round: started again it finishes, nothing is spent twice,
and the bytes are the same."""

import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from coordinator.members.members import Institution, invite
from coordinator.rounds.rounds import open_round
from coordinator.rounds.studies import read
from node.agent.turn import turn
from privacy.ledger.contents import release_digest
from tests.federation import killed
from tests.federation.history import EARLIER, SECOND
from tests.federation.house import (
    MEMBERS,
    WINDOW_LAST,
    Coordinator,
    Federation,
    Serving,
    agree_by_itself,
    good,
    now,
    spent,
    submitted,
)
from tests.node.cli.run import PROGRAM

_SCRIPT = str(Path(killed.__file__))
_KILLED = -signal.SIGKILL


def _child(*words: str | Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        list(map(str, words)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _node_dies(federation: Federation, member: str, point: str, *words: str) -> "subprocess.Popen[bytes]":
    return _child(sys.executable, _SCRIPT, "node", point, "--home", federation.folder / member, *words)


def _coordinator_dies(coordinator: Coordinator, point: str, *words: str) -> int:
    return _child(sys.executable, _SCRIPT, "coordinator", point, "--home", coordinator.home, *words).wait(timeout=120)


def _dying(federation: Federation, point: str) -> Serving:
    return Serving(federation.coordinator, (sys.executable, _SCRIPT, "coordinator", point))


def _open_in_process(federation: Federation, name: str, window_last: str) -> None:
    with federation.coordinator.office() as office:
        study, end = read(str(federation.study)), now() + timedelta(days=1)
        open_round(office, study, date.fromisoformat(window_last), end, now(), 1, name)


def _finished(federation: Federation, name: str, window_last: str, members: tuple[str, ...] = MEMBERS) -> None:
    """Asserts that every member paid once, and that the coordinator has those bytes."""
    there = submitted(federation.coordinator, name)
    for member in members:
        paid = [each for each in spent(federation.home(member)) if each.window_last == window_last]
        assert len(paid) == 1, member
        assert paid[0].digest == release_digest(there[member])
        assert paid[0].envelope == there[member]
    assert set(there) == set(members)


@pytest.fixture
def federation(joined: Federation, tmp_path: Path) -> Federation:
    found = joined.copied(tmp_path / "federation")
    for member in MEMBERS:
        agree_by_itself(found.home(member))
    return found


POINTS = ("checked", "release_inserted", "committed", "witnessing", "sending", "sent")
BOOKED = {"committed", "witnessing", "sending", "sent"}


def test_a_node_that_is_killed_at_any_point_of_its_answer(federation: Federation) -> None:
    """Each member at a point of its own, all at once; then every one is started again."""
    _open_in_process(federation, "round", WINDOW_LAST)
    with Serving(federation.coordinator):
        places = dict(zip(MEMBERS, POINTS, strict=True))
        children = [_node_dies(federation, member, point, "run", "--once") for member, point in places.items()]
        assert [child.wait(timeout=120) for child in children] == [_KILLED] * len(MEMBERS)
        before = {member: spent(federation.home(member)) for member in MEMBERS}
        assert {places[member] for member in MEMBERS if before[member]} == BOOKED
        assert {places[member] for member in submitted(federation.coordinator, "round")} == {"sent"}
        for member in MEMBERS:
            assert turn(federation.home(member), lambda _text: None).did == ["round round: the release was sent"]
            if before[member]:
                assert spent(federation.home(member)) == before[member]
    _finished(federation, "round", WINDOW_LAST)


_DELAYS_S = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5)


def test_a_node_that_is_killed_at_some_instant(federation: Federation) -> None:
    """Wherever that is on this machine: what holds afterwards holds for every instant."""
    _open_in_process(federation, "round", EARLIER)
    with Serving(federation.coordinator):
        for member, delay in zip(MEMBERS, _DELAYS_S, strict=True):
            child = _child(PROGRAM, "--home", federation.folder / member, "run", "--once")
            time.sleep(delay)
            child.kill()
            child.wait()
        for member in MEMBERS:
            assert turn(federation.home(member), lambda _text: None).faults == []
    _finished(federation, "round", EARLIER)


def test_a_coordinator_that_is_killed_while_it_takes_releases(federation: Federation) -> None:
    """Before the release is committed, and after that but before the receipt is sent."""
    _open_in_process(federation, "round", WINDOW_LAST)
    for member, point, kept in ((MEMBERS[0], "taking a release", set()), (MEMBERS[1], "release taken", {MEMBERS[1]})):
        with _dying(federation, point) as server:
            ended = federation.node(member)("run", "--once", "--json")
            assert ended.status == 1
            assert server.process.wait(timeout=60) == _KILLED
        assert set(submitted(federation.coordinator, "round")) - {MEMBERS[0]} == kept
        assert federation.look("round").state == ("collecting" if kept else "open")
        before = spent(federation.home(member))
        assert len(before) == 1
        with Serving(federation.coordinator):
            assert turn(federation.home(member), lambda _text: None).did == ["round round: the release was sent"]
        assert spent(federation.home(member)) == before
    _finished(federation, "round", WINDOW_LAST, MEMBERS[:2])


def test_a_coordinator_that_is_killed_when_it_closes_and_publishes(past: Federation, tmp_path: Path) -> None:
    federation = past.copied(tmp_path / "federation")
    coordinator = federation.coordinator
    _open_in_process(federation, "third", EARLIER)
    with Serving(coordinator):
        for member in MEMBERS:
            turn(federation.home(member), lambda _text: None)
    _finished(federation, "third", EARLIER)

    assert _coordinator_dies(coordinator, "closing", "round", "close", "third") == _KILLED
    assert federation.look("third").state == "collecting"
    assert coordinator.good("round", "close", "third")["state"] == "closed"

    before = coordinator.rows()
    assert _coordinator_dies(coordinator, "publishing", "round", "publish", "third") == _KILLED
    assert coordinator.rows() == before
    assert _coordinator_dies(coordinator, "published", "round", "publish", "third") == _KILLED
    assert federation.look("third").state == "published"
    published = coordinator.rows()["benchmarks"]
    assert [row[:2] for row in published if row[0] == "third"] == [("third", 1)]
    assert coordinator("round", "publish", "third", "--json").status != 0
    assert coordinator.rows()["benchmarks"] == published
    with Serving(coordinator):
        done = turn(federation.home(MEMBERS[0]), lambda _text: None)
    assert any("benchmark of third" in line for line in done.did)
    assert SECOND in {row[0] for row in published}


def test_a_server_that_was_dead_at_the_deadline_closes_the_round_when_it_is_back(federation: Federation) -> None:
    with federation.coordinator.office() as office:
        study, begin = read(str(federation.study)), now() - timedelta(days=2)
        open_round(office, study, date.fromisoformat(WINDOW_LAST), begin + timedelta(days=1), begin, 1, "round")
    assert federation.look("round").state == "open"
    with _dying(federation, "closing") as server:
        assert server.process.wait(timeout=60) == _KILLED
    assert federation.look("round").state == "open"
    with Serving(federation.coordinator):
        end = time.monotonic() + 60
        while federation.look("round").state != "closed":
            assert time.monotonic() < end
            time.sleep(0.2)


@pytest.fixture
def empty(joined: Federation, tmp_path: Path) -> Federation:
    """A coordinator and an invitation, `invitation.txt`; the others' nodes are left out."""
    found = joined.copied(tmp_path / "federation")
    with found.coordinator.office() as office:
        text = invite(office, Institution("new", "New House", "museum", "46"), now()).text
    (found.folder / "invitation.txt").write_text(text)
    return found


@pytest.mark.parametrize("point", ["enrolling", "enrolled"])
def test_a_coordinator_that_is_killed_while_a_member_joins(empty: Federation, point: str) -> None:
    invitation = (empty.folder / "invitation.txt").read_text()
    with _dying(empty, point) as server:
        assert empty.node("new")("join", invitation).status == 1
        assert server.process.wait(timeout=60) == _KILLED
    with Serving(empty.coordinator):
        assert good(empty.node("new")("join", invitation, "--json")).json["member"] == "new"
    assert len([row for row in empty.coordinator.rows()["certificates"] if "new" in row]) == 1


@pytest.mark.parametrize("point", ["asking to join", "joined", "founded"])
def test_a_node_that_is_killed_while_it_joins(empty: Federation, point: str) -> None:
    invitation = (empty.folder / "invitation.txt").read_text()
    with Serving(empty.coordinator):
        assert _node_dies(empty, "new", point, "join", invitation).wait(timeout=120) == _KILLED
        assert good(empty.node("new")("join", invitation, "--json")).json["identity"]["state"] == "waiting"
    assert len([row for row in empty.coordinator.rows()["certificates"] if "new" in row]) == 1
