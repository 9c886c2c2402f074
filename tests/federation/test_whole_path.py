"""Two rounds from the invitation to the benchmark at every node. What is asserted is what the folders hold afterwards.

The first test in a process waits for both rounds: about a minute on two cores.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from coordinator.publish.publications import envelope
from privacy.estimate.benchmark import Benchmark, read
from privacy.signing.envelope import RELEASE, verify
from privacy.signing.keyfile import load_signing_key
from privacy.studies.study import find
from protos.kudos.v1.release_pb2 import Release
from tests.federation.history import AWAY, EARLIER, SECOND
from tests.federation.house import MEMBERS, WINDOW_LAST, Federation, good, spent, submitted

CELL = {
    "cohort",
    "table",
    "category",
    "measure",
    "value",
    "standard_error",
    "low",
    "high",
    "members",
    "status",
    "reason",
    "uncut",
    "uncut_error",
}
HEAD = {
    "coordinator",
    "round",
    "version",
    "supersedes",
    "reason",
    "study",
    "study_version",
    "study_digest",
    "window",
    "published",
    "members",
    "cohorts",
    "cells",
}
"""What docs/benchmark.md and issue 3 promise to programs."""


@pytest.fixture(scope="module")
def first(past: Federation) -> str:
    return str(_story(past)["first"])


def _story(past: Federation) -> Any:
    return json.loads((past.folder / "story.json").read_text())


def _benchmark(past: Federation, name: str) -> tuple[bytes, Benchmark]:
    with past.coordinator.office() as office:
        found = envelope(office.store, name, 1)
        return found, read(found, office.signing_key.public_key())


def test_the_server_closed_the_first_round_at_its_deadline_without_the_member_that_was_away(
    past: Federation, first: str
) -> None:
    status = past.coordinator.good("round", "status", first)
    assert (status["state"], status["asked"], status["releases"]) == ("published", 6, 5)
    assert status["ended"] >= status["deadline"]
    assert {each["member"]: each["status"] for each in status["members"]} == {
        member: "late" if member == AWAY else "released" for member in MEMBERS
    }
    assert Counter(line["event"] for line in _log(past))["closed"] >= 1


def _log(past: Federation) -> list[Any]:
    lines = past.coordinator.home.with_name("coordinator.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_a_member_that_was_away_takes_part_in_the_next_round(past: Federation) -> None:
    assert set(submitted(past.coordinator, SECOND)) == set(MEMBERS)
    assert [each.window_last for each in spent(past.home(AWAY))] == [EARLIER]


def test_agents_and_server_end_when_they_are_told_to(past: Federation) -> None:
    story = _story(past)
    assert story["agents"] == dict.fromkeys(MEMBERS, 0)
    assert story["server"] == 0


def test_each_member_paid_once_for_each_window_and_its_bytes_are_what_the_coordinator_has(
    past: Federation, first: str
) -> None:
    by_window = {WINDOW_LAST: submitted(past.coordinator, first), EARLIER: submitted(past.coordinator, SECOND)}
    for member in MEMBERS:
        paid = spent(past.home(member))
        assert len({each.window_last for each in paid}) == len(paid)
        for each in paid:
            assert by_window[each.window_last][member] == each.envelope
            assert each.digest == "sha256:" + hashlib.sha256(each.envelope).hexdigest()


def test_the_benchmark_is_the_same_bytes_at_every_node_and_in_the_export(
    past: Federation, first: str, tmp_path: Path
) -> None:
    for name in (first, SECOND):
        kept, _ = _benchmark(past, name)
        file = tmp_path / f"{name}.kudos"
        past.coordinator.good("benchmark", "export", name, "--out", file)
        assert file.read_bytes() == kept
        for member in MEMBERS:
            assert (past.folder / member / "benchmarks" / f"{name}.1.kudos").read_bytes() == kept


@pytest.mark.parametrize("which", ["first", "second"])
def test_published_sums_are_the_sums_of_the_releases(past: Federation, first: str, which: str) -> None:
    name = first if which == "first" else SECOND
    _, benchmark = _benchmark(past, name)
    releases = submitted(past.coordinator, name)
    assert [each.member for each in benchmark.releases] == sorted(releases)
    cells = {}
    for member, released in releases.items():
        key = load_signing_key(past.home(member).signing_key_file).public_key()
        release = Release.FromString(verify(RELEASE, released, key))
        cells[member] = list(release.cells)
    study = find(str(past.study))
    names = {"customers": "customers", "orders": "orders", "tickets": "tickets", "revenue": "revenue_ore"}
    places = [
        (part.table.name, category, names[part.measure.value])
        for part in study.parts
        for category in part.table.dimension.categories
    ]
    sums = dict(zip(places, map(sum, zip(*cells.values(), strict=True)), strict=True))
    network = [cell for cell in benchmark.body.cells if cell.cohort == "network"]
    shown = {(cell.table, cell.category, cell.measure): cell.value for cell in network if cell.value is not None}
    compared = {place for place in shown if place in sums}
    assert len(compared) >= 4
    assert {place: shown[place] for place in compared} == {place: sums[place] for place in compared}
    assert {cell.members for cell in network} == {len(releases)}


def test_five_performing_arts_of_six_members_are_not_published_for_the_sixth_would_follow(past: Federation) -> None:
    _, benchmark = _benchmark(past, SECOND)
    assert {line.cohort: line.reason for line in benchmark.body.cohorts} == {
        "network": None,
        "industry:museum": "TOO_FEW_MEMBERS",
        "industry:performing-arts": "ISOLATES_MEMBERS",
        "county:46": None,
        "industry-county:museum:46": "TOO_FEW_MEMBERS",
        "industry-county:performing-arts:46": "ISOLATES_MEMBERS",
        "size:small": None,
    }


def test_benchmark_as_json_at_the_coordinator(past: Federation, first: str) -> None:
    said = past.coordinator.good("benchmark", "show", first)
    assert set(said) == HEAD
    assert all(set(cell) == CELL for cell in said["cells"])
    assert said["members"] == 5
    assert {(each["round"], each["version"]) for each in past.coordinator.good("benchmark", "list")} == {
        (first, 1),
        (SECOND, 1),
    }


def test_benchmark_as_json_at_a_node_has_its_own_figures_beside(past: Federation, first: str) -> None:
    said = good(past.node(MEMBERS[0])("benchmark", first, "--json")).json
    assert set(said) == HEAD | {"positions"}
    assert said["cells"]
    assert all(set(cell) == CELL | {"own", "verdict"} for cell in said["cells"])
    own = {
        cell["measure"]: cell["own"]
        for cell in said["cells"]
        if (cell["cohort"], cell["table"], cell["category"]) == ("network", "totals", "all")
    }
    assert (own["customers"], own["orders"]) == (50, 50)


def test_the_newest_window_is_shown_first_and_a_member_that_was_away_sees_it_too(past: Federation, first: str) -> None:
    said = good(past.node(AWAY)("benchmark", "--json")).json
    assert said["round"] == first


def test_rounds_as_json_at_a_node(past: Federation, first: str) -> None:
    rounds = good(past.node(AWAY)("rounds", "--json")).json["rounds"]
    status = {each["round"]: each["status"] for each in rounds}
    assert status[SECOND] == "sent"
    assert status[first] == "missed"
    told = {each["round"]: (each["state"], each["reason"]) for each in rounds}
    assert told[SECOND] == told[first] == ("published", None)
    keys = {"round", "study", "digest", "window", "deadline", "members", "status", "state", "reason"}
    keys |= {"sketch_deadline"}
    assert all(set(each) == keys for each in rounds)
