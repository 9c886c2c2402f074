"""The server process: two ports, a health service on loopback, and what is due by the clock."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from coordinator.authority.server import ServerIdentity
from coordinator.errors import CoordinatorError
from coordinator.home import split_address
from coordinator.office import Office
from coordinator.rounds.rounds import next_deadline
from coordinator.service.answering import place_of
from coordinator.service.cross_use import CrossUse
from coordinator.service.due import due
from coordinator.service.enrolment import Enrolment
from coordinator.service.federation import Federation
from coordinator.service.ledger import Ledger
from coordinator.service.metrics import STEPS
from coordinator.service.metrics import serve as serve_metrics
from coordinator.service.patience import Patience
from coordinator.service.sharing import Sharing
from privacy.errors import KudosError
from protos.channels import BOUNDS
from protos.kudos.v1.cross_use_pb2_grpc import add_CrossUseServiceServicer_to_server
from protos.kudos.v1.enrolment_pb2_grpc import add_EnrolmentServiceServicer_to_server
from protos.kudos.v1.federation_pb2_grpc import add_FederationServiceServicer_to_server
from protos.kudos.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from protos.kudos.v1.sharing_pb2_grpc import add_SharingServiceServicer_to_server

THREADS, ENROLMENT_THREADS = 64, 32
GRACE_S = 10.0
"""Seconds that calls under way get when the server stops."""

LOOK_S = 5.0
"""Seconds between two looks at whether the server has a new certificate."""

TICK_S = 5.0
"""Seconds between two looks at what is due."""

_log = structlog.get_logger("kudos.coordinator")

_OPTIONS = (
    *BOUNDS,
    ("grpc.so_reuseport", 0),
    ("grpc.max_connection_age_ms", 6 * 3600 * 1000),
    ("grpc.max_connection_age_grace_ms", 60 * 1000),
    ("grpc.max_concurrent_streams", 16),
    ("grpc.keepalive_time_ms", 120 * 1000),
    ("grpc.http2.min_ping_interval_without_data_ms", 30 * 1000),
)
"""Connections end after six hours, so that none keeps an old server certificate for long."""


@dataclass(frozen=True)
class Ports:
    """Where the server listens, once it does."""

    federation: int
    enrolment: int
    health: int
    metrics: int


class Server:
    """The coordinator's server, from `start` to `stop`."""

    def __init__(self, office: Office, poll_s: int = 300) -> None:
        self._office = office
        self._stopping = threading.Event()
        self._health = health.HealthServicer()
        self._federation = _server(THREADS)
        self._enrolment = _server(ENROLMENT_THREADS)
        self._loopback = _server(1)
        add_FederationServiceServicer_to_server(Federation(office, poll_s), self._federation)
        add_LedgerServiceServicer_to_server(Ledger(office), self._federation)
        add_CrossUseServiceServicer_to_server(CrossUse(office), self._federation)
        add_SharingServiceServicer_to_server(Sharing(office), self._federation)
        add_EnrolmentServiceServicer_to_server(Enrolment(office), self._enrolment)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._loopback)
        settings = office.settings
        self._metrics, self._metrics_thread, metrics = serve_metrics(office, settings.operations.metrics)
        self.ports = Ports(
            federation=_port(self._federation, settings.federation.listen, self._credentials(members_only=True)),
            enrolment=_port(self._enrolment, settings.enrolment.listen, self._credentials(members_only=False)),
            health=_port(self._loopback, settings.operations.health, None),
            metrics=metrics,
        )

    def start(self) -> None:
        """Begins to answer."""
        for server in (self._loopback, self._federation, self._enrolment):
            server.start()
        self._health.set("", health_pb2.HealthCheckResponse.SERVING)
        _log.info("serving", federation=self.ports.federation, enrolment=self.ports.enrolment, health=self.ports.health)

    def heed_signals(self) -> None:
        """Has SIGTERM and SIGINT end `run`; called before anybody is told that the server is there."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def run(self) -> None:
        """Does what is due, again and again, until a signal stops it; then lets calls under way end."""
        while not self._stopping.wait(self._pause()):
            self.tick()
        self.stop()

    def _pause(self) -> float:
        """Seconds to the next look: less than usual where a round's deadline is nearer."""
        try:
            nearest = next_deadline(self._office.store)
        except CoordinatorError:
            return TICK_S
        if nearest is None:
            return TICK_S
        return min(TICK_S, max(0.1, (nearest - _now()).total_seconds() + 0.1))

    def tick(self) -> None:
        """Does what is due. What fails now is tried again at the next."""
        try:
            for step, said in due(self._office, _now()):
                STEPS.labels(step).inc()
                _log.info(step, **said)
        except KudosError as error:
            STEPS.labels("failed").inc()
            _log.error("tick", reason=error.reason)
        except Exception as error:  # noqa: BLE001  members are answered whatever is wrong with what is due
            STEPS.labels("failed").inc()
            _log.error("tick", reason="DEFECT", place=place_of(error))

    def stop(self) -> None:
        """Takes no new calls, and ends when those under way have."""
        self._health.enter_graceful_shutdown()
        for ended in [server.stop(GRACE_S) for server in (self._federation, self._enrolment, self._loopback)]:
            ended.wait()
        self._metrics.shutdown()
        self._metrics.server_close()
        self._metrics_thread.join()
        _log.info("stopped")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _credentials(self, *, members_only: bool) -> grpc.ServerCredentials:
        """TLS with the server's certificate of the moment; on the federation port with the caller's, too."""
        authority = self._office.authority.pem if members_only else None
        shown = _Shown(self._office, self._office.server_identity(_now()), authority)
        return grpc.dynamic_ssl_server_credentials(
            shown.configuration(), shown.renewed, require_client_authentication=members_only
        )


