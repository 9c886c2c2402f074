"""kudos-coordinator status."""

from pathlib import Path

from coordinator.store.tables import SCHEMA_VERSION
from tests.coordinator.cli.run import initialised


def test_it_says_how_the_coordinator_stands(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    said = coordinator.good("status", "--json").json
    assert (said["schema"], said["trust_domain"], said["next_deadline"]) == (SCHEMA_VERSION, "npu.example", None)
    assert said["certificates"]["server"] is None
    coordinator.good("member", "invite", "--name", "Fjordteatret", "--industry", "museum", "--county", "Vestland")
    assert coordinator.good("status", "--json").json["members"]["invited"] == 1
    text = coordinator.good("status").out
    assert "invited 1" in text
    assert "rounds        none" in text
