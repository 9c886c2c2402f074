"""Cross-use: sketches are shared, customers counted against them; how audiences move, beside the truth.

The one that was away before takes part now: a round of cross-use is a round of its own.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np

from deploy.demo.cast import LAST, Part
from deploy.demo.house import CROSS_USE
from deploy.demo.making import Made
from deploy.demo.network import Network
from deploy.demo.population import Numbers
from deploy.demo.programs import Beside, Failed
from deploy.demo.stage import Stage, side_by_side

_PATIENCE_S = 240.0
_MULTIPLICITY = {"1": (1, 1), "2": (2, 2), "3-5": (3, 5), "6+": (6, 10_000)}


def opened(stage: Stage, network: Network) -> str:
    """Opens the round, with time enough for any machine: it goes on as soon as everybody has answered."""
    first, second = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, 2))
    words = (
        f"round open {CROSS_USE} --window-last {LAST} --sketch-deadline {first:%Y-%m-%dT%H:%M:%SZ} "
        f"--deadline {second:%Y-%m-%dT%H:%M:%SZ}"
    )
    stage.prompt(network.coordinator.typed(words))
    said = network.coordinator.reads(*words.split())
    stage.says(f"  Round {said['id']} asks {said['asked']} members: first for a sketch, then for counts.")
    return str(said["id"])


def sketched(
    stage: Stage, network: Network, parts: tuple[Part, ...], agents: dict[Part, Beside], name: str, pool: Executor
) -> None:
    """Every node makes, pays for, seals and sends its sketch: agents by themselves, the others by a person's yes."""
    persons = [part for part in parts if part not in agents]
    who = network.node(persons[0])
    stage.prompt(who.typed(f"review {name}"))
    stage.prompt(who.typed(f"approve {name}"))

    def approve(part: Part) -> None:
        network.node(part).runs("run", "--once")
        network.node(part).runs("approve", name, "--yes")

    with stage.progress("sketches", len(parts)) as done:
        side_by_side(pool, approve, persons, lambda part, _: done(f"{part.institution.name}: approved by a person"))
        for part, agent in agents.items():
            agent.await_words(f"round {name}: the sketch was sent", _PATIENCE_S)
            done(f"{part.institution.name}: sent by its agent")
    stage.says(
        "  ✓ a megabyte each, sealed for the eleven others; NPU hands them on and can open none. Every bit of them was "
        "flipped with a chance of 27 in 100: what a peer learns of one customer is bounded by ε 1"
    )


def counted(
    stage: Stage,
    network: Network,
    parts: tuple[Part, ...],
    server: Beside,
    agents: dict[Part, Beside],
    name: str,
    pool: Executor,
) -> None:
    """The coordinator signs whose sketches there are, and every node counts its customers against the others'."""
    server.await_words('"market"', _PATIENCE_S)
    persons = [part for part in parts if part not in agents]

    def turn(part: Part) -> None:
        network.node(part).runs("run", "--once")

    with stage.progress("counts", len(parts)) as done:
        side_by_side(pool, turn, persons, lambda part, _: done(f"{part.institution.name}: counted"))
        for part, agent in agents.items():
            agent.await_words(f"round {name}: the counts were sent", _PATIENCE_S)
            done(f"{part.institution.name}: counted by its agent")


def published(stage: Stage, network: Network, name: str) -> dict[str, Any]:
    """Closes and publishes the round; what it says, as programs get it. Raises Failed where a count is missing."""
    status = network.coordinator.reads("round", "status", name)
    missing = [each["member"] for each in status["members"] if each["status"] != "released"]
    if missing:
        raise Failed(f"{', '.join(missing)} sent no count for round {name}.")
    network.coordinator.runs("round", "close", name)
    stage.prompt(network.coordinator.typed(f"round publish {name}"))
    network.coordinator.runs("round", "publish", name, "--yes")
    found: dict[str, Any] = network.coordinator.reads("benchmark", "show", name)
    return found


# ---- beside the truth


@dataclass(frozen=True)
class Crossed:
    """A published figure beside what only the simulation knows."""

    what: str
    value: float | None
    error: float | None
    truth: float
    reason: str | None


def beside_truth(benchmark: dict[str, Any], made: dict[Part, Made]) -> list[Crossed]:
    """Overlaps of industries and counties, reach and multiplicity, each with its truth."""
    cells = {(cell["table"], cell["category"], cell["measure"]): cell for cell in benchmark["cells"]}
    sets = {part: made[part].contacts for part in made}
    visits = np.unique(np.concatenate(list(sets.values())), return_counts=True)[1]
    found = [_of(cells, ("reach", "all", "people"), "different people reached", float(len(visits)))]
    for category, (low, high) in _MULTIPLICITY.items():
        truth = float(((visits >= low) & (visits <= high)).mean())
        found.append(_of(cells, ("multiplicity", category, "share"), f"use {category} of the twelve", truth))
    for table, attribute in (("industry_pair", "industry"), ("county_pair", "county")):
        groups = sorted({str(getattr(part.institution, attribute)) for part in made})
        for one, other in [*((group, group) for group in groups), *combinations(groups, 2)]:
            truth = _shared(sets, attribute, one, other)
            found.append(_of(cells, (table, f"{one}+{other}", "customers"), f"{one} and {other}", float(truth)))
    return found


def _of(
    cells: dict[tuple[str, str, str], dict[str, Any]], key: tuple[str, str, str], what: str, truth: float
) -> Crossed:
    cell = cells.get(key)
    if cell is None:
        return Crossed(what, None, None, truth, "not there")
    value, error = cell["value"], cell["standard_error"]
    shown = None if value is None else float(value)
    return Crossed(what, shown, None if error is None else float(error), truth, cell["reason"])


def _shared(sets: dict[Part, Numbers], attribute: str, one: str, other: str) -> int:
    """People in common, pair of institutions by pair, of two groups or within one."""
    total = 0
    for first, second in combinations(sets, 2):
        kinds = {getattr(first.institution, attribute), getattr(second.institution, attribute)}
        same = getattr(first.institution, attribute) == getattr(second.institution, attribute)
        if kinds == {one, other} and same == (one == other):
            total += len(np.intersect1d(sets[first], sets[second], assume_unique=True))
    return total


def far_off(found: Sequence[Crossed]) -> list[Crossed]:
    """Figures more than five of their standard errors from the truth: with honest errors, one in a million."""
    return [
        each
        for each in found
        if each.value is not None and each.error and abs(each.value - each.truth) > 5 * each.error
    ]
