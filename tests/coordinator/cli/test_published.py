"""The operator's commands about what is published: the next command as it must be typed, and asking in vain."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coordinator.home import Home
from coordinator.office import Office, opened
from coordinator.publish.publishing import draft
from tests.coordinator.cli.run import Coordinator, initialised
from tests.coordinator.house import WINDOW_LAST
from tests.coordinator.publish.test_publishing import LATER, closed, some

REASON = "Kari's till counted twice"
DEADLINE = f"{datetime.now(UTC).date() + timedelta(days=20)}"


@contextmanager
def inside(coordinator: Coordinator) -> Iterator[Office]:
    with opened(Home(coordinator.home)) as office:
        yield office


@pytest.fixture
def network(tmp_path: Path) -> Coordinator:
    """A coordinator with a round of six members that is closed."""
    coordinator = initialised(tmp_path / "home")
    with inside(coordinator) as office:
        closed(office, some(office, 6))
    return coordinator


def next_command(said: str) -> list[str]:
    return shlex.split(said[said.index("kudos-coordinator --home") :])


def test_the_next_command_is_the_one_that_was_looked_at(network: Coordinator) -> None:
    program = ["kudos-coordinator", "--home", str(network.home)]
    for more in ((), ("--reason", REASON, "--without", "house-1")):
        words = ["round", "publish", "one", *more]
        assert next_command(network.good(*words, "--preview").out) == program + words


def test_a_further_version_that_would_show_nothing_is_not_to_be_aborted(network: Coordinator) -> None:
    network.good("round", "publish", "one")
    words = ("round", "publish", "one", "--reason", REASON, *(f"--without=house-{number}" for number in range(5)))
    with inside(network) as office:
        without = frozenset(f"house-{number}" for number in range(5))
        assert draft(office, "one", LATER, reason=REASON, without=without).shows_nothing
    shown = network.good(*words, "--preview").out
    refused = network(*words)
    assert refused.status == 3
    for said in (shown, refused.err):
        assert "Version 1 stays as it is; there is nothing to do." in said
        assert "abort" not in said


def test_months_that_are_published_are_asked_for_in_vain(network: Coordinator) -> None:
    words = ("round", "open", "benchmark", "--deadline", DEADLINE, "--window-last", f"{WINDOW_LAST}")
    network.good("round", "publish", "one")
    first = network.good(*words).out
    assert "benchmark show one" in first
    assert "stays withheld" in first
    assert "is open" in first
    assert "published already" not in network.good(*words).out, "the same round again is no further one"
    other = network.good(*words[:-1], "2025-11-30").out
    assert "published already" not in other


def test_measures_are_shown_by_their_names(network: Coordinator) -> None:
    network.good("round", "publish", "one")
    shown = network.good("benchmark", "show", "one").out
    assert "average ticket price" in shown
    assert "_ore" not in shown
    assert "\nnetwork, totals, 6 members\n" in shown
    assert all(len(line.rstrip()) <= 100 for line in shown.splitlines() if "All of it" not in line)
    by_age = network.good("benchmark", "show", "one", "--table", "age_band").out
    assert "category" in by_age
    assert "25-34" in by_age
    assert all(len(line.rstrip()) <= 100 for line in by_age.splitlines() if "All of it" not in line)
    for option, there in (("--table", "age_band"), ("--cohort", "network")):
        refused = network("benchmark", "show", "one", option, "agegroup")
        assert refused.status == 2
        assert there in refused.err
