"""How often nodes are to ask: the more they are, the less often."""

from pathlib import Path

import pytest

from coordinator.service import federation
from protos.kudos.v1.federation_pb2 import ListRoundsRequest, ListRoundsResponse
from tests.coordinator.house import an_office, joined
from tests.federation.house import now
from tests.federation.peers import pem
from tests.simulation.wire import POLL_S, Service


@pytest.mark.parametrize(("members", "times"), [(1, 1), (3, 1), (4, 2), (7, 3)])
def test_a_crowd_asks_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: int, times: int) -> None:
    monkeypatch.setattr(federation, "CROWD", 3)
    with an_office(tmp_path) as office:
        houses = [joined(office, f"house-{number}", now()) for number in range(members)]
        (answer,) = Service(office).handle(
            "/kudos.v1.FederationService/ListRounds",
            [ListRoundsRequest().SerializeToString()],
            pem(houses[0].enrolled.certificate),
        )
    assert ListRoundsResponse.FromString(answer).retry_after_s == times * POLL_S
