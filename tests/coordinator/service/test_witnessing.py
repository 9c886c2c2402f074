"""A member whose ledger the witness is busy with: it is told to come back, and nobody else waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from coordinator.authority.ca import private_pem
from coordinator.ledgers.witness import witness
from coordinator.office import Office, opened
from coordinator.service.server import Server
from protos.kudos.v1.federation_pb2 import HelloRequest
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceStub
from protos.refusals import refusal_of
from tests.coordinator.house import joined, make_home
from tests.coordinator.ledger import FakeLedger, a_ledger
from tests.databases import Databases
from tests.federation.house import now
from tests.federation.peers import TIMEOUT_S, asked, pem

HELLO = HelloRequest(version="test", protocol=1)


class Slow:
    """The real witness, that begins on one member's request only when it is let."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.begun, self.let = threading.Event(), threading.Event()

    def __call__(self, office: Office, caller: Any, *words: Any) -> bytes:
        if caller.id == self.member:
            self.begun.set()
            assert self.let.wait(TIMEOUT_S)
        return witness(office, caller, *words)


class Member:
    """A member that has joined: its ledger, which nobody has seen, and its line to the server."""

    def __init__(self, office: Office, server: Server, name: str) -> None:
        self._member = joined(office, name, now())
        self.ledger: FakeLedger = a_ledger(office, self._member, now())
        self._port, self._authority = server.ports.federation, office.authority.pem

    @contextmanager
    def line(self) -> Iterator[grpc.Channel]:
        keys, certificate = self._member.keys, self._member.enrolled.certificate
        shown = grpc.ssl_channel_credentials(self._authority, private_pem(keys.tls), pem(certificate))
        with grpc.secure_channel(f"localhost:{self._port}", shown) as channel:
            yield channel


@pytest.fixture
def scene(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Slow, Member, Member]]:
    """A server that is slow with one member's ledger, that member and another one."""
    slow = Slow("one")
    monkeypatch.setattr("coordinator.service.ledger.witness", slow)
    with databases.one() as store, opened(make_home(tmp_path, ("127.0.0.1:0", "127.0.0.1:0"), store)) as office:
        server = Server(office)
        server.start()
        try:
            yield slow, Member(office, server, "one"), Member(office, server, "two")
        finally:
            slow.let.set()
            server.stop()


def refused(calls: Any, ledger: FakeLedger) -> tuple[str, str]:
    """Status and reason of a request that is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        calls.WitnessLedger(asked(ledger.request(0)), timeout=TIMEOUT_S)
    refusal = refusal_of(caught.value)
    assert refusal is not None, caught.value
    assert "again later" in refusal.sentence
    return refusal.code.name, refusal.reason


def test_a_second_request_of_one_member_is_refused_and_another_members_served(
    scene: tuple[Slow, Member, Member],
) -> None:
    slow, one, two = scene
    with one.line() as mine, two.line() as others:
        calls: Any = LedgerServiceStub(mine)
        first = calls.WitnessLedger.future(asked(one.ledger.request(0)), timeout=TIMEOUT_S)
        assert slow.begun.wait(TIMEOUT_S)
        assert refused(calls, one.ledger) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
        other_calls: Any = LedgerServiceStub(others)
        assert other_calls.WitnessLedger(asked(two.ledger.request(0)), timeout=TIMEOUT_S).note
        for channel, name in ((mine, "one"), (others, "two")):
            greeted: Any = FederationServiceStub(channel)
            assert greeted.Hello(HELLO, timeout=TIMEOUT_S).id == name
        assert not first.done()
        slow.let.set()
        note = first.result(TIMEOUT_S).note
        assert calls.WitnessLedger(asked(one.ledger.request(0)), timeout=TIMEOUT_S).note == note


def test_who_hangs_up_and_asks_again_waits_until_the_first_request_is_done(
    scene: tuple[Slow, Member, Member],
) -> None:
    slow, one, _ = scene
    with one.line() as mine:
        calls: Any = LedgerServiceStub(mine)
        first = calls.WitnessLedger.future(asked(one.ledger.request(0)), timeout=TIMEOUT_S)
        assert slow.begun.wait(TIMEOUT_S)
        first.cancel()
        for _ in range(3):
            assert refused(calls, one.ledger) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
        slow.let.set()
        assert _in_the_end(calls, one.ledger)


def test_a_request_that_is_refused_keeps_no_room(scene: tuple[Slow, Member, Member]) -> None:
    _, _, two = scene
    with two.line() as line:
        calls: Any = LedgerServiceStub(line)
        wrong = asked(two.ledger.request(0))
        wrong.note = b"none"
        for _ in range(2):
            with pytest.raises(grpc.RpcError) as caught:
                calls.WitnessLedger(wrong, timeout=TIMEOUT_S)
            refusal = refusal_of(caught.value)
            assert refusal is not None
            assert refusal.reason == "BAD_CHECKPOINT"
        assert calls.WitnessLedger(asked(two.ledger.request(0)), timeout=TIMEOUT_S).note


def _in_the_end(calls: Any, ledger: FakeLedger) -> bytes:
    """The note that a member gets that comes back as long as it is told to."""
    until = time.monotonic() + TIMEOUT_S
    while True:
        try:
            note: bytes = calls.WitnessLedger(asked(ledger.request(0)), timeout=TIMEOUT_S).note
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal is not None
            assert refusal.reason == "TOO_MANY_CALLS"
            assert time.monotonic() < until
            time.sleep(0.02)
        else:
            return note
