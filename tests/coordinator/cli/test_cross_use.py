"""The operator's commands about cross-use: what a study costs, and a round stage by stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from coordinator.home import Home
from coordinator.office import Office, opened
from coordinator.rounds.submissions import decline
from privacy.bounds.windows import twelve_months_to
from tests.coordinator.cli.run import Coordinator, initialised
from tests.coordinator.cross_use.house import TEXT, members, put, sealed, sketched
from tests.coordinator.house import Joined

TODAY = datetime.now(UTC).date()
LAST = date(TODAY.year - 1, 12, 31)
SOON, LATER = f"{TODAY + timedelta(days=5)}", f"{TODAY + timedelta(days=20)}"


def now() -> datetime:
    """The time that the commands have: rounds are opened while the tests run, and nothing is sent before."""
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def inside(coordinator: Coordinator) -> Iterator[Office]:
    with opened(Home(coordinator.home)) as office:
        yield office


@pytest.fixture
def network(tmp_path: Path) -> tuple[Coordinator, list[Joined], Path]:
    """A coordinator of three members, and the file of a small study."""
    coordinator = initialised(tmp_path / "home")
    with inside(coordinator) as office:
        found = members(office, "aker", "bryggen", "fjord", now=now())
    (tmp_path / "cross.toml").write_text(TEXT, encoding="utf-8")
    return coordinator, found, tmp_path / "cross.toml"


Network = tuple[Coordinator, list[Joined], Path]


def sends(coordinator: Coordinator, member: Joined, round_id: str) -> None:
    with inside(coordinator) as office:
        who = sketched(office, member, now=now(), epoch=str(LAST.year), window=twelve_months_to(LAST))
        put(office, who, round_id, sealed(office, who, round_id), now())


def test_a_study_of_cross_use_says_what_it_costs(network: Network) -> None:
    coordinator, _, file = network
    for study in ("cross-use-year", str(file)):
        said = coordinator.good("study", "check", study, "--json").json
        assert said == coordinator.good("study", "show", study, "--json").json
        assert (said["kind"], said["sketch_epsilon"], said["histogram_epsilon"]) == ("cross-use", "0.99995", "0.1")
        assert (said["rho"], said["min_members"]) == ("0.009", 5)
        assert [each["peers"] for each in said["noise"]] == [4, 9, 99]
        assert "ε 1.09995 and ρ 0.009" in coordinator.good("study", "check", study).out
        shown = coordinator.good("study", "show", study).out
        assert "26.9% of bits flipped" in shown
        assert "scale 10" in shown


def test_a_round_goes_from_sketches_to_counts(network: Network) -> None:
    coordinator, (aker, bryggen, fjord), file = network
    words = ("round", "open", file, "--window-last", LAST, "--deadline", LATER, "--quorum", "2", "--id", "cross")
    without = coordinator(*map(str, words), "--json")
    assert (without.status, without.json["error"]["reason"]) == (2, "USAGE")
    shown = coordinator.good(*map(str, words), "--sketch-deadline", SOON).out
    assert f"sketches     until {SOON}" in shown
    assert f"counts       until {LATER}" in shown
    said = coordinator.good("round", "status", "cross", "--json").json
    assert (said["stage"], said["sketches"], said["market"]) == ("sketch", 0, None)
    assert said["sketch_deadline"].startswith(SOON)
    sends(coordinator, aker, "cross")
    early = coordinator("round", "next", "cross", "--json")
    assert (early.status, early.json["error"]["reason"]) == (3, "TOO_FEW_MEMBERS")
    with inside(coordinator) as office:
        decline(office.store, fjord.caller, "cross", now())
    sends(coordinator, bryggen, "cross")
    shown = coordinator.good("round", "status", "cross").out
    assert "which takes sketches now" in shown
    assert "2 of 3 sketches and 0 of 2 counts; the quorum is 2." in shown
    assert "2 of 3 sketches" in coordinator.good("round", "list").out
    early = coordinator("round", "close", "cross", "--json")
    assert (early.status, early.json["error"]["reason"]) == (3, "STALE_STAGE")
    assert "2 sketches" in coordinator.good("round", "next", "cross").out
    again = coordinator.good("round", "next", "cross", "--json").json
    assert again["stage"] == "count"
    assert again["market"] is not None
    said = coordinator.good("round", "status", "cross", "--json").json
    statuses = {each["member"]: (each["status"], each["late_for"]) for each in said["members"]}
    assert statuses == {"aker": ("sketched", None), "bryggen": ("sketched", None), "fjord": ("declined", None)}
    assert said["members"][0]["sketched"] is not None
    assert "counted against since" in coordinator.good("round", "status", "cross").out
    assert "collecting (count)" in coordinator.good("round", "list").out


def test_who_is_late_for_the_sketch_is_shown(network: Network) -> None:
    coordinator, (aker, bryggen, _), file = network
    coordinator.good(
        "round", "open", file, "--window-last", str(LAST), "--deadline", LATER, "--sketch-deadline", SOON,
        "--quorum", "2", "--id", "cross",
    )  # fmt: skip
    for each in (aker, bryggen):
        sends(coordinator, each, "cross")
    coordinator.good("round", "next", "cross")
    assert "late (sketch)" in coordinator.good("round", "status", "cross").out
    said = coordinator.good("round", "status", "cross", "--json").json
    assert [each["late_for"] for each in said["members"]] == [None, None, "sketch"]
    coordinator.good("round", "abort", "cross", "--reason", "a test")
    assert "late" not in coordinator.good("round", "status", "cross").out


def test_a_round_of_tables_has_no_next_stage(network: Network) -> None:
    coordinator, _, _ = network
    words = (
        "round",
        "open",
        "benchmark",
        "--window-last",
        str(LAST),
        "--deadline",
        LATER,
        "--quorum",
        "1",
        "--id",
        "b",
    )
    coordinator.good(*words)
    ended = coordinator("round", "next", "b", "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (2, "WRONG_STUDY")
    sketches = coordinator(*words[:-1], "c", "--sketch-deadline", SOON, "--json")
    assert (sketches.status, sketches.json["error"]["reason"]) == (2, "USAGE")
    nothing = coordinator("round", "next", "nothing", "--json")
    assert (nothing.status, nothing.json["error"]["reason"]) == (2, "UNKNOWN_ROUND")
