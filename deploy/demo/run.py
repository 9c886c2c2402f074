"""`make demo`: twelve invented institutions, a coordinator, a round, a benchmark beside the truth, and its audit.

    python -m deploy.demo.run [--folder .demo] [--scale 1.0]

The programs are the real ones, each a process of its own, over mutual TLS on this machine. The folder is kept.
"""

import signal
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import numpy as np

from deploy.demo import auditing, collecting, crossing, house, network, report
from deploy.demo.cast import LAST, Part, cast
from deploy.demo.folder import NotOurs, fresh
from deploy.demo.forks import prepared
from deploy.demo.making import Made, make
from deploy.demo.network import Network
from deploy.demo.pooled import bounded, invented, judged
from deploy.demo.programs import Beside, Failed
from deploy.demo.stage import Stage, side_by_side
from deploy.demo.words import megabytes, spaced
from privacy.studies.study import shipped

_AT_ONCE = 2
"""So many processes work at a time: what a small machine has cores for."""


@dataclass(frozen=True)
class Round:
    """What is known of the round at its end."""

    name: str
    benchmark: dict[str, Any]
    crossed: dict[str, Any]
    standing: dict[str, str]
    known: dict[Part, dict[str, Any]]


@click.command()
@click.option(
    "--folder", default=".demo", show_default=True, type=click.Path(path_type=Path), help="Made anew and kept."
)
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 3),
    help="So many times the customers: 2 000 to 60 000 each.",
)
def main(folder: Path, scale: float) -> None:
    """Let twelve invented institutions join a network, answer a round, and read a benchmark."""
    signal.signal(signal.SIGTERM, _interrupted)
    stage, parts = Stage(), cast(scale)
    try:
        _in_time()
        fresh(folder)
        prepared()
        right = _told(stage, Network(folder), parts)
    except (NotOurs, Failed) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Stopped; every program that the demo had started is stopped too.", err=True)
        sys.exit(130)
    sys.exit(0 if right else 1)


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _in_time() -> None:
    """Raises Failed where this machine's clock stands before the invented sales: a node takes none of the future."""
    today = datetime.now(UTC).date()
    if today <= LAST:
        raise Failed(
            f"The invented sales end on {LAST}, and this machine's clock says {today}. A node refuses sales of the "
            "future: set the clock."
        )


def _told(stage: Stage, where: Network, parts: tuple[Part, ...]) -> bool:
    """The whole story; returns whether everything came out as it must."""
    stage.says(
        "Twelve institutions that nobody has ever visited join a network, and learn what none of them could find out "
        "alone. Every line that begins with $ is a real command of a real program; a few stand for all."
    )
    made = _invented(stage, where, parts)
    with ThreadPoolExecutor(_AT_ONCE) as pool, ExitStack() as stack:
        with stage.step("NPU makes a coordinator, with an authority of its own, and it serves.", "coordinator"):
            server = stack.enter_context(network.serving(stage, where))
        owns = _prepared(stage, where, made, pool)
        outcome = _collected(stage, where, parts, server, pool)
    counted = all(each.equal for own in owns.values() for each in own.compared)
    _judged(stage, parts, made, outcome)
    with stage.step("An auditor gets everything as files, and computes it again.", "audit"):
        auditing.audited(stage, where)
    _farewell(stage, where, parts, outcome, owns)
    answered = sum(status == "released" for status in outcome.standing.values())
    expected = sum(part.answers != "away" for part in parts)
    if answered != expected:
        stage.says(f"Only {answered} of {expected} answered in time: this machine was too busy.", "bold red")
    wrong = crossing.far_off(crossing.beside_truth(outcome.crossed, made))
    if wrong:
        stage.says(f"Far from the truth: {', '.join(each.what for each in wrong)}.", "bold red")
    return counted and answered == expected and not wrong


