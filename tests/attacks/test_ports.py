"""Strangers and members who would bring a port down: bounded, on loopback; after each, an honest call is answered."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest

from protos.kudos.v1.federation_pb2 import HelloRequest, SubmitRequest
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from tests.attacks.tls import connected
from tests.federation.house import Coordinator, Serving, made
from tests.federation.peers import TIMEOUT_S, Scene, channel, cut_off, hello, member, refused, stub

IDLE = 200
BOMB = 512 * 1024 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Serving]]:
    coordinator = made(tmp_path_factory.mktemp("ports") / "coordinator")
    with Serving(coordinator) as server, coordinator.office() as office:
        peers = [member(office, name) for name in ("alfa", "beta", "gamma", "delta")]
        yield Scene(coordinator, {peer.id: peer for peer in peers}), server


@pytest.fixture
def scene(served: tuple[Scene, Serving]) -> Scene:
    return served[0]


def _settled(pid: int) -> int:
    """The memory that a process has now, in bytes; the most that it has had is counted from here on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _resident(pid, "VmRSS")


def _resident(pid: int, what: str = "VmHWM") -> int:
    """The most memory that a process has had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    raise AssertionError(what)


def _place(coordinator: Coordinator, *, enrolment: bool) -> tuple[str, int]:
    host, _, port = coordinator.addresses[enrolment].rpartition(":")
    return host, int(port)


@pytest.mark.parametrize("enrolment", [False, True], ids=["federation", "enrolment"])
def test_connections_that_never_shake_hands_keep_nobody_out(scene: Scene, enrolment: bool) -> None:
    """Slow-loris below TLS: they hold a socket each, and no thread; and nothing falls when they all hang up."""
    for _ in range(3):
        with ExitStack() as all_of_them:
            for _ in range(IDLE):
                line = socket.create_connection(_place(scene.coordinator, enrolment=enrolment), timeout=TIMEOUT_S)
                all_of_them.enter_context(line)
            assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"


@pytest.mark.parametrize(
    "content", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 4000, b"\x00" * 100_000]
)
def test_bytes_that_are_no_tls_are_hung_up_on(scene: Scene, content: bytes) -> None:
    with socket.create_connection(_place(scene.coordinator, enrolment=False), timeout=TIMEOUT_S) as line:
        answer = b""
        with suppress(OSError):  # it may hang up before all is sent
            line.sendall(content)
            line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while more := line.recv(65536):
                answer += more
    assert len(answer) < 100  # an alert at the most
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"


def test_http2_headers_that_never_end_take_no_memory(served: tuple[Scene, Serving]) -> None:
    """A flood of CONTINUATION frames (CVE-2024-27316 and its kin): 128 MiB of a header that does not end."""
    scene, server = served
    before = _settled(server.process.pid)
    with connected(scene.coordinator, scene.peers["beta"]) as line, suppress(ConnectionError, ssl.SSLError):
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        line.sendall(_frame(1, 0, b"\x82"))
        for _ in range(8_900):
            line.sendall(_frame(9, 0, b"\x40\x01x\x01y" * 3000))
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"
    assert _resident(server.process.pid) - before < 64 << 20


def _frame(kind: int, flags: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + (1).to_bytes(4, "big") + payload


def test_metadata_without_end_is_refused(scene: Scene) -> None:
    def call() -> object:
        with stub(scene.coordinator, scene.peers["beta"]) as calls:
            return calls.Hello(HelloRequest(), metadata=[("x", "y" * 2_000_000)], timeout=TIMEOUT_S)

    assert cut_off(call) in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"


def test_a_message_that_unpacks_to_half_a_gigabyte_is_refused_in_little_memory(served: tuple[Scene, Serving]) -> None:
    """gRPC's own compression: what is small on the wire has a largest size once it is unpacked, too."""
    scene, server = served
    before = _settled(server.process.pid)
    peer = scene.peers["beta"]

    def call() -> object:
        with channel(scene.coordinator, peer) as found:
            send: Any = FederationServiceStub(found).Submit
            packed = SubmitRequest(round="x", envelope=bytes(BOMB // 8))
            return send(packed, timeout=TIMEOUT_S, compression=grpc.Compression.Gzip)

    assert cut_off(call) is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"
    assert _resident(server.process.pid) - before < 48 << 20


def test_who_calls_too_often_is_refused_and_nobody_else_is(scene: Scene) -> None:
    """One certificate makes as many calls as it can; another one is answered all the while."""
    with stub(scene.coordinator, scene.peers["gamma"]) as calls:

        def flood() -> object:
            for _ in range(6_000):
                calls.Hello(HelloRequest(), timeout=TIMEOUT_S)
            return None

        refusal = refused(flood)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
        assert "too often" in refusal.sentence
    assert hello(scene.coordinator, scene.peers["alfa"]).id == "alfa"


def test_a_role_is_that_of_the_certificate_and_not_of_the_message(scene: Scene) -> None:
    """A call that says whose it is in a header, or in a field that no message has, is the certificate's."""
    with stub(scene.coordinator, scene.peers["delta"]) as calls:
        claimed = [("x-member", "alfa"), ("x-role", "operator")]
        more = HelloRequest.FromString(HelloRequest().SerializeToString() + b"\xfa\x01\x04alfa")
        said = calls.Hello(more, metadata=claimed, timeout=TIMEOUT_S)
    assert (said.id, said.role) == ("delta", "member")
