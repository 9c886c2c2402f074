"""The agent: how long it waits, what a fault stops, how `run` ends, and certificates that renew by themselves."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.members.members import resume, suspend
from node.agent.loop import FIRST_PAUSE_S, LONGEST_PAUSE_S, Stop, pause_after, run
from node.agent.turn import Turn
from node.membership.settings import Files
from node.membership.tls import held
from tests.federation.ageing import aged
from tests.federation.house import Federation, agree_by_itself, good, now, spent, submitted
from tests.federation.liar import Stage, lying
from tests.node.cli.run import PROGRAM

WHO = "lade"


@given(st.integers(1, 10**6))
def test_a_pause_is_within_a_ceiling_that_doubles_up_to_ten_minutes(failures: int) -> None:
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures - 1, 60))
    assert 0 <= pause_after(failures) <= ceiling <= LONGEST_PAUSE_S == 600


def test_pauses_fill_their_range() -> None:
    """Full jitter: of 400 draws all lie in one half with probability 2 · 2^-400."""
    drawn = [pause_after(30) for _ in range(400)]
    assert min(drawn) < LONGEST_PAUSE_S / 2 < max(drawn)


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    with lying(joined.copied(tmp_path / "federation")) as found:
        yield found


class _Impatient(Stop):
    """Is asked to wait, notes how long, and stops after so many times."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._turns = turns

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) >= self._turns


