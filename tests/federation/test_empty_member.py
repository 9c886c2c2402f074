"""A member without sales in a round's window sends what every member sends, in the same calls, and is told locally."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy.budget import policy_file
from privacy.studies.study import find
from tests.federation.house import Federation, agree_by_itself, good, spent, submitted
from tests.federation.liar import Stage, lying

EMPTY, FULL = "fjord", "havn"


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    """The store of one member is taken away, as before its first import."""
    federation = joined.copied(tmp_path / "federation")
    federation.home(EMPTY).store_file.unlink()
    for member in (EMPTY, FULL):
        home = federation.home(member)
        assert find(str(federation.study)).digest in {
            each.digest for each in policy_file.read(home.policy_file).allowed
        }
    with lying(federation) as found:
        found.open_round("round")
        for member in (EMPTY, FULL):
            found.turn(member)
        found.heard.clear()
        yield found


def test_who_approves_by_hand_is_told_and_the_coordinator_sees_no_difference(stage: Stage) -> None:
    said, heard = {}, {}
    for member in (EMPTY, FULL):
        said[member] = good(stage.federation.node(member)("approve", "round", "--yes"))
        heard[member] = list(stage.heard)
        stage.heard.clear()
    assert "There are no sales in this window" in said[EMPTY].err
    assert said[FULL].err == ""
    assert said[EMPTY].out.replace(EMPTY, FULL) == said[FULL].out
    assert heard[EMPTY] == heard[FULL]
    assert (heard[FULL][0], heard[FULL][-1], heard[FULL].count("WitnessLedger")) == ("ListRounds", "Submit", 1)
    envelopes = submitted(stage.federation.coordinator, "round")
    assert abs(len(envelopes[EMPTY]) - len(envelopes[FULL])) <= len("fjord") - len("havn")


def test_the_agent_decides_without_looking_and_says_nothing(stage: Stage) -> None:
    for member in (EMPTY, FULL):
        agree_by_itself(stage.federation.home(member))
    ended = [good(stage.federation.node(member)("run", "--once")) for member in (EMPTY, FULL)]
    assert ended[0] == ended[1]
    assert ended[0].err == ""
    assert len(spent(stage.federation.home(EMPTY))) == len(spent(stage.federation.home(FULL))) == 1
