"""The certificate of a port: gRPC gets another one when there is another one, and only then."""

from datetime import datetime, timedelta

import pytest

from coordinator.office import Office
from coordinator.service import server
from coordinator.service.server import LOOK_S, _Shown
from tests.coordinator.house import NOW


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of day that the server goes by, as its only item."""
    moment = [NOW]
    monkeypatch.setattr(server, "_now", lambda: moment[0])
    return moment


def test_a_certificate_is_handed_over_once_and_when_it_is_new(office: Office, at: list[datetime]) -> None:
    shown = _Shown(office, office.server_identity(NOW), None)
    shown._looked -= LOOK_S
    assert shown.renewed() is None
    at[0] = NOW + timedelta(days=365)
    assert shown.renewed() is None, "it looked a moment ago"
    shown._looked -= LOOK_S
    assert shown.renewed() is not None
    shown._looked -= LOOK_S
    assert shown.renewed() is None
