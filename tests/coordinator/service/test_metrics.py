"""What a monitoring system reads: how the coordinator stands, calls and refusals, and no member's name."""

import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from coordinator.errors import CoordinatorError
from coordinator.home import Settings
from coordinator.office import Office, opened
from coordinator.rounds import rounds
from coordinator.service.server import Server
from coordinator.standing import standing
from protos.kudos.v1.enrolment_pb2 import EnrolRequest
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceStub
from tests.coordinator.house import BENCHMARK, NOW, a_round, joined, make_home
from tests.databases import Databases


@pytest.fixture
def serving(databases: Databases, tmp_path: Path) -> Iterator[tuple[Office, Server]]:
    with databases.one() as store, opened(make_home(tmp_path, ("127.0.0.1:0", "127.0.0.1:0"), store)) as office:
        server = Server(office)
        server.start()
        yield office, server
        server.stop()


def read(server: Server) -> tuple[str, dict[str, float]]:
    """What is served, and the samples in it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports.metrics}/metrics") as answer:
        text = answer.read().decode()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return text, {" ".join((each.name, *each.labels.values())): each.value for each in samples}


def test_it_says_how_the_coordinator_stands_and_names_nobody(serving: tuple[Office, Server]) -> None:
    office, server = serving
    now = datetime.now(UTC)
    joined(office, "fjordteatret", now)
    a_round(office, "one")
    text, found = read(server)
    assert found["kudos_store_up"] == 1
    assert (found["kudos_members active"], found["kudos_members left"]) == (1, 0)
    assert (found["kudos_rounds open"], found["kudos_certificates_ending"]) == (1, 0)
    assert found["kudos_server_certificate_end_seconds"] > now.timestamp() + 80 * 24 * 3600
    assert "fjordteatret" not in text.lower()


def test_the_nearest_deadline_of_a_round_that_takes_releases_is_told(serving: tuple[Office, Server]) -> None:
    office, server = serving
    name = "kudos_next_deadline_seconds"
    assert name not in read(server)[1]
    joined(office, "fjordteatret", NOW)
    for days, last in ((20, "2025-12-31"), (5, "2025-11-30"), (12, "2025-10-31")):
        end = NOW + timedelta(days=days)
        rounds.open_round(office, BENCHMARK, date.fromisoformat(last), end, NOW, quorum=1, round_id=f"in-{days}-days")
    told = []
    for days in (5, 12, 20):
        told.append(read(server)[1][name])
        rounds.close_due(office.store, NOW + timedelta(days=days))
    assert told == [(NOW + timedelta(days=days)).timestamp() for days in (5, 12, 20)]
    assert name not in read(server)[1]


def test_a_refused_call_is_counted_with_its_reason(serving: tuple[Office, Server]) -> None:
    office, server = serving
    before = _enrolments(server)
    credentials = grpc.ssl_channel_credentials(office.authority.pem)
    with grpc.secure_channel(f"localhost:{server.ports.enrolment}", credentials) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            EnrolmentServiceStub(channel).Enrol(EnrolRequest(token=b"x" * 16, csr=b"x", signature=b"x"), timeout=30)
        assert refused.value.code() is not grpc.StatusCode.INTERNAL
    counted = {name: value - before.get(name, 0) for name, value in _enrolments(server).items()}
    assert {name: value for name, value in counted.items() if value} == {"INVITATION_UNKNOWN": 1}


def _enrolments(server: Server) -> dict[str, float]:
    """Calls so far by what became of them: those of every server of this process."""
    name = "kudos_calls_total Enrol "
    return {found.removeprefix(name): value for found, value in read(server)[1].items() if found.startswith(name)}


def test_a_store_that_fails_is_told_and_health_is_served(serving: tuple[Office, Server]) -> None:
    office, server = serving
    with grpc.insecure_channel(f"127.0.0.1:{server.ports.health}") as channel:
        check: Any = health_pb2_grpc.HealthStub(channel)
        answer = check.Check(health_pb2.HealthCheckRequest(), timeout=30)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with office.store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE rounds RENAME TO elsewhere")
    try:
        found = read(server)[1]
        assert found["kudos_store_up"] == 0
        assert "kudos_members active" not in found
    finally:
        with office.store.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO rounds")


def test_both_are_on_loopback_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    settings = make_home(tmp_path).settings()
    assert settings.operations.health == settings.operations.metrics == "127.0.0.1:0"
    said = settings.model_dump(mode="json") | {"operations": {"metrics": "0.0.0.0:9464"}}
    assert Settings.model_validate(said).operations.metrics == "0.0.0.0:9464"


def test_a_port_that_is_taken_is_told(serving: tuple[Office, Server]) -> None:
    office, server = serving
    taken = f"127.0.0.1:{server.ports.metrics}"
    there = office.home.settings_file.read_text()
    office.home.settings_file.write_text(f'{there}\n[operations]\nmetrics = "{taken}"\n')
    with opened(office.home) as again, pytest.raises(CoordinatorError, match="metrics"):
        Server(again)


def test_members_whose_agents_do_not_run_are_counted(office: Office) -> None:
    now = datetime(2026, 1, 10, 12, tzinfo=UTC)
    joined(office, "a", now)
    joined(office, "b", datetime(2026, 3, 10, tzinfo=UTC))
    assert standing(office, now).certificates_ending == 0
    assert standing(office, datetime(2026, 4, 1, tzinfo=UTC)).certificates_ending == 1
    assert standing(office, datetime(2026, 7, 1, tzinfo=UTC)).certificates_ending == 2


def test_whatever_goes_wrong_with_what_is_due_members_are_answered(
    serving: tuple[Office, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, server = serving
    before = read(server)[1].get("kudos_steps_total failed", 0)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("coordinator.service.due.form_due", broken)
    server.tick()
    assert read(server)[1]["kudos_steps_total failed"] == before + 1
