"""Some minutes' worth of the simulation, and whether it would notice. By hand, for as long as you like:

python -m tests.simulation --steps 100000
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from coordinator.rounds.studies import read
from node.release import stored
from privacy.ledger import outbox
from tests.simulation.clock import Clock
from tests.simulation.run import Failure, Report, found, simulate
from tests.simulation.steps import Steps
from tests.simulation.wire import Weather
from tests.simulation.world import World

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


def test_there_are_twelve_kinds_of_fault_and_more(template: Path, tmp_path: Path) -> None:
    every = Steps(World(tmp_path, 1, Clock()), read(str(template / "small.toml")))
    faults = [name for name in every.table if name.startswith("fault: ")]
    assert len(faults) >= 12
    assert len(Weather) > 6
    documented = (Path(__file__).parents[2] / "docs/faults.md").read_text(encoding="utf-8")
    assert documented.count("\n| ") >= len(faults)


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
