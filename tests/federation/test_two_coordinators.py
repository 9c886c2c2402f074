"""Two processes of one coordinator, on one PostgreSQL database behind one address: each step is taken once, and either
may be killed at any of them. About a minute."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from coordinator.home import Home as Office
from coordinator.rounds.rounds import open_round
from coordinator.rounds.studies import read
from node.agent.turn import turn
from privacy.ledger.contents import release_digest
from tests.databases import PostgreSQL, moved
from tests.federation import killed
from tests.federation.balancer import Balancer, balanced
from tests.federation.history import EARLIER
from tests.federation.house import (
    MEMBERS,
    PROGRAM,
    WINDOW_LAST,
    Coordinator,
    Federation,
    Serving,
    agree_by_itself,
    free_ports,
    now,
    spent,
    submitted,
)

_PATIENCE_S = 120.0
_FEDERATION, _ENROLMENT = 0, 1


@dataclass(frozen=True)
class Pair:
    """A federation whose coordinator is two: the same keys and the same store, each with ports of its own."""

    federation: Federation
    other: Coordinator
    ports: tuple[tuple[int, int], tuple[int, int]]

    @property
    def one(self) -> Coordinator:
        """The first of the two."""
        return self.federation.coordinator

    @contextmanager
    def balanced(self, *, in_turn: bool) -> Iterator[list[Balancer]]:
        """The one address that the members know."""
        address = [int(each.rpartition(":")[2]) for each in self.one.addresses]
        with balanced(address, self.ports, in_turn=in_turn) as found:
            yield found

    def open_round(self, name: str, seconds: float, window_last: str = WINDOW_LAST) -> None:
        """A round that ends in so many seconds; less than none for one whose deadline is over."""
        with self.one.office() as office:
            begin = now() - timedelta(days=1)
            study, end = read(str(self.federation.study)), now() + timedelta(seconds=seconds)
            open_round(office, study, date.fromisoformat(window_last), end, begin, 1, name)

    def events(self, name: str) -> list[str]:
        """What has happened to a round, in order."""
        rows = self.one.rows()["events"]
        return [str(row[2]) for row in rows if str(row[3]).split(" ")[0] == name]

    def answer(self, member: str) -> list[str]:
        """A turn of a member's agent."""
        return turn(self.federation.home(member), lambda _text: None).did


@pytest.fixture
def pair(joined: Federation, postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Pair]:
    federation = joined.copied(tmp_path / "federation")
    for member in MEMBERS:
        agree_by_itself(federation.home(member))
    home = Office(federation.coordinator.home)
    with postgresql.one() as store:
        moved(home, store)
        other = Office(tmp_path / "federation" / "coordinator-2")
        shutil.copytree(home.path, other.path)
        ports = free_ports(4)
        pairs = ((ports[0], ports[1]), (ports[2], ports[3]))
        for each, (federation_port, enrolment_port) in zip((home, other), pairs, strict=True):
            settings = each.settings()
            text = each.settings_file.read_text()
            for old, port in ((settings.federation, federation_port), (settings.enrolment, enrolment_port)):
                text = text.replace(f'listen = "{old.listen}"', f'listen = "127.0.0.1:{port}"')
            each.settings_file.write_text(text)
        yield Pair(federation, Coordinator(other.path), pairs)


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def _dying(coordinator: Coordinator, point: str) -> Serving:
    return Serving(coordinator, (sys.executable, str(Path(killed.__file__)), "coordinator", point))


def _said(server: Serving, event: str) -> int:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return sum(line["event"] == event for line in lines)


def _all_there_once(pair: Pair, name: str) -> None:
    there = submitted(pair.one, name)
    assert set(there) == set(MEMBERS)
    for member in MEMBERS:
        (paid,) = [each for each in spent(pair.federation.home(member)) if each.window_last == WINDOW_LAST]
        assert (paid.digest, paid.envelope) == (release_digest(there[member]), there[member])


