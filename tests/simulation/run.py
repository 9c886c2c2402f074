"""A whole run: a federation is founded, so many steps happen to it, all heals, and every round must have ended."""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from coordinator.rounds import rounds
from coordinator.rounds.studies import StudyText, read
from node.membership.settings import joined
from privacy.rounds.states import State
from tests.coordinator.house import make_home
from tests.federation.house import STUDY
from tests.simulation import npu, people
from tests.simulation.clock import Clock
from tests.simulation.observer import Violation, hold
from tests.simulation.steps import Steps
from tests.simulation.world import COORDINATOR, World, running

FOUNDERS = 6
_LOOK_AGAIN = 40


@dataclass
class Report:
    """What happened in a run."""

    seed: int
    steps: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, int]:
        """How often each kind of fault happened."""
        named = {
            each.removeprefix("step: fault: "): number for each, number in self.counts.items() if "fault: " in each
        }
        calls = {each: number for each, number in self.counts.items() if each.startswith("call: ")}
        return named | calls


class Failure(AssertionError):
    """Something that must hold does not; with what replays it."""

    def __init__(self, seed: int, step: int, why: BaseException) -> None:
        super().__init__(
            f"{why}\nAfter step {step} of seed {seed}. "
            f"Replay it: python -m tests.simulation --seed {seed} --steps {step}"
        )


def found(folder: Path) -> StudyText:
    """Makes a federation of six members that have joined and imported, in an empty folder."""
    folder.mkdir()
    file = folder / "small.toml"
    file.write_text(STUDY, encoding="utf-8")
    study = read(str(file))
    clock = Clock()
    make_home(folder)
    with running(folder, 0, clock) as world:
        world.start()
        for number in range(FOUNDERS):
            name = f"m{number}"
            npu.invite(world, name)
            people.enter(world, name, "m0" if number else None, study.study)
            people.sell(world, name, number, lines=40)
            hold(not world.members[name].needs, f"{name} could not join: {world.members[name].needs}")
    return study


def simulate(template: Path, folder: Path, seed: int, steps: int) -> Report:
    """So many steps of a seed on a copy of what `found` made. Raises Failure."""
    shutil.copytree(template, folder)
    study = read(str(folder / "small.toml"))
    report = Report(seed)
    with running(folder, seed) as world:
        for number in range(FOUNDERS):
            world.add(f"m{number}")
        world.clock.true += timedelta(hours=1)
        world.observer.studies.append(study.study)
        every = Steps(world, study)
        try:
            world.start()
            for _ in range(steps):
                name = every.draw()
                report.trace.append(name)
                report.steps += 1
                every.do(name)
            heal(world, study)
        except (Violation, Exception) as error:
            raise Failure(seed, report.steps, error) from error
        finally:
            report.counts = world.counts + world.observer.counts
    shutil.rmtree(folder)
    return report


def heal(world: World, study: StudyText) -> None:
    """Everything works again: what was asked is answered or over, every round ends, and the audit finds it sound."""
    world.storm, world.meanwhile = 0.0, None
    for machine in (world.machine, *(each.machine for each in world.members.values())):
        machine.room = None
    world.clock.errors.clear()
    world.clock.true += timedelta(days=6)  # whatever a clock that ran ahead has dated has come
    for each in world.members.values():
        each.away = False
    world.start()
    npu.resume_all(world)
    _quiet(world)
    world.clock.true += timedelta(days=12)
    npu.tick(world)
    hold(not npu.live(world), f"rounds go on for ever: {npu.live(world)}")
    for name in npu.in_state(world, State.CLOSED):
        npu.publish(world, name)
    stuck = npu.in_state(world, State.CLOSED)
    hold(not stuck, f"closed rounds can neither be published nor aborted: {stuck}, {world.last_refusal}")
    _one_more(world, study)
    world.observer.audit(world.office, world.clock, world.folder, settled=True)


def _quiet(world: World) -> None:
    """Lets everybody work until nothing is to be mended."""
    for _ in range(_LOOK_AGAIN):
        world.clock.true += timedelta(minutes=10)
        npu.tick(world)
        for name in sorted(world.members):
            if not people.has_entered(world, name):
                people.enter(world, name, "m0", read(str(world.folder / "small.toml")).study)
            if not joined(world.members[name].home):
                continue
            people.mend(world, name)
            people.work(world, name)
            world.look(name)
        entered = all(people.has_entered(world, name) for name in world.members)
        if entered and not any(each.needs - _REFUSALS for each in world.members.values()):
            return
    ill = {name: [each.said[need] for need in each.needs] for name, each in world.members.items() if each.needs}
    raise Violation(f"it never heals: {ill}")


_REFUSALS = {"BUDGET_EXHAUSTED", "ROUND_OVER", "ROUND_CLOSED", "ROSTER_REFUSED"}
"""What a node says of a round that it takes no part in, as it should."""


def _one_more(world: World, study: StudyText) -> None:
    """A further round, which everybody answers whose budget allows it."""
    world.clock.true += timedelta(days=370)  # budgets are free again
    for _ in range(3):
        for name in sorted(world.members):
            if joined(world.members[name].home):
                people.mend(world, name)
                people.work(world, name)
    for name in sorted(world.members):
        people.sell(world, name, int(name[1:]), lines=60)
    last = npu.open_round(world, study, days=10)
    hold(last is not None, "no further round can be opened")
    _quiet(world)
    assert last is not None
    if rounds.get(world.office.store, last).state is not State.CLOSED:
        found = rounds.get(world.office.store, last)
        hold(found.releases == found.asked, f"of the last round {found.releases} of {found.asked} answered")
        npu.at_coordinator(world, lambda: rounds.close(world.office.store, last, world.clock.of(COORDINATOR)))
    npu.publish(world, last)
    hold(last in npu.in_state(world, State.PUBLISHED), "the last round is not published")
    for member in sorted(world.members):
        people.work(world, member)
        hold(
            (world.members[member].home.path / "benchmarks" / f"{last}.1.kudos").exists(), f"{member} has no benchmark"
        )
