"""A coordinator that has the network's certificates, its keys and its store, and lies all the same.

It answers as the real one does and then changes what it says: what a node does about that is what is tested.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import grpc

from coordinator.office import Office
from coordinator.rounds.rounds import open_round
from coordinator.rounds.studies import read
from coordinator.service.enrolment import Enrolment
from coordinator.service.federation import Federation as Honest
from coordinator.service.ledger import Ledger as HonestLedger
from coordinator.service.sharing import Sharing as HonestSharing
from node.agent.turn import Turn, turn
from protos.channels import BOUNDS
from protos.kudos.v1.enrolment_pb2_grpc import add_EnrolmentServiceServicer_to_server
from protos.kudos.v1.federation_pb2_grpc import add_FederationServiceServicer_to_server
from protos.kudos.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from protos.kudos.v1.sharing_pb2_grpc import add_SharingServiceServicer_to_server
from tests.federation.house import WINDOW_LAST, Federation, now

Lie = Callable[[Any], Any]
"""Is given the honest answer, and gives the one that is sent; of a stream, the list of its messages."""

LEDGER_METHODS = ("GetLedgerHead", "WitnessLedger", "GetOwnLedger", "GetOwnRelease", "Export")
SHARING_METHODS = (
    "ShareInsight",
    "WithdrawInsight",
    "ListInsights",
    "ShareAssessment",
    "WithdrawAssessment",
    "GetAssessments",
)
STREAMS = ("GetBenchmark", "GetOwnLedger", "Export", "ListInsights")
METHODS = (
    *LEDGER_METHODS,
    *SHARING_METHODS,
    "Hello",
    "Renew",
    "ListRounds",
    "Submit",
    "Decline",
    "ListBenchmarks",
    "GetBenchmark",
    "ListMembers",
    "PublishCommitment",
    "OfferIdentity",
    "ListIdentityOffers",
)


class _Told:
    """A service with its lies in place."""

    def __init__(self, honest: Honest | HonestLedger | HonestSharing, lies: dict[str, Lie], heard: list[str]) -> None:
        self._honest, self._lies, self._heard = honest, lies, heard

    def __getattr__(self, method: str) -> Callable[[Any, Any], Any]:
        if method not in METHODS:
            raise AttributeError(method)

        def answer(request: Any, context: Any) -> Any:
            self._heard.append(method)
            honest = getattr(self._honest, method)(request, context)
            lie = self._lies.get(method, lambda said: said)
            if method in STREAMS:
                return iter(lie(list(honest)))
            return lie(type(honest).FromString(honest.SerializeToString()))  # the honest one may be said again

        return answer


@dataclass(frozen=True)
class Stage:
    """A federation whose coordinator lies as `lies` says; `heard` are the calls that it got."""

    federation: Federation
    office: Office
    lies: dict[str, Lie] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def open_round(self, name: str, window_last: str = WINDOW_LAST) -> None:
        """A round of the study for a day."""
        study = read(str(self.federation.study))
        end = now() + timedelta(days=1)
        open_round(self.office, study, date.fromisoformat(window_last), end, now(), 1, name)

    def turn(self, member: str) -> Turn:
        """One turn of a member's agent."""
        return turn(self.federation.home(member), lambda _text: None)


@contextmanager
def lying(federation: Federation) -> Iterator[Stage]:
    """A coordinator that serves, in this process, what its lies make of it."""
    with federation.coordinator.office() as office:
        stage = Stage(federation, office)
        shown = office.server_identity(now())
        pair = [(shown.key_pem, shown.certificate_pem)]
        server = grpc.server(ThreadPoolExecutor(8), options=BOUNDS)
        told: Any = _Told(Honest(office, 1), stage.lies, stage.heard)
        told_ledger: Any = _Told(HonestLedger(office), stage.lies, stage.heard)
        told_sharing: Any = _Told(HonestSharing(office), stage.lies, stage.heard)
        add_FederationServiceServicer_to_server(told, server)
        add_SharingServiceServicer_to_server(told_sharing, server)
        add_LedgerServiceServicer_to_server(told_ledger, server)
        add_EnrolmentServiceServicer_to_server(Enrolment(office), server)
        federation_at, enrolment_at = federation.coordinator.addresses
        server.add_secure_port(federation_at, grpc.ssl_server_credentials(pair, office.authority.pem, True))
        server.add_secure_port(enrolment_at, grpc.ssl_server_credentials(pair))
        server.start()
        try:
            yield stage
        finally:
            server.stop(None).wait()