def test_a_round_of_two_coordinators_is_one_round(pair: Pair) -> None:
    """Members reach either; both look at the clock; both operators publish."""
    pair.open_round("round", 3600)
    with pair.balanced(in_turn=True) as balancers, Serving(pair.one) as first, Serving(pair.other) as second:
        for member in MEMBERS:
            assert pair.answer(member) == ["round round: the release was sent"]
        assert all(balancers[_FEDERATION].given[port[_FEDERATION]] >= 3 for port in pair.ports)
        _all_there_once(pair, "round")
        assert pair.events("round").count("round.collecting") == 1
        pair.open_round("due", -3600, EARLIER)
        _until(lambda: pair.federation.look("due").state == "closed")
        for server in (first, second):
            assert server.stop() == 0
        assert _said(first, "closed") + _said(second, "closed") == 1
    assert pair.events("due") == ["round.open", "round.collecting", "round.closed"]
    pair.one.good("round", "close", "round")
    words = ("round", "publish", "round", "--json")
    publishing = [
        subprocess.Popen(
            [str(PROGRAM), "--home", str(each.home), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for each in (pair.one, pair.other)
    ]
    statuses = sorted(each.wait(timeout=120) for each in publishing)
    assert statuses[0] == 0 != statuses[1]
    assert [row[:2] for row in pair.one.rows()["benchmarks"]] == [("round", 1)]
    assert pair.events("round").count("round.published") == 1


POINTS = ("cosigning", "cosigned", "taking a release", "release taken")


def test_either_may_be_killed_while_a_member_asks_it(pair: Pair) -> None:
    """The other takes over within the same turn of the member, which notices nothing."""
    pair.open_round("round", 3600)
    with pair.balanced(in_turn=False), Serving(pair.other):
        for member, point in zip(MEMBERS, POINTS, strict=False):
            with _dying(pair.one, point) as dying:
                did = pair.answer(member)
                assert dying.process.wait(timeout=60) == -signal.SIGKILL, point
            assert did == ["round round: the release was sent"], point
        for member in MEMBERS[len(POINTS) :]:
            assert pair.answer(member) == ["round round: the release was sent"]
    _all_there_once(pair, "round")
    assert pair.events("round").count("round.collecting") == 1
    assert pair.events("round").count("round.released") == len(MEMBERS)


def test_one_that_is_killed_as_it_closes_a_round_leaves_it_to_the_other(pair: Pair) -> None:
    with Serving(pair.other) as other:
        other.process.send_signal(signal.SIGSTOP)  # or it would be first
        try:
            pair.open_round("due", -3600, EARLIER)
            with _dying(pair.one, "closing") as dying:
                assert dying.process.wait(timeout=_PATIENCE_S) == -signal.SIGKILL
            assert pair.federation.look("due").state == "open"
        finally:
            other.process.send_signal(signal.SIGCONT)
        _until(lambda: pair.federation.look("due").state == "closed")
        assert other.stop() == 0
    assert pair.events("due") == ["round.open", "round.collecting", "round.closed"]


def test_one_is_stopped_and_comes_back_while_members_join(pair: Pair) -> None:
    """Stopped as an operator does for an upgrade: nobody is turned away."""
    with pair.balanced(in_turn=True) as balancers, Serving(pair.other):
        with Serving(pair.one) as first:
            assert first.stop() == 0
        words = ("--name", "Nye Scene", "--industry", "museum", "--county", "Vestland", "--id", "nye")
        invitation = pair.other.good("member", "invite", *words)["invitation"]
        assert pair.federation.node("nye").good("join", invitation, "--json").json["member"] == "nye"
        with Serving(pair.one):
            assert pair.answer("nye") is not None
        assert balancers[_ENROLMENT].given[pair.ports[1][_ENROLMENT]] >= 1
    assert len([row for row in pair.one.rows()["certificates"] if "nye" in row]) == 1
