"""Two rounds of a federation from beginning to end, by its programs; what is left lies in its folders.

The first lasts until its deadline, with one member away and the server closing it; one member answers by hand and
four by one turn of their agents. In the second all six agents run, until they are told to stop.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from tests.federation.house import MEMBERS, WINDOW_LAST, Federation, Serving, agree_by_itself, now
from tests.node.cli.run import PROGRAM

FIRST, SECOND = "first", "second"
EARLIER = "2025-11-30"
AWAY = MEMBERS[-1]
BY_HAND, BY_AGENT = MEMBERS[0], MEMBERS[1:5]
_PATIENCE_S = 120.0


def make(joined: Federation, folder: Path) -> None:
    """Makes it, and notes in `story.json` what no folder keeps."""
    federation = joined.copied(folder)
    for member in (*BY_AGENT, AWAY):
        agree_by_itself(federation.home(member))
    with Serving(federation.coordinator) as server:
        first = _first_round(federation)
        statuses = _second_round(federation)
        stopped = server.stop()
    story = {"first": first, "agents": statuses, "server": stopped}
    (folder / "story.json").write_text(json.dumps(story))


def _first_round(federation: Federation) -> str:
    """The name of the round that five answered in time. A slow machine gets a longer deadline, and pays no release."""
    seconds = 10
    while True:
        name = f"{FIRST}-{seconds}"
        _open(federation, name, seconds)
        turns = [_agent(federation, member, "--once") for member in BY_AGENT]
        by_hand = federation.node(BY_HAND)
        by_hand("run", "--once")
        by_hand("approve", name, "--yes")
        for turn in turns:
            turn.wait(timeout=60)
        _until(lambda name=name: federation.look(name).state == "closed")  # type: ignore[misc]
        if federation.look(name).releases == 1 + len(BY_AGENT):
            break
        seconds *= 2
    federation.coordinator.good("round", "publish", name)
    return name


def _open(federation: Federation, name: str, seconds: int) -> None:
    end = f"{now() + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
    words = ("--window-last", WINDOW_LAST, "--deadline", end, "--quorum", "5", "--id", name)
    federation.coordinator.good("round", "open", federation.study, *words)


def _second_round(federation: Federation) -> dict[str, int]:
    """How the six agents ended."""
    agree_by_itself(federation.home(BY_HAND))
    federation.open_round(SECOND, EARLIER, quorum=6)
    with ExitStack() as stack:
        agents = {member: stack.enter_context(_agent(federation, member)) for member in MEMBERS}
        _until(lambda: federation.look(SECOND).releases == len(MEMBERS))
        federation.coordinator.good("round", "close", SECOND)
        federation.coordinator.good("round", "publish", SECOND)
        files = [federation.folder / member / "benchmarks" / f"{SECOND}.1.kudos" for member in MEMBERS]
        _until(lambda: all(file.exists() for file in files))
        for agent in agents.values():
            agent.send_signal(signal.SIGTERM)
        return {member: agent.wait(timeout=60) for member, agent in agents.items()}


def _agent(federation: Federation, member: str, *words: str) -> "subprocess.Popen[bytes]":
    command = [str(PROGRAM), "--home", str(federation.folder / member), "run", *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _until(there: Callable[[], bool]) -> None:
    """Looks again and again, for what other processes do in their own time."""
    end = time.monotonic() + _PATIENCE_S
    while not there():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.2)
