"""Callers without a certificate of the network, with one that has ended, or with one for something else."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from coordinator.authority import ca
from coordinator.authority.peer import Role
from coordinator.members.enrol import enrol
from coordinator.members.members import invite_again, leave, resume, revoke, suspend
from coordinator.store.tables import certificates
from protos.kudos.v1 import federation_pb2 as messages
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from tests.coordinator.house import Keys, token_of
from tests.federation.house import Coordinator, Serving, made, now
from tests.federation.peers import TIMEOUT_S, Peer, Scene, channel, hello, member, other, pem, stub

NO_ENTRY = (grpc.StatusCode.UNAVAILABLE,)
"""What a connection that TLS ends looks like to gRPC."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    coordinator = made(tmp_path_factory.mktemp("callers") / "coordinator")
    with Serving(coordinator), coordinator.office() as office:
        peers = [member(office, name) for name in ("alfa", "beta", "gamma", "delta", "epsilon")]
        peers.append(member(office, "old", now() - timedelta(days=91)))
        peers += [other(office, Role(role), role) for role in ("auditor", "viewer", "operator")]
        yield Scene(coordinator, {peer.id: peer for peer in peers})


def _hello(scene: Scene, peer: Peer | None) -> Callable[[], object]:
    def call() -> object:
        with stub(scene.coordinator, peer) as calls:
            return calls.Hello(messages.HelloRequest(), timeout=TIMEOUT_S)

    return call


def _issued(authority: ca.Authority, identity: str, moment: datetime | None = None) -> Peer:
    keys = Keys()
    certificate = ca.issue_client(authority, keys.tls.public_key(), identity, moment or now())
    return Peer("alfa", certificate.public_bytes(Encoding.PEM), keys=keys)


def test_no_certificate(scene: Scene) -> None:
    scene.cuts_off(_hello(scene, None), *NO_ENTRY)


def test_a_certificate_by_another_authority_of_the_same_name(scene: Scene) -> None:
    foreign = ca.make("npu.example", now())
    scene.cuts_off(_hello(scene, _issued(foreign, "spiffe://npu.example/member/alfa")), *NO_ENTRY)


def test_a_certificate_whose_time_is_over(scene: Scene) -> None:
    scene.cuts_off(_hello(scene, scene.peers["old"]), *NO_ENTRY)


def test_a_certificate_that_the_store_says_is_over(scene: Scene) -> None:
    """TLS goes by the certificate, and the calls by the store as well."""
    gamma = hello(scene.coordinator, scene.peers["gamma"]).certificate_not_after_s
    with scene.coordinator.office() as office, office.store.transaction() as connection:
        of_gamma = update(certificates).where(certificates.c.holder == "gamma")
        connection.execute(of_gamma.values(not_after=gamma - 91 * 86400))
    scene.refuses(_hello(scene, scene.peers["gamma"]), "UNAUTHENTICATED", "CERTIFICATE_EXPIRED")


def test_the_servers_own_certificate(scene: Scene) -> None:
    with scene.coordinator.office() as office:
        keys = Keys()
        certificate = ca.issue_server(office.authority, keys.tls.public_key(), ("127.0.0.1",), now())
    shown = Peer("alfa", certificate.public_bytes(Encoding.PEM), keys=keys)
    scene.cuts_off(_hello(scene, shown), *NO_ENTRY)


@pytest.mark.parametrize(
    "identity",
    [
        "spiffe://npu.example/member/alfa",
        "spiffe://npu.example/operator/alfa",
        "spiffe://npu.example/member/nobody",
    ],
)
def test_a_certificate_by_the_authority_that_the_store_does_not_have(scene: Scene, identity: str) -> None:
    """As by a thief of the authority's key who does not have the store."""
    with scene.coordinator.office() as office:
        peer = _issued(office.authority, identity)
    scene.refuses(_hello(scene, peer), "UNAUTHENTICATED", "CERTIFICATE_UNKNOWN")