class _Shown:
    """The certificate that a port shows."""

    def __init__(self, office: Office, identity: ServerIdentity, authority: bytes | None) -> None:
        self._office, self._identity, self._authority = office, identity, authority
        self._lock = threading.Lock()
        self._looked = time.monotonic()

    def configuration(self) -> Any:
        """As gRPC takes it."""
        pair = (self._identity.key_pem, self._identity.certificate_pem)
        return grpc.ssl_server_certificate_configuration([pair], root_certificates=self._authority)

    def renewed(self) -> Any:
        """A configuration where the certificate is a new one, else None; gRPC asks at every handshake.

        gRPC takes a configuration into use while other handshakes work with the one before, and where that happens
        often, dies of it (grpcio 1.85.1): strangers who did nothing but connect and hang up ended the process. So it
        gets one when there is one, every two months or so, and a look at the file every few seconds is enough.
        """
        with self._lock:
            if time.monotonic() - self._looked < LOOK_S:
                return None
            self._looked = time.monotonic()
            try:
                found = self._office.server_identity(_now())
            except (KudosError, OSError):
                return None
            if found == self._identity:
                return None
            self._identity = found
            return self.configuration()


def _server(threads: int) -> grpc.Server:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="call")
    return grpc.server(pool, interceptors=[Patience()], options=_OPTIONS, maximum_concurrent_rpcs=4 * threads)


def _port(server: grpc.Server, listen: str, credentials: grpc.ServerCredentials | None) -> int:
    try:
        port = server.add_insecure_port(listen) if credentials is None else server.add_secure_port(listen, credentials)
    except RuntimeError:
        port = 0
    if port == 0:
        _, number = split_address(listen)
        raise CoordinatorError(
            f"{listen} cannot be listened on: port {number} is taken, or is not for this user. Stop what has it, or "
            "name another as `listen` in config.toml. (What members dial is `address`: who has joined, and invitations "
            "that were sent, know the old one.)"
        )
    return port


def _now() -> datetime:
    return datetime.now(UTC)
