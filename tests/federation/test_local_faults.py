"""What goes wrong on the member's own machine: a full disk, damaged files, defects. The agent outlives it, says what it
is without laying it to the coordinator, spends nothing by mistake, and goes on when it is mended.
"""

import json
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from coordinator.rounds.rounds import announcement
from node.agent.loop import Stop, run
from node.agent.turn import Turn
from node.home import Home
from privacy.rounds.announcement import ROUND
from privacy.signing.envelope import sign, verify
from tests.federation.house import Federation, Serving, agree_by_itself, good, spent, submitted
from tests.federation.liar import Stage, lying
from tests.node.cli.run import PROGRAM

WHO = "bryggen"


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    """A federation whose member answers by itself, and a round that asks it."""
    federation = joined.copied(tmp_path / "federation")
    agree_by_itself(federation.home(WHO))
    with lying(federation) as found:
        found.open_round("round")
        yield found


@pytest.fixture
def afterwards(past: Federation, tmp_path: Path) -> Iterator[Stage]:
    """A federation after two rounds."""
    with lying(past.copied(tmp_path / "federation")) as found:
        yield found


def _flipped(file: Path) -> bytes:
    """Flips a bit in the middle; the bytes of before."""
    before = file.read_bytes()
    content = bytearray(before)
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    return before


class _Mended(Stop):
    """Notes how long it is asked to wait, mends something before the turn of a number, and stops after so many."""

    def __init__(self, turns: int, before: int, mend: Callable[[], object]) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._turns, self._before, self._mend = turns, before, mend

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        if len(self.waits) == self._before - 1:
            self._mend()
        return len(self.waits) >= self._turns


def _run(home: Home, stop: Stop) -> tuple[list[Turn], list[str]]:
    told: list[Turn] = []
    complaints: list[str] = []
    run(home, stop, told.append, complaints.append)
    return told, complaints