@pytest.mark.parametrize(
    "identity",
    [
        "spiffe://other.example/member/alfa",
        "spiffe://npu.example/king/alfa",
        "spiffe://npu.example/member/ALFA",
        "spiffe://npu.example/member/alfa/x",
        "https://npu.example/member/alfa",
    ],
)
def test_a_certificate_that_names_no_holder(scene: Scene, identity: str) -> None:
    with scene.coordinator.office() as office:
        peer = _issued(office.authority, identity)
    scene.refuses(_hello(scene, peer), "UNAUTHENTICATED", "UNAUTHENTICATED")


def test_a_certificate_that_the_store_has_for_somebody_else(scene: Scene) -> None:
    delta = scene.peers["delta"]
    with scene.coordinator.office() as office, office.store.transaction() as connection:
        of_delta = update(certificates).where(certificates.c.holder == "delta")
        connection.execute(of_delta.values(role="operator", holder="alfa"))
    scene.refuses(_hello(scene, delta), "UNAUTHENTICATED", "CERTIFICATE_UNKNOWN")


@pytest.mark.parametrize("port", [0, 1], ids=["federation", "enrolment"])
def test_tls_1_2_is_not_spoken(scene: Scene, port: int) -> None:
    before = scene.coordinator.rows()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _handshake(scene.coordinator, scene.peers["alfa"], port, ssl.TLSVersion.TLSv1_2)
    scene.unmoved(before)


def test_tls_1_3_is_spoken(scene: Scene) -> None:
    """The other half of the test above: it fails for the version and for nothing else."""
    assert _handshake(scene.coordinator, scene.peers["alfa"], 0, ssl.TLSVersion.TLSv1_3) == ("TLSv1.3", "h2")