def test_the_agent_waits_as_it_is_told_and_longer_where_nobody_answers(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    told: list[Turn] = []
    stop = _Impatient(2)
    run(home, stop, told.append, lambda _text: None)
    assert (stop.waits, len(told)) == ([1, 1], 2)


def test_the_agent_goes_on_where_nobody_answers(joined: Federation, tmp_path: Path) -> None:
    home = joined.copied(tmp_path / "federation").home(WHO)
    complaints: list[str] = []
    stop = _Impatient(1)
    run(home, stop, lambda _turn: pytest.fail("a turn was done"), complaints.append)
    assert 0 <= stop.waits[0] <= FIRST_PAUSE_S
    assert "cannot be reached" in complaints[0]
    assert "Next try in" in complaints[0]


def test_a_round_that_the_policy_does_not_allow_stops_nothing_else(stage: Stage) -> None:
    """`run --once` ends with the refusal's status, 3, and says in JSON what was refused; the other is answered."""
    federation = stage.federation
    agree_by_itself(federation.home(WHO))
    stage.open_round("good")
    another = federation.folder / "another.toml"
    another.write_text(federation.study.read_text().replace('name = "small"', 'name = "another"'))
    words = ("--window-last", "2025-12-31", "--deadline", "2099-01-01", "--quorum", "1", "--id", "bad")
    federation.coordinator.good("round", "open", another, *words)
    ended = federation.node(WHO)("run", "--once", "--json")
    assert ended.status == 3
    said = ended.json
    assert said["did"] == ["round good: the release was sent"]
    assert [fault["reason"] for fault in said["faults"]] == ["POLICY_REFUSED"]
    assert said["retry_after_s"] == 1
    assert set(submitted(federation.coordinator, "good")) == {WHO}
    assert submitted(federation.coordinator, "bad") == {}
    assert len(spent(federation.home(WHO))) == 1


def test_a_round_waits_for_a_person_where_the_policy_says_so(stage: Stage) -> None:
    stage.open_round("round")
    done = stage.turn(WHO)
    assert done.did == []
    assert "kudos-node approve round" in done.waiting[0]
    assert spent(stage.federation.home(WHO)) == []


def test_a_round_that_was_declined_is_declined_at_the_coordinator_and_costs_nothing(stage: Stage) -> None:
    federation = stage.federation
    stage.open_round("round")
    stage.turn(WHO)
    said = good(federation.node(WHO)("decline", "round", "--json")).json
    assert said == {"round": "round", "status": "declined", "told": True}
    agree_by_itself(federation.home(WHO))
    stage.heard.clear()
    assert stage.turn(WHO).did == []
    assert "Submit" not in stage.heard
    members = federation.coordinator.good("round", "status", "round")["members"]
    assert {each["member"]: each["status"] for each in members}[WHO] == "declined"
    assert spent(federation.home(WHO)) == []


def test_a_fault_with_identities_stops_neither_rounds_nor_benchmarks(stage: Stage) -> None:
    agree_by_itself(stage.federation.home(WHO))
    stage.open_round("round")

    def lie(answer: Any) -> Any:
        del answer.members[:]
        return answer

    stage.lies["ListMembers"] = lie
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == ["IDENTITY_UNSETTLED"]
    assert done.did == ["round round: the release was sent"]
    assert "ListBenchmarks" in stage.heard


def test_a_certificate_renews_by_itself_after_two_thirds_of_its_time(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    file = Files(home).certificate
    aged(stage.office, home, 59)
    before = file.read_bytes()
    assert stage.turn(WHO).did == []
    assert file.read_bytes() == before
    aged(stage.office, home, 61)
    before = file.read_bytes()
    assert stage.turn(WHO).did == ["the certificate was renewed"]
    fresh = held(file)
    assert fresh.certificate_pem not in before
    assert fresh.key_pem not in before
    assert (fresh.ends - now()).days in (89, 90)
    assert not Files(home).request.exists()
    assert stage.turn(WHO).did == []
    mine = [row for row in stage.federation.coordinator.rows()["certificates"] if WHO in row and "current" in row]
    assert len(mine) == 2  # the new one, and the one that asked for it: its answer could have been lost


def test_a_certificate_whose_time_is_over_is_told_with_what_to_do(stage: Stage) -> None:
    aged(stage.office, stage.federation.home(WHO), 91)
    ended = stage.federation.node(WHO)("run", "--once", "--json")
    assert ended.status == 1
    assert ended.json["error"]["reason"] == "NO_CONNECTION"
    assert "kudos-node" in ended.json["error"]["message"]


def test_run_once_where_nobody_answers_and_where_there_is_nothing_to_do(stage: Stage, tmp_path: Path) -> None:
    assert good(stage.federation.node(WHO)("run", "--once", "--json")).json["faults"] == []
    away = stage.federation.copied(tmp_path / "away").node(WHO)
    ended = away("run", "--once", "--json")
    assert ended.status == 1
    assert ended.json["error"]["reason"] == "NO_CONNECTION"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_agent_that_nobody_answers(joined: Federation, tmp_path: Path, number: signal.Signals) -> None:
    node = joined.copied(tmp_path / "federation").node(WHO)
    with subprocess.Popen(
        [PROGRAM, "--home", node.home, "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as agent:
        assert agent.stderr is not None
        assert "cannot be reached" in agent.stderr.readline()
        agent.send_signal(number)
        assert agent.wait(timeout=60) == 0


def test_the_agents_log_is_a_line_of_json_for_each_thing(joined: Federation, tmp_path: Path) -> None:
    node = joined.copied(tmp_path / "federation").node(WHO)
    with subprocess.Popen(
        [PROGRAM, "--home", node.home, "run", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as agent:
        assert agent.stdout is not None
        begun, trouble = (json.loads(agent.stdout.readline()) for _ in range(2))
        agent.send_signal(signal.SIGTERM)
        last = json.loads(agent.stdout.readlines()[-1])
    assert (begun["event"], begun["member"]) == ("working", WHO)
    assert (trouble["event"], "cannot be reached" in trouble["message"]) == ("trouble", True)
    assert (last["event"], agent.returncode) == ("stopped", 0)


def test_a_suspended_member_is_told_and_takes_part_again_once_it_is_resumed(stage: Stage) -> None:
    federation = stage.federation
    agree_by_itself(federation.home(WHO))
    stage.open_round("round")
    federation.coordinator.good("member", "suspend", WHO)
    ended = federation.node(WHO)("run", "--once", "--json")
    assert ended.status == 1
    assert "MEMBER_SUSPENDED" in ended.json["error"]["message"]
    assert spent(federation.home(WHO)) == []
    federation.coordinator.good("member", "resume", WHO)
    assert stage.turn(WHO).did == ["round round: the release was sent"]


class _Watched(Stop):
    """Is asked to wait, notes how long, and does what comes next; stops when nothing does."""

    def __init__(self, steps: list[Callable[[], object]]) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._steps = iter(steps)

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        step = next(self._steps, None)
        if step is not None:
            step()
        return step is None


def test_pauses_begin_anew_after_a_turn_that_was_done(stage: Stage) -> None:
    """Eight failures, then a turn and a failure by turns. Pauses that went on growing would be up to ten minutes, and
    all four within five seconds in one of 2 · 10^8 runs."""
    store = stage.office.store

    def out() -> None:
        suspend(store, WHO, now())

    def back() -> None:
        resume(store, WHO, now())

    out()
    stop = _Watched([*[lambda: None] * 7, *[back, out] * 4])
    told: list[Turn] = []
    run(stage.federation.home(WHO), stop, told.append, lambda _text: None)
    assert len(told) == 4
    assert len(stop.waits) == 16
    assert stop.waits[8::2] == [1] * 4
    assert all(0 <= pause <= FIRST_PAUSE_S for pause in stop.waits[9::2])
