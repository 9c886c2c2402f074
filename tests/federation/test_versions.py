"""Two sides of different ages: one version apart they work together, further apart the older is told to upgrade."""

import sys
from pathlib import Path

import pytest

from node.agent.turn import turn
from node.membership.errors import NoConnection, RefusedByCoordinator
from protos import versions
from tests.federation.house import MEMBERS, Federation, Serving, agree_by_itself, spent, submitted

MEMBER = MEMBERS[2]


@pytest.fixture
def federation(joined: Federation, tmp_path: Path) -> Federation:
    found = joined.copied(tmp_path / "federation")
    agree_by_itself(found.home(MEMBER))
    found.open_round("round")
    return found


def _of_another_age(federation: Federation, spoken: int, oldest: int) -> Serving:
    """The coordinator's program as it will be, or was, at other versions of the protocol."""
    code = (
        f"import protos.versions as v; v.SPOKEN, v.OLDEST = {spoken}, {oldest}\n"
        "from coordinator.cli.main import main; main()"
    )
    return Serving(federation.coordinator, (sys.executable, "-c", code))


@pytest.mark.parametrize(
    "apart", [1, 0, -versions.SPOKEN], ids=["a newer coordinator", "the same", "one without numbers"]
)
def test_one_version_apart_they_work_together(federation: Federation, apart: int) -> None:
    spoken = versions.SPOKEN + apart
    with _of_another_age(federation, spoken, spoken - 1):
        done = turn(federation.home(MEMBER), lambda _text: None)
    assert done.did == ["round round: the release was sent"]
    assert set(submitted(federation.coordinator, "round")) == {MEMBER}


def test_a_node_that_is_too_old_is_told_to_upgrade_and_spends_nothing(federation: Federation) -> None:
    with _of_another_age(federation, versions.SPOKEN + 2, versions.SPOKEN + 1):
        with pytest.raises(RefusedByCoordinator, match="Upgrade Kudos") as refused:
            turn(federation.home(MEMBER), lambda _text: None)
        doctor = federation.node(MEMBER)("doctor", "--json").json
    assert refused.value.coordinator_reason == "UPGRADE_NEEDED"
    assert any("Upgrade Kudos" in finding["says"] for finding in doctor)
    assert spent(federation.home(MEMBER)) == []
    assert submitted(federation.coordinator, "round") == {}


def test_a_coordinator_that_is_too_old_is_told_of(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "OLDEST", versions.SPOKEN + 1)
    old = _of_another_age(federation, versions.SPOKEN, versions.SPOKEN)
    with old, pytest.raises(NoConnection, match="too old for this node"):
        turn(federation.home(MEMBER), lambda _text: None)
    assert spent(federation.home(MEMBER)) == []