def _handshake(coordinator: Coordinator, peer: Peer, port: int, newest: ssl.TLSVersion) -> tuple[str | None, ...]:
    context = ssl.create_default_context(cafile=str(coordinator.home / "keys" / "authority.pem"))
    context.maximum_version = newest
    context.set_alpn_protocols(["h2"])
    pair = coordinator.home.with_name(f"{peer.id}.pem")
    pair.write_bytes(ca.private_pem(peer.keys.tls) + peer.certificate)
    context.load_cert_chain(pair)
    host, _, number = coordinator.addresses[port].partition(":")
    with (
        socket.create_connection((host, int(number)), TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return secure.version(), secure.selected_alpn_protocol()


def test_no_tls_at_all(scene: Scene) -> None:
    def call() -> object:
        with grpc.insecure_channel(scene.coordinator.addresses[0]) as plain:
            return FederationServiceStub(plain).Hello(messages.HelloRequest(), timeout=TIMEOUT_S)

    scene.cuts_off(call, *NO_ENTRY)


def test_the_federations_calls_on_the_enrolment_port(scene: Scene) -> None:
    def call() -> object:
        with stub(scene.coordinator, scene.peers["alfa"], enrolment=True) as calls:
            return calls.Hello(messages.HelloRequest(), timeout=TIMEOUT_S)

    scene.cuts_off(call, grpc.StatusCode.UNIMPLEMENTED)


def test_a_suspended_member_is_refused_on_the_connection_that_it_has(scene: Scene) -> None:
    with scene.coordinator.office() as office, stub(scene.coordinator, scene.peers["beta"]) as calls:

        def ask() -> str:
            return str(calls.Hello(messages.HelloRequest(), timeout=TIMEOUT_S).id)

        assert ask() == "beta"
        suspend(office.store, "beta", now())
        scene.refuses(ask, "PERMISSION_DENIED", "MEMBER_SUSPENDED")
        scene.refuses(
            lambda: calls.ListRounds(messages.ListRoundsRequest(), timeout=TIMEOUT_S),
            "PERMISSION_DENIED",
            "MEMBER_SUSPENDED",
        )
        resume(office.store, "beta", now())
        assert ask() == "beta"


@pytest.mark.parametrize("end", [revoke, leave])
def test_a_member_whose_membership_ended_is_refused_on_the_connection_that_it_has(
    scene: Scene, end: Callable[..., None]
) -> None:
    with scene.coordinator.office() as office:
        name = f"gone-{end.__name__}"
        peer = member(office, name)
        with stub(scene.coordinator, peer) as calls:

            def ask() -> str:
                return str(calls.Hello(messages.HelloRequest(), timeout=TIMEOUT_S).id)

            assert ask() == name
            end(office.store, name, now())
            scene.refuses(ask, "PERMISSION_DENIED", "MEMBER_REVOKED")


def test_a_certificate_that_a_new_machine_has_replaced(scene: Scene) -> None:
    before = scene.peers["epsilon"]
    with scene.coordinator.office() as office:
        keys = Keys()
        csr = keys.csr()
        handed = invite_again(office, "epsilon", now())
        found = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", now())
    assert hello(scene.coordinator, replace(before, certificate=pem(found.certificate), keys=keys)).id == "epsilon"
    scene.refuses(_hello(scene, before), "UNAUTHENTICATED", "CERTIFICATE_UNKNOWN")


_MEMBERS_ALONE: list[tuple[str, object]] = [
    ("ListRounds", messages.ListRoundsRequest()),
    ("Submit", messages.SubmitRequest(round="any", envelope=b"x")),
    ("Decline", messages.DeclineRequest(round="any")),
    ("PublishCommitment", messages.PublishCommitmentRequest(envelope=b"x")),
    ("OfferIdentity", messages.OfferIdentityRequest(recipient="alfa", envelope=b"x")),
    ("ListIdentityOffers", messages.ListIdentityOffersRequest()),
]


@pytest.mark.parametrize("who", ["auditor", "viewer", "operator"])
@pytest.mark.parametrize(("method", "request_"), _MEMBERS_ALONE, ids=[name for name, _ in _MEMBERS_ALONE])
def test_what_members_alone_may_do(scene: Scene, who: str, method: str, request_: object) -> None:
    scene.refuses(scene.call(who, method, request_), "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")


def test_a_viewer_sees_no_keys_of_members(scene: Scene) -> None:
    request = messages.ListMembersRequest()
    scene.refuses(scene.call("viewer", "ListMembers", request), "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")
    assert scene.call("auditor", "ListMembers", request)()


@pytest.mark.parametrize(
    ("name", "number"), [("nothing", 0), ("", 0), ("../store", 1), ("nothing", -1), ("x" * 9999, 7)]
)
def test_a_benchmark_that_there_is_not(scene: Scene, name: str, number: int) -> None:
    request = messages.GetBenchmarkRequest(round=name, version=number)
    scene.refuses(scene.call("alfa", "GetBenchmark", request), "NOT_FOUND", "UNKNOWN_BENCHMARK")


@pytest.mark.parametrize(
    "method",
    [
        *(f"FederationService/{name}" for name in ("Hello", "Submit", "Decline", "GetBenchmark", "NoSuchCall")),
        *(f"LedgerService/{name}" for name in ("WitnessLedger", "GetOwnRelease")),
    ],
)
@pytest.mark.parametrize(
    "garbage", [b"\xff" * 64, b"\x0a\xff", b"\x0a\x02\xc3\x28"], ids=["random", "cut off", "utf-8"]
)
def test_bytes_that_are_no_request(scene: Scene, method: str, garbage: bytes) -> None:
    """Whatever the answer, it is one; nothing is stored, and the next caller is served."""
    before = scene.coordinator.rows()
    with channel(scene.coordinator, scene.peers["alfa"]) as found:
        call: Any = found.unary_unary(f"/kudos.v1.{method}")
        with pytest.raises(grpc.RpcError) as caught:
            call(garbage, timeout=TIMEOUT_S)
    answered = caught.value.code()
    unread = {grpc.StatusCode.INVALID_ARGUMENT}
    assert answered in ({grpc.StatusCode.UNIMPLEMENTED} if method.endswith("NoSuchCall") else unread)
    scene.unmoved(before)


def test_a_request_with_unknown_fields_is_answered(scene: Scene) -> None:
    """A newer node may say more: that is how messages grow."""
    with channel(scene.coordinator, scene.peers["alfa"]) as found:
        call: Any = found.unary_unary("/kudos.v1.FederationService/Hello")
        answer = messages.HelloResponse.FromString(call(b"\x7a\x03new", timeout=TIMEOUT_S))
    assert answer.id == "alfa"
