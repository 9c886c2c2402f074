"""The next round that waits for this node: the one with the first deadline for it, and none that it has answered."""

from datetime import timedelta
from importlib.resources import files

import pytest

from node.home import Home
from node.membership.settings import write
from node.network import rounds
from node.network.next_round import next_round
from node.release.accounts import accounts
from privacy.budget import policy_file
from privacy.ledger.store import Ledger
from privacy.rounds.announcement import Announcement
from privacy.studies.shelf import parse
from tests.node.network.test_rounds import NETWORK, OPENED, announcement, taken
from tests.node.network.test_rounds import home as home

TEXT = files("privacy.studies").joinpath("cross-use-year.toml").read_text("utf-8")
SKETCHES, BENCHMARK, COUNTS = (OPENED + timedelta(days=days) for days in (10, 20, 30))


@pytest.fixture
def crossing(home: Home) -> Announcement:
    """Sketches are due before the releases of a round of tables, and counts after them."""
    write(home, NETWORK)
    taken(home, announcement(home, deadline=BENCHMARK))
    study = parse(TEXT, "a test")
    said = announcement(home, round="cross", study=study, study_text=TEXT, deadline=COUNTS, sketch_deadline=SKETCHES)
    taken(home, said)
    return said


def following(home: Home, days: int = 0) -> tuple[str, object] | None:
    ledger = Ledger.open(home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    found = next_round(home, contents, accounts(contents, policy_file.read(home.policy_file)), OPENED + timedelta(days))
    return None if found is None else (found.name, found.deadline)


def test_the_deadline_of_sketches_comes_first(home: Home, crossing: Announcement) -> None:
    assert following(home) == ("cross", SKETCHES)
    rounds.decide(home, crossing.round, rounds.APPROVED)
    assert following(home) == ("cross", SKETCHES)  # nothing was sent


def test_a_round_that_has_the_sketch_waits_for_no_answer(home: Home, crossing: Announcement) -> None:
    rounds.mark_sketched(home, crossing.round, "ab" * 32)
    assert following(home) == ("benchmark-2025-12", BENCHMARK)
    rounds.mark_sent(home, "benchmark-2025-12", "ab" * 32)
    assert following(home) is None


def test_when_sketches_are_over_the_round_of_tables_is_next(home: Home, crossing: Announcement) -> None:
    assert following(home, days=11) == ("benchmark-2025-12", BENCHMARK)
    assert following(home, days=21) is None


def test_a_round_of_tables_that_ends_before_the_sketches_is_next(home: Home, crossing: Announcement) -> None:
    taken(home, announcement(home, round="sooner", deadline=SKETCHES - timedelta(days=1)))
    assert following(home) == ("sooner", SKETCHES - timedelta(days=1))
    rounds.decide(home, "sooner", rounds.DECLINED)
    assert following(home) == ("cross", SKETCHES)


def test_the_next_deadline_of_a_round(home: Home, crossing: Announcement) -> None:
    known = rounds.find(home, NETWORK, crossing.round)
    assert [known.next_deadline(OPENED + timedelta(days)) for days in (0, 10, 11)] == [SKETCHES, SKETCHES, COUNTS]
    rounds.mark_sketched(home, crossing.round, "ab" * 32)
    assert rounds.find(home, NETWORK, crossing.round).next_deadline(OPENED) == COUNTS
    assert rounds.find(home, NETWORK, "benchmark-2025-12").next_deadline(OPENED) == BENCHMARK


def test_a_node_of_no_network_has_none(home: Home) -> None:
    assert following(home) is None