def test_a_folder_that_cannot_be_written_is_told_and_the_agent_goes_on_when_it_can(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    place = home.path / "rounds"
    place.write_bytes(b"a file where a folder belongs")
    told, complaints = _run(home, _Mended(3, 3, place.unlink))
    assert [[fault.reason for fault in each.faults] for each in told] == [["NOT_WRITTEN"], ["NOT_WRITTEN"], []]
    assert "announcement cannot be written" in str(told[0].faults[0])
    assert told[2].did == ["round round: the release was sent"]
    assert complaints == []
    assert len(spent(home)) == 1


def test_a_turn_that_fails_for_one_reason_is_told_once_and_again_when_it_changes(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    file = home.path / "network.toml"
    content = file.read_bytes()
    file.write_bytes(b"nonsense")
    told, complaints = _run(home, _Mended(5, 4, lambda: file.write_bytes(content)))
    assert len(complaints) == 2
    assert "network.toml" in complaints[0]
    assert "Next try in" in complaints[0]
    assert complaints[1] == "That is over: the agent works again."
    assert told[0].did == ["round round: the release was sent"]
    assert len(told) == 2


def test_a_file_that_the_system_refuses_ends_no_agent(stage: Stage) -> None:
    """A key that cannot be read, before anything is asked."""
    home = stage.federation.home(WHO)
    file = home.path / "keys" / "authority.pem"
    content = file.read_bytes()
    file.unlink()
    told, complaints = _run(home, _Mended(3, 3, lambda: file.write_bytes(content)))
    assert "authority.pem" in complaints[0]
    assert len(complaints) == 2
    assert told[0].did == ["round round: the release was sent"]


def test_a_log_on_a_full_disk_ends_no_agent_and_a_reader_that_is_gone_does(stage: Stage) -> None:
    home = stage.federation.home(WHO)

    def full(_what: object) -> None:
        raise OSError(28, "No space left on device")

    def gone(_what: object) -> None:
        raise BrokenPipeError

    stop = _Mended(2, 9, lambda: None)
    run(home, stop, full, full)
    assert len(stop.waits) == 2
    assert len(spent(home)) == 1
    with pytest.raises(BrokenPipeError):
        run(home, stop, gone, gone)


def test_the_program_outlives_a_full_disk(joined: Federation, tmp_path: Path) -> None:
    """A limit on the size of files stands in for it: every write fails, in the node, its ledger and its store.

    As long as the agent needs for two turns and one or two pauses of up to ten seconds.
    """
    federation = joined.copied(tmp_path / "federation")
    home = federation.home(WHO)
    agree_by_itself(home)
    with Serving(federation.coordinator):
        federation.open_round("round")
        with subprocess.Popen(
            # No Python between fork and exec: here are gRPC's threads.
            ["sh", "-c", 'ulimit -S -f 0; exec "$@"', "sh", PROGRAM, "--home", str(home.path), "run"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as agent:
            assert agent.stdout is not None
            said = ""
            for line in agent.stdout:
                said += line
                if "cannot be written" in line:
                    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
                if "the release was sent" in line:
                    break
            assert "Make room there" in said, (agent.wait(timeout=60), said)
            assert agent.poll() is None, said
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(timeout=60) == 0
    assert len(spent(home)) == 1
    assert list(submitted(federation.coordinator, "round")) == [WHO]


def test_a_benchmark_that_was_damaged_here_is_fetched_again_and_nobody_is_accused(afterwards: Stage) -> None:
    node = afterwards.federation.node(WHO)
    newest = good(node("benchmark", "--json")).json["round"]
    assert newest != "second"
    file = afterwards.federation.home(WHO).path / "benchmarks" / f"{newest}.1.kudos"
    before = _flipped(file)
    broken = file.read_bytes()
    ended = good(node("benchmark", "--json"))
    assert ended.json["round"] == "second"
    assert f"{file} is damaged on this machine" in ended.err
    assert good(node("benchmark", "second", "--json")).err == ""
    ended = node("benchmark", newest)
    assert ended.status == 1
    assert "damaged on this machine" in ended.err
    assert f"{file} is damaged" in str(node("doctor", "--json").json)
    done = afterwards.turn(WHO)
    assert done.faults == []
    assert len(done.did) == 2
    assert "was damaged on this machine" in done.did[0]
    assert done.did[1].startswith(f"benchmark of {newest} (version 1) is here")
    assert file.read_bytes() == before
    assert file.with_name(f"{file.name}.damaged").read_bytes() == broken
    assert good(node("benchmark", "--json")).json["round"] == newest
    assert "damaged" not in str(node("doctor", "--json").json)
    assert afterwards.turn(WHO).did == []


def test_a_round_that_was_damaged_here_is_taken_again_and_hides_no_other(afterwards: Stage) -> None:
    node = afterwards.federation.node(WHO)
    every = good(node("rounds", "--json")).json["rounds"]
    file = afterwards.federation.home(WHO).path / "rounds" / "second" / "announcement"
    before = _flipped(file)
    ended = good(node("rounds", "--json"))
    assert ended.json["rounds"] == [each for each in every if each["round"] != "second"] != []
    assert f"{file} is damaged on this machine" in ended.err
    assert f"{file} is damaged" in str(node("doctor", "--json").json)
    done = afterwards.turn(WHO)
    assert done.faults == []
    assert "was damaged on this machine" in done.did[0]
    assert file.read_bytes() == before
    ended = good(node("rounds", "--json"))
    assert (ended.json["rounds"], ended.err) == (every, "")


@pytest.mark.parametrize("content", [b'{"word": "declineD"}', b"", b"[" * 200_000], ids=["a bit", "empty", "deep"])
def test_a_decision_that_cannot_be_read_is_no_leave_to_spend(stage: Stage, content: bytes) -> None:
    """The policy lets the agent answer by itself, and somebody had declined."""
    federation, home = stage.federation, stage.federation.home(WHO)
    federation.open_round("second", "2025-11-30")
    stage.lies["Decline"] = lambda answer: answer
    (home.path / "rounds").mkdir()
    file = home.path / "rounds" / "round" / "decision"
    file.parent.mkdir()
    file.write_bytes(content)
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == ["FILE_DAMAGED"]
    assert done.did == ["round second: the release was sent"]
    assert submitted(federation.coordinator, "round") == {}
    assert [paid.window_last for paid in spent(home)] == ["2025-11-30"]
    assert good(federation.node(WHO)("decline", "round", "--json")).json["status"] == "declined"
    assert stage.turn(WHO).faults == []
    assert submitted(federation.coordinator, "round") == {}


@pytest.mark.parametrize("text", ["a" + ".a" * 99_000 + " = 1", "a" + ".a" * 30_000 + " = 1"], ids=["long", "short"])
def test_an_announcement_that_would_take_all_memory_is_refused(stage: Stage, text: str) -> None:
    """A dotted key takes the square of its length: of this one gigabytes, where it is read at all."""
    key = stage.office.signing_key
    said = json.loads(verify(ROUND, announcement(stage.office.store, "round"), key.public_key()))
    envelope = sign(ROUND, rfc8785.dumps(said | {"study": text}), key)

    def lie(answer: Any) -> Any:
        answer.rounds[0].announcement = envelope
        return answer

    stage.lies["ListRounds"] = lie
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == ["BAD_ANNOUNCEMENT"]
    assert spent(stage.federation.home(WHO)) == []
