"""Callers that are no node: they hold keys and certificates, and send what they like."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from coordinator.authority.ca import private_pem
from coordinator.authority.peer import Role
from coordinator.authority.peer import peer as peer_of
from coordinator.members.callers import identify
from coordinator.members.enrol import Enrolled, enrol
from coordinator.members.members import Institution, invite
from coordinator.members.others import invite_other
from coordinator.office import Office
from protos.kudos.v1.enrolment_pb2 import EnrolRequest
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceStub
from protos.kudos.v1.federation_pb2 import HelloRequest, HelloResponse, SubmitRequest
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from protos.kudos.v1.ledger_pb2 import WitnessLedgerRequest
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceStub
from protos.refusals import Refusal, refusal_of
from tests.coordinator.house import Keys, token_of
from tests.coordinator.ledger import FakeLedger, Request, booked
from tests.federation.house import Coordinator, now

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Peer:
    """Somebody with a certificate (PEM) and the keys behind it."""

    id: str
    certificate: bytes
    ledger: str = ""
    keys: Keys = field(default_factory=Keys)


def pem(der: bytes) -> bytes:
    """A certificate as gRPC takes it."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def member(office: Office, name: str, moment: datetime | None = None) -> Peer:
    """A member that has joined, now or at a moment, as the enrolment port lets one in."""
    keys, when = Keys(), moment or now()
    handed = invite(office, Institution(name, name.title(), "museum", "46"), when)
    csr = keys.csr()
    found = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", when)
    return _peer(found, keys)


def other(office: Office, role: Role, name: str) -> Peer:
    """An auditor, viewer or operator that has joined."""
    keys = Keys()
    handed = invite_other(office, role, name, name.title(), now())
    csr = keys.csr(keys.uris[:1])
    return _peer(enrol(office, token_of(handed), csr, keys.enrolling(csr), "", now()), keys)


def _peer(found: Enrolled, keys: Keys) -> Peer:
    return Peer(found.id, pem(found.certificate), found.ledger, keys)


@contextmanager
def channel(
    coordinator: Coordinator, peer: Peer | None = None, *, authority: bytes | None = None, enrolment: bool = False
) -> Iterator[grpc.Channel]:
    """A channel that shows a peer's certificate, or none. It trusts the network's authority, or another."""
    address = coordinator.addresses[1 if enrolment else 0]
    trusted = authority or (coordinator.home / "keys" / "authority.pem").read_bytes()
    pair = (None, None) if peer is None else (private_pem(peer.keys.tls), peer.certificate)
    credentials = grpc.ssl_channel_credentials(trusted, *pair)
    with grpc.secure_channel(address, credentials, options=[("grpc.enable_http_proxy", 0)]) as found:
        yield found


@contextmanager
def stub(coordinator: Coordinator, peer: Peer | None = None, **options: Any) -> Iterator[Any]:
    """The federation's calls as a peer makes them."""
    with channel(coordinator, peer, **options) as found:
        yield FederationServiceStub(found)


@contextmanager
def ledger_stub(coordinator: Coordinator, peer: Peer | None = None, **options: Any) -> Iterator[Any]:
    """The ledgers' calls as a peer makes them."""
    with channel(coordinator, peer, **options) as found:
        yield LedgerServiceStub(found)


def ledger_of(office: Office, peer: Peer, moment: datetime | None = None) -> FakeLedger:
    """A member's ledger as it begins, that nobody has seen."""
    return FakeLedger(peer.ledger, peer.keys.signing).begin(office.witness, moment or now())


def book(office: Office, peer: Peer, envelope: bytes) -> bytes:
    """The same bytes, once a release's entry is cosigned: what a node does before it sends them."""
    caller = identify(office.store, peer_of(peer.certificate, office.trust_domain), now())
    booked(office, caller, peer.ledger, peer.keys.signing, envelope, now())
    return envelope


def asked(request: Request) -> WitnessLedgerRequest:
    """What the witness is asked, as it crosses the wire."""
    return WitnessLedgerRequest(
        note=request.note, old_size=request.old_size, consistency=request.consistency, leaves=request.leaves
    )


def enrolling(coordinator: Coordinator, request: EnrolRequest) -> Any:
    """The answer of the enrolment port."""
    with channel(coordinator, enrolment=True) as found:
        return EnrolmentServiceStub(found).Enrol(request, timeout=TIMEOUT_S)


def hello(coordinator: Coordinator, peer: Peer) -> HelloResponse:
    """A good call: whether the coordinator is alive, and how it sees a peer."""
    with stub(coordinator, peer) as calls:
        answer: HelloResponse = calls.Hello(HelloRequest(version="test"), timeout=TIMEOUT_S)
    return answer


def refused(call: Callable[[], object]) -> Refusal:
    """The typed refusal that a call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    refusal = refusal_of(caught.value)
    assert refusal is not None, caught.value
    return refusal


def cut_off(call: Callable[[], object]) -> grpc.StatusCode:
    """The status of a call that TLS or gRPC itself ends, before any code of ours sees it."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    assert refusal_of(caught.value) is None
    state: Any = caught.value
    code: grpc.StatusCode = state.code()
    return code


@dataclass(frozen=True)
class Scene:
    """A coordinator that serves, some peers, and the check that every bad call has to stand."""

    coordinator: Coordinator
    peers: dict[str, Peer]

    def refuses(self, call: Callable[[], object], code: str, reason: str) -> str:
        """Asserts status, reason and a sentence; that nothing was stored; that a good call goes on. The sentence."""
        before = self.coordinator.rows()
        refusal = refused(call)
        assert (refusal.code.name, refusal.reason) == (code, reason), refusal.sentence
        assert refusal.sentence[0].isupper()
        assert refusal.sentence.endswith((".", ")"))
        self.unmoved(before)
        return refusal.sentence

    def cuts_off(self, call: Callable[[], object], *codes: grpc.StatusCode) -> None:
        """The same for a call that never reaches our code."""
        before = self.coordinator.rows()
        assert cut_off(call) in codes
        self.unmoved(before)

    def unmoved(self, before: dict[str, list[tuple[object, ...]]]) -> None:
        """Asserts that the store is what it was, and the coordinator alive."""
        assert self.coordinator.rows() == before
        assert hello(self.coordinator, self.peers["alfa"]).id == "alfa"

    def submit(self, who: str, round_name: str, envelope: bytes) -> Callable[[], object]:
        """A release as a peer sends it."""

        def call() -> object:
            with stub(self.coordinator, self.peers[who]) as calls:
                return calls.Submit(SubmitRequest(round=round_name, envelope=envelope), timeout=TIMEOUT_S)

        return call

    def call(self, who: str, method: str, request: object) -> Callable[[], object]:
        """Any call of one answer, or the whole of a stream."""

        def made() -> object:
            with stub(self.coordinator, self.peers[who]) as calls:
                answer = getattr(calls, method)(request, timeout=TIMEOUT_S)
                return list(answer) if method == "GetBenchmark" else answer

        return made

    def ledger_call(self, who: str, method: str, request: object) -> Callable[[], Any]:
        """The same of a call of LedgerService."""

        def made() -> Any:
            with ledger_stub(self.coordinator, self.peers[who]) as calls:
                answer = getattr(calls, method)(request, timeout=TIMEOUT_S)
                return list(answer) if method in ("GetOwnLedger", "Export") else answer

        return made

    def witness(self, who: str, request: Request) -> Callable[[], Any]:
        """New leaves and a checkpoint as a peer sends them."""
        return self.ledger_call(who, "WitnessLedger", asked(request))
