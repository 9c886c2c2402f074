"""Some minutes' worth of the simulation, and whether it would notice. By hand, for as long as you like:

python -m tests.simulation --steps 100000
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from coordinator.rounds.studies import read
from node.membership.settings import membership
from node.network.assessments import distribution
from node.release import stored
from node.selfassess.file import add
from privacy.budget import policy_file
from privacy.ledger import outbox
from privacy.sharing.assessment import DRIVERS
from tests.simulation import npu, people
from tests.simulation.clock import Clock
from tests.simulation.run import FOUNDERS, Failure, Report, found, simulate
from tests.simulation.steps import Steps
from tests.simulation.wire import Weather
from tests.simulation.world import World, running

SEEDS = {"a": (1, 2), "b": (3, 4)}
STEPS = 150


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A federation of six members that have joined; its coordinator's log is not wanted."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    folder = tmp_path_factory.mktemp("simulation") / "template"
    found(folder)
    yield folder
    structlog.reset_defaults()


@pytest.mark.parametrize("seeds", SEEDS.values(), ids=SEEDS.keys())
def test_whatever_happens_what_must_hold_holds(template: Path, tmp_path: Path, seeds: tuple[int, ...]) -> None:
    reports = [simulate(template, tmp_path / str(seed), seed, STEPS) for seed in seeds]
    counts = sum((each.counts for each in reports), Counter())
    assert counts["releases sent"] > 0
    assert counts["figures recomputed"] > 0
    assert counts["rounds published"] > 0


KINDS = {
    "a node crashes at a step": "a node crashes at a named step",
    "the coordinator crashes at a step": "the coordinator crashes at a named step",
    "the coordinator restarts": "the coordinator restarts, or is down for a while",
    "the coordinator is down": "the coordinator restarts, or is down for a while",
    "calls are lost, stalled, doubled, held back, cut off": "",
    "a call arrives late, out of order": "a call is held back and delivered later, out of order",
    "a node's disk fills": "a node's disk fills",
    "the coordinator's disk fills": "the coordinator's disk fills",
    "a node's clock jumps": "a node's clock jumps",
    "the coordinator's clock jumps": "the coordinator's clock jumps",
    "a member goes offline": "a member goes offline, and comes back",
    "a certificate runs out": "a certificate runs out, while others renew theirs",
    "a second program of one node": "a second program of one node works while the first waits for an answer",
    "a node's backup is restored": "a node's backup is restored",
    "the coordinator's backup is restored": "the coordinator's backup is restored",
    "a file of a node is damaged": "a bit flips in a file that a node keeps",
}
"""Every kind of fault that is drawn, and its line in docs/faults.md; what becomes of calls has some of its own."""

CALLS = {
    Weather.LOST: "a request is lost, or its answer",
    Weather.UNANSWERED: "a request is lost, or its answer",
    Weather.STALLED: "a call stalls, before it came or after it was done",
    Weather.STALLED_AFTER: "a call stalls, before it came or after it was done",
    Weather.TWICE: "a call is delivered twice",
    Weather.HELD: "a call is held back and delivered later, out of order",
    Weather.CUT: "a stream is cut off",
}


def test_every_kind_of_fault_that_is_told_is_drawn_and_no_other(template: Path, tmp_path: Path) -> None:
    every = Steps(World(tmp_path, 1, Clock()), read(str(template / "small.toml")))
    drawn = {name: weight for name, (weight, _) in every.table.items() if name.startswith("fault: ")}
    assert set(drawn) == {f"fault: {kind}" for kind in KINDS}
    assert all(weight > 0 for weight in drawn.values())
    assert set(CALLS) == set(Weather) - {Weather.FAIR}
    documented = (Path(__file__).parents[2] / "docs/faults.md").read_text(encoding="utf-8")
    table = documented.partition("| fault | how |")[2].partition("\n\n")[0]
    told = {line.split("|")[1].strip() for line in table.splitlines()[2:]}
    assert told == {*KINDS.values(), *CALLS.values()} - {""}
    assert len(told) >= 12


def test_the_coordinators_clock_also_has_self_assessments_published(template: Path, tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "run")
    with running(tmp_path / "run", 1) as world:
        world.clock.true += timedelta(hours=1)
        world.start()
        for number in range(FOUNDERS):
            home = world.add(f"m{number}").home
            add(home, dict.fromkeys(DRIVERS, 3), "", world.clock.true)
            text = home.policy_file.read_text(encoding="utf-8")
            home.policy_file.write_text(policy_file.share_self_assessment(text, on=True), encoding="utf-8")
            people.work(world, f"m{number}")
        for _ in range(3):
            npu.tick(world)
        assert world.counts["due: self-assessments"] == 1
        world.clock.true += timedelta(minutes=5)
        people.work(world, "m0")
        published = distribution(world.members["m0"].home, membership(world.members["m0"].home))
    assert published is not None
    assert published.cohorts[0].members == FOUNDERS


def test_a_seed_replays(template: Path, tmp_path: Path) -> None:
    first, second = (simulate(template, tmp_path / name, 5, 40) for name in ("first", "second"))
    assert first.trace == second.trace
    assert _without_noise(first) == _without_noise(second)


def _without_noise(report: Report) -> dict[str, int]:
    """What happened, but for what is withheld and published: that depends on the noise, which no seed draws."""
    return {
        name: number for name, number in report.counts.items() if name.startswith(("step", "call", "fault", "crash"))
    }


def test_a_node_that_sends_before_the_witness_has_cosigned_is_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.network.witness import NetworkWitness

    monkeypatch.setattr(outbox, "may_leave", lambda _contents, stored: stored.envelope is not None)
    monkeypatch.setattr(NetworkWitness, "cosign", lambda _self, _ledger: None)
    with pytest.raises(Failure, match=r"no cosigned entry has booked(.|\n)*--seed 6"):
        simulate(template, tmp_path / "run", 6, 400)


def test_a_node_that_draws_anew_what_it_has_paid_for_is_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored is not found by its months any more: it is booked, and drawn, once more."""
    from node.network import taking_part
    from privacy.ledger.contents import Contents

    def nothing(*_of: Any) -> None:
        return None

    monkeypatch.setattr(stored, "find", nothing)
    monkeypatch.setattr(Contents, "find", nothing)
    monkeypatch.setattr(taking_part, "paid_for", lambda *_of: False)
    with pytest.raises(Failure, match="--seed 6"):
        simulate(template, tmp_path / "run", 6, 400)
