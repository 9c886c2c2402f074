"""A round: it is opened, eleven of twelve answer in time, it ends at its deadline, and its benchmark is published."""

import time
from concurrent.futures import Executor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.cast import LAST, Part
from deploy.demo.house import STUDY
from deploy.demo.network import POLL_S, Network
from deploy.demo.programs import Beside, Failed, beside
from deploy.demo.stage import Stage, side_by_side

_PATIENCE_S = 120.0
_SHORTEST_S = 14.0


def agents_started(stack: ExitStack, stage: Stage, network: Network, parts: tuple[Part, ...]) -> dict[Part, Beside]:
    """The agents of the institutions that let them answer; they work until the stack is closed."""
    chosen = [part for part in parts if part.answers == "agent"]
    stage.prompt(network.node(chosen[0]).typed("run"))
    found = {}
    for part in chosen:
        # All of them get the signal before any is waited for: callbacks run from the last to the first.
        found[part] = stack.enter_context(beside(network.node(part), network.log(part.id), "run"))
    for agent in found.values():
        stack.callback(agent.ask_to_stop)
    with stage.progress("agents", len(found)) as done:
        for agent in found.values():
            agent.await_words("Working for", _PATIENCE_S)
            done("")
    stage.says(
        f"  ✓ {len(found)} agents ask every {POLL_S} s whether there is anything to do; in earnest every five minutes"
    )
    return found


def opened(stage: Stage, network: Network, pace_s: float) -> tuple[str, datetime]:
    """Opens the round, its deadline as far ahead as this machine needs. Its name, and the deadline.

    `pace_s` is how long the imports took: releases take a fifth of that on a machine that is as busy as before.
    """
    seconds = _SHORTEST_S + 0.6 * pace_s
    deadline = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
    words = f"round open {STUDY} --window-last {LAST} --deadline {deadline:%Y-%m-%dT%H:%M:%SZ}"
    stage.prompt(network.coordinator.typed(words))
    said = network.coordinator.reads(*words.split())
    stage.says(
        f"  Round {said['id']} asks {said['asked']} members, for the next {seconds:.0f} s; in earnest for weeks."
    )
    return str(said["id"]), deadline


def answered(
    stage: Stage,
    network: Network,
    parts: tuple[Part, ...],
    agents: dict[Part, Beside],
    asked: tuple[str, datetime],
    pool: Executor,
) -> None:
    """Agents answer by themselves, and persons by `approve`; waits until all of these have, or are too late.

    `asked` is the round's name, and its deadline.
    """
    name, deadline = asked
    persons = [part for part in parts if part.answers == "person"]
    who = network.node(persons[0])
    stage.prompt(who.typed("run --once"))
    stage.says(f"  … {persons[0].institution.name}: the round waits for a person, who looks first, and approves:")
    stage.prompt(who.typed(f"review {name}"))
    stage.prompt(who.typed(f"approve {name}"))

    def approve(part: Part) -> bool:
        node = network.node(part)
        node.runs("run", "--once")
        try:
            node.runs("approve", name, "--yes")
        except Failed as error:
            if "ROUND_CLOSED" not in str(error):
                raise
            return False
        return True

    def told(part: Part, how: str, *, in_time: bool) -> str:
        return f"{part.institution.name}: {how}" if in_time else f"{part.institution.name} is TOO LATE: a busy machine"

    with stage.progress("releases", len(persons) + len(agents)) as done:
        side_by_side(pool, approve, persons, lambda part, sent: done(told(part, "approved by a person", in_time=sent)))
        for part, agent in agents.items():
            in_time = agent.wait_for("the release was sent", (deadline - datetime.now(UTC)).total_seconds())
            done(told(part, "sent by its agent", in_time=in_time))
    for part in parts:
        if part.answers == "away":
            stage.says(f"  … {part.institution.name} is switched off: it does not even know of the round.", "yellow")


def reviewed(
    stage: Stage, network: Network, parts: tuple[Part, ...], name: str, pool: Executor
) -> dict[Part, dict[str, Any]]:
    """For the comparison to come: what each node knows of itself before any noise, and its budget after the release."""

    def review(part: Part) -> dict[str, Any]:
        found: dict[str, Any] = network.node(part).reads("review", name)
        return found

    with stage.progress("figures before the noise", len(parts)) as done:
        found = side_by_side(pool, review, parts, lambda *_: done(""))
    stage.says(f"  ✓ {len(parts)} institutions' figures before the noise, for the comparison below; they never leave")
    return found


def closed(stage: Stage, server: Beside, deadline: datetime) -> None:
    """Waits for the deadline, at which the server closes the round by itself."""
    left = (deadline - datetime.now(UTC)).total_seconds()
    if left > 0:
        stage.says(f"  The deadline is in {left:.0f} s …")
        time.sleep(left)
    server.await_words('"closed"', _PATIENCE_S)


def published(stage: Stage, network: Network, name: str) -> dict[str, Any]:
    """Publishes the round; the benchmark as programs get it."""
    stage.prompt(network.coordinator.typed(f"round publish {name}"))
    network.coordinator.runs("round", "publish", name, "--yes")
    found: dict[str, Any] = network.coordinator.reads("benchmark", "show", name)
    return found


def fetched(
    stage: Stage, network: Network, parts: tuple[Part, ...], agents: dict[Part, Beside], pool: Executor
) -> None:
    """Every node gets the benchmark: agents by themselves, the others with one turn, the one that was away too."""
    for agent in agents.values():
        agent.await_words("benchmark of", _PATIENCE_S)
    others = [part for part in parts if part not in agents]
    for turn in [pool.submit(network.node(part).runs, "run", "--once") for part in others]:
        turn.result()
    stage.says(f"  ✓ all {len(parts)} nodes have fetched it and checked its signature; {_away(parts)}, back again, too")


def released(network: Network, name: str) -> dict[str, str]:
    """Members and how they stand in the round. Raises Failed where none has released."""
    said = network.coordinator.reads("round", "status", name)
    found = {each["member"]: str(each["status"]) for each in said["members"]}
    if "released" not in found.values():
        raise Failed(f"No member has answered round {name} in time: this machine is too busy for the demo.")
    return found


def _away(parts: tuple[Part, ...]) -> str:
    return " and ".join(part.institution.name for part in parts if part.answers == "away")
