"""What the agent tells of an error that nobody foresaw: where it was, and nothing of what it says."""

from pathlib import Path

import pytest

from node.agent.loop import Stop, run
from node.agent.turn import Turn, tried
from node.agent.unforeseen import OF_THIS_MACHINE, as_told
from node.errors import Defect, NodeError, SystemRefused
from node.home import Home, Settings
from node.membership.errors import NoConnection

SECRET = "kari.nordmann@example.no"


def _foreseen() -> None:
    raise NodeError("The policy says no.")


def _disk() -> None:
    raise OSError(28, "No space left on device", "/node/rounds/x")


def _defect() -> None:
    raise ValueError(SECRET)


def _deep() -> None:
    _deep()


def test_a_part_that_fails_is_told_and_stops_no_other() -> None:
    done = Turn()
    for part in (_foreseen, _disk, _defect, _deep, lambda: done.did.append("the last")):
        tried(done, part)
    assert [fault.reason for fault in done.faults] == ["NODE", "SYSTEM_REFUSED", "DEFECT", "DEFECT"]
    assert [isinstance(fault.error, OF_THIS_MACHINE) for fault in done.faults] == [False, True, True, True]
    assert str(done.faults[0]) == "The policy says no."
    assert "No space left on device (/node/rounds/x)" in str(done.faults[1])
    assert "ValueError at test_unforeseen.py:" in str(done.faults[2])
    assert "RecursionError at test_unforeseen.py:" in str(done.faults[3])
    assert SECRET not in str(done.faults)
    assert done.did == ["the last"]


def test_a_refusal_is_told_once_and_with_the_rounds_name() -> None:
    done = Turn()

    def refused(name: str) -> None:
        done.about = name
        _foreseen()

    for name in ("spring", "autumn", "spring"):
        tried(done, lambda name=name: refused(name))  # type: ignore[misc]
    tried(done, _foreseen)
    assert [str(fault) for fault in done.faults] == [
        "round spring: The policy says no.",
        "round autumn: The policy says no.",
        "The policy says no.",
    ]


def test_a_connection_that_is_gone_ends_the_turn() -> None:
    def gone() -> None:
        raise NoConnection("Nobody answers.")

    with pytest.raises(NoConnection):
        tried(Turn(), gone)


def test_an_error_of_the_system_without_words_or_a_file_is_told_by_its_name() -> None:
    told = as_told(TimeoutError())
    assert isinstance(told, SystemRefused)
    assert "TimeoutError" in str(told)


class _Home(Home):
    """A node whose settings fail as nobody foresaw."""

    def settings(self) -> Settings:
        raise ValueError(SECRET)


class _Thrice(Stop):
    """Stops at the third wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) == 3


def test_the_agent_goes_on_after_a_defect_and_says_it_once(tmp_path: Path) -> None:
    said: list[str] = []
    stop = _Thrice()
    run(_Home(tmp_path), stop, lambda _turn: pytest.fail("a turn was done"), said.append)
    assert len(stop.waits) == 3
    assert len(said) == 1
    assert said[0].startswith("A defect in Kudos: ValueError at test_unforeseen.py:")
    assert SECRET not in said[0]


def test_a_defect_is_one_whatever_it_is_made_of() -> None:
    assert isinstance(as_told(MemoryError()), Defect | SystemRefused)
    error = NodeError("As it stands.")
    assert as_told(error) is error