def _invented(stage: Stage, where: Network, parts: tuple[Part, ...]) -> dict[Part, Made]:
    """Makes all worlds and exports; says how they overlap."""
    with stage.step("Twelve institutions are invented, and their ticketing systems write exports.", "inventing"):
        largest_first = sorted(parts, key=lambda part: -part.institution.customers)
        with (
            ProcessPoolExecutor(
                _AT_ONCE, get_context("forkserver"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
            ) as pool,
            stage.progress("inventing", len(parts)) as done,
        ):
            found = side_by_side(
                pool,
                partial(make, where.folder / "exports"),
                largest_first,
                lambda part, each: done(
                    f"{part.institution.name}: {spaced(len(each.people))} customers, {spaced(each.orders)} orders, "
                    f"as {part.system} writes them"
                ),
            )
        customers, visits = np.unique(np.concatenate([each.people for each in found.values()]), return_counts=True)
        size = sum(each.bytes for each in found.values())
        stage.says(
            f"{spaced(visits.sum())} customers of twelve institutions are {spaced(len(customers))} different people: "
            f"{spaced((visits > 1).sum())} are known to several. Their sales of three years: {megabytes(size)}."
        )
    return {part: found[part] for part in parts}


def _prepared(stage: Stage, where: Network, made: dict[Part, Made], pool: Executor) -> dict[Part, house.Own]:
    """Everybody joins, imports, and says what may leave."""
    parts = tuple(made)
    with stage.step("Twelve invitations, each one line to be used once.", "inviting"):
        invitations = network.invite_all(stage, where, parts, pool)
    with stage.step("Twelve nodes join, and get the key under which all hash their customers alike.", "joining"):
        network.join_all(stage, where, invitations, pool)
    with stage.step("Each node imports its exports; exact figures, for the institution's own eyes.", "importing"):
        owns = house.import_all(stage, where, made, pool)
    with stage.step("Nothing leaves that no policy allows: the institutions allow two studies.", "policies"):
        house.allow_all(stage, where, parts, pool)
    return owns


def _collected(stage: Stage, where: Network, parts: tuple[Part, ...], server: Beside, pool: Executor) -> Round:
    """A round from its opening to its publication."""
    present = tuple(part for part in parts if part.answers != "away")
    pace_s = dict(stage.times)["importing"]
    with ExitStack() as stack:
        with stage.step("NPU opens a round: agents answer, persons approve, and one node is off.", "round"):
            agents = collecting.agents_started(stack, stage, where, parts)
            name, deadline = collecting.opened(stage, where, pace_s)
            collecting.answered(stage, where, parts, agents, (name, deadline), pool)
            known = collecting.reviewed(stage, where, present, name, pool)
            collecting.closed(stage, server, deadline)
            standing = collecting.released(where, name)
            count = sum(status == "released" for status in standing.values())
            stage.says(f"  The server has closed the round by itself, with {count} of {len(parts)} releases.")
        with stage.step("The benchmark is combined, signed and published; the nodes fetch it.", "publishing"):
            benchmark = collecting.published(stage, where, name)
            collecting.fetched(stage, where, parts, agents, pool)
        with stage.step("How audiences move between them: nobody shows a customer to anybody.", "cross-use"):
            crossed = _crossed(stage, where, parts, server, agents, pool)
    for part in parts:
        if part not in known:
            known[part] = where.node(part).reads("budget")
    return Round(name, benchmark, crossed, standing, known)


def _crossed(
    stage: Stage, where: Network, parts: tuple[Part, ...], server: Beside, agents: dict[Part, Beside], pool: Executor
) -> dict[str, Any]:
    """A round of cross-use from its opening to its publication; all twelve take part."""
    name = crossing.opened(stage, where)
    crossing.sketched(stage, where, parts, agents, name, pool)
    crossing.counted(stage, where, parts, server, agents, name, pool)
    return crossing.published(stage, where, name)


def _judged(stage: Stage, parts: tuple[Part, ...], made: dict[Part, Made], outcome: Round) -> None:
    """The benchmark beside the truths: before the noise, and before the bounds."""
    study = shipped()[house.STUDY]
    released = [part for part in parts if outcome.standing.get(part.id) == "released"]
    cohorts = [line["cohort"] for line in outcome.benchmark["cohorts"] if line["status"] == "published"]
    members = {cohort: [part for part in released if cohort in part.cohorts] for cohort in cohorts}
    truths = {cohort: bounded((outcome.known[part] for part in of), study) for cohort, of in members.items()}
    true = {cohort: invented([made[part].truth for part in of]) for cohort, of in members.items()}
    found = judged(outcome.benchmark["cells"], truths)
    with stage.step("The benchmark beside the truth, which only this simulation knows.", "judging"):
        stage.says()
        report.network_beside_truth(stage, found, true["network"])
        stage.says()
        report.cohorts_beside_truth(stage, found, true)
        stage.says()
        report.honesty(stage, found)
        stage.says()
        stage.says("What was withheld, and why:")
        report.withheld(stage, outcome.benchmark)
        stage.says()
        stage.says("What the benchmark has cost:")
        report.budgets(stage, parts, outcome.standing, outcome.known)
        stage.says()
        report.crossings(stage, crossing.beside_truth(outcome.crossed, made))


def _farewell(
    stage: Stage, where: Network, parts: tuple[Part, ...], outcome: Round, owns: dict[Part, house.Own]
) -> None:
    """Whether all is right, how long it took, and what to try."""
    compared = [each for own in owns.values() for each in own.compared]
    wrong = sum(not each.equal for each in compared)
    stage.says()
    if wrong:
        stage.says(f"{wrong} of {len(compared)} exact figures of the nodes are wrong: that is a defect.", "bold red")
    else:
        stage.says(f"All {len(compared)} exact figures of the twelve nodes are as invented.", "green")
    steps = ", ".join(f"{name} {seconds:.0f}" for name, seconds in stage.times if seconds >= 0.5)
    stage.says(f"Done in {stage.seconds:.0f} s ({steps}).")
    report.folder_says(stage, where.folder)
    stage.says()
    stage.says("Where to look next:", "bold cyan")
    report.next_steps(stage, where, parts, outcome.name)


if __name__ == "__main__":
    main()
