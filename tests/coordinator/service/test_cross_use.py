"""Sketches over the wire: a real server and real certificates, and callers that send what no node would."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import protos  # noqa: F401  sets what gRPC reads when it is imported
from coordinator.authority.ca import private_pem
from coordinator.authority.peer import Role
from coordinator.cross_use import markets
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other
from coordinator.office import Office, opened
from coordinator.rounds import rounds
from coordinator.rounds.rounds import open_round
from coordinator.service import cross_use
from coordinator.service.server import Server
from privacy.bounds.windows import Window, twelve_months_to
from privacy.rounds.states import State
from privacy.sketch.sealing import Sealed
from protos.kudos.v1 import cross_use_pb2 as wire
from protos.kudos.v1.cross_use_pb2_grpc import CrossUseServiceStub
from protos.kudos.v1.federation_pb2 import ListRoundsRequest
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from protos.refusals import refusal_of
from tests.coordinator.cross_use.house import CROSS, Sketcher, members, sealed, sketched
from tests.coordinator.house import Joined, Keys, contents, make_home, token_of
from tests.databases import Databases

TIMEOUT_S = 60.0
BEGUN = datetime.now(UTC).replace(microsecond=0)
WINDOW: Window = twelve_months_to(date(BEGUN.year - 1, 12, 31))
SOON, LATER = BEGUN + timedelta(days=1), BEGUN + timedelta(days=2)


@dataclass(frozen=True)
class World:
    """A server of three members, two of whom have their sketch for a round of cross-use booked and sealed."""

    office: Office
    server: Server
    joined: list[Joined]
    sketchers: list[Sketcher]
    sealed: list[Sealed]

    @contextmanager
    def channel(self, certificate: bytes, keys: Keys) -> Iterator[grpc.Channel]:
        """A connection of the holder of a certificate."""
        credentials = grpc.ssl_channel_credentials(
            root_certificates=self.office.authority.pem,
            private_key=private_pem(keys.tls),
            certificate_chain=x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM),
        )
        with grpc.secure_channel(f"localhost:{self.server.ports.federation}", credentials) as channel:
            yield channel


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        store = stack.enter_context(databases.one())
        office = stack.enter_context(opened(make_home(tmp_path, ("127.0.0.1:0", "127.0.0.1:0"), store)))
        found = members(office, "aker", "bryggen", "fjord", now=BEGUN)
        open_round(office, CROSS, WINDOW.last, LATER, BEGUN, 2, "cross", SOON)
        epoch = str(WINDOW.last.year)
        sketchers = [sketched(office, each, now=BEGUN, epoch=epoch, window=WINDOW) for each in found[:2]]
        server = Server(office)
        server.start()
        stack.callback(server.stop)
        yield World(office, server, found, sketchers, [sealed(office, each, "cross", found) for each in sketchers])


@pytest.fixture
def aker(world: World) -> Iterator[CrossUseServiceStub]:
    """The calls of a member that has its sketch to send."""
    with world.channel(world.joined[0].enrolled.certificate, world.joined[0].keys) as channel:
        yield CrossUseServiceStub(channel)


@pytest.fixture
def bryggen(world: World) -> Iterator[CrossUseServiceStub]:
    """Those of another."""
    with world.channel(world.joined[1].enrolled.certificate, world.joined[1].keys) as channel:
        yield CrossUseServiceStub(channel)


def messages(one: Sealed, round_id: str = "cross") -> Iterator[wire.PutSketchRequest]:
    yield wire.PutSketchRequest(round=round_id, header=one.header)
    for chunk in one.chunks:
        yield wire.PutSketchRequest(chunk=chunk)


def put(stub: CrossUseServiceStub, sent: Iterable[wire.PutSketchRequest]) -> wire.PutSketchResponse:
    return stub.PutSketch(iter(sent), timeout=TIMEOUT_S)


def refused(stub: CrossUseServiceStub, sent: Iterable[wire.PutSketchRequest]) -> str:
    """Why what is sent is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        put(stub, sent)
    found = refusal_of(caught.value)
    assert found is not None, caught.value
    return found.reason


def fetched(stub: CrossUseServiceStub, member: str) -> list[bytes]:
    answers = list(stub.GetSketch(wire.GetSketchRequest(round="cross", member=member), timeout=TIMEOUT_S))
    assert all(bool(each.header) == (number == 0) for number, each in enumerate(answers))
    return [each.header or each.chunk for each in answers]


def test_sketches_go_in_become_a_market_and_go_out(
    world: World, aker: CrossUseServiceStub, bryggen: CrossUseServiceStub
) -> None:
    first = put(aker, messages(world.sealed[0]))
    assert put(aker, messages(world.sealed[0])) == first
    put(bryggen, messages(world.sealed[1]))
    with pytest.raises(grpc.RpcError) as caught:
        aker.GetMarket(wire.GetMarketRequest(round="cross"), timeout=TIMEOUT_S)
    not_yet = refusal_of(caught.value)
    assert not_yet is not None
    assert not_yet.reason == "NOT_YET"
    assert fetched(aker, "aker") == [world.sealed[0].header, *world.sealed[0].chunks]
    markets.form(world.office, "cross", datetime.now(UTC))
    assert aker.GetMarket(wire.GetMarketRequest(round="cross"), timeout=TIMEOUT_S).market
    assert fetched(aker, "bryggen") == [world.sealed[1].header, *world.sealed[1].chunks]
    with world.channel(world.joined[2].enrolled.certificate, world.joined[2].keys) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            fetched(CrossUseServiceStub(channel), "aker")
        outside = refusal_of(caught.value)
        assert outside is not None
        assert outside.reason == "NOT_IN_MARKET"
        (state,) = FederationServiceStub(channel).ListRounds(ListRoundsRequest(), timeout=TIMEOUT_S).rounds
        assert (state.stage, state.own, state.sketch_digest) == ("count", "waiting", "")


def test_a_member_sees_the_stage_and_its_own_sketch(world: World, aker: CrossUseServiceStub) -> None:
    with world.channel(world.joined[0].enrolled.certificate, world.joined[0].keys) as channel:
        federation = FederationServiceStub(channel)
        (before,) = federation.ListRounds(ListRoundsRequest(), timeout=TIMEOUT_S).rounds
        digest = put(aker, messages(world.sealed[0])).header_digest
        (after,) = federation.ListRounds(ListRoundsRequest(), timeout=TIMEOUT_S).rounds
    assert (before.stage, before.sketch_digest) == ("sketch", "")
    assert (after.stage, after.sketch_digest) == ("sketch", digest)


def test_a_stream_that_does_not_end_is_cut_at_the_first_chunk_too_many(world: World, aker: CrossUseServiceStub) -> None:
    sent = [0]

    def endless() -> Iterator[wire.PutSketchRequest]:
        yield from messages(world.sealed[0])
        while True:
            sent[0] += 1
            yield wire.PutSketchRequest(chunk=world.sealed[0].chunks[0])

    before = contents(world.office.store)
    assert refused(aker, endless()) == "BAD_SKETCH"
    assert sent[0] < 1_000  # what was on its way when the client was told
    assert contents(world.office.store) == before


def test_what_is_not_sent_as_header_and_chunks_is_refused(world: World, aker: CrossUseServiceStub) -> None:
    one = world.sealed[0]
    first, *rest = messages(one)
    before = contents(world.office.store)
    wrong: list[tuple[str, list[wire.PutSketchRequest]]] = [
        ("UNKNOWN_ROUND", []),
        ("UNKNOWN_ROUND", rest),
        ("BAD_SKETCH", [wire.PutSketchRequest(round="cross")]),
        ("BAD_SKETCH", [wire.PutSketchRequest(round="cross", header=one.header, chunk=one.chunks[0]), *rest[1:]]),
        ("BAD_SKETCH", [first, first, *rest]),
        ("BAD_SKETCH", [first, *rest[:2]]),
        ("BAD_SKETCH", [first, wire.PutSketchRequest(), *rest]),
        ("BAD_SKETCH", [first, wire.PutSketchRequest(chunk=bytes(3 << 20))]),
        ("TOO_LARGE", [wire.PutSketchRequest(round="cross", header=bytes(2 << 20))]),
    ]
    for reason, sent in wrong:
        assert refused(aker, sent) == reason
    assert contents(world.office.store) == before
    put(aker, messages(one))


def test_nobody_but_members_has_to_do_with_sketches(world: World, aker: CrossUseServiceStub) -> None:
    put(aker, messages(world.sealed[0]))
    for role in (Role.AUDITOR, Role.VIEWER, Role.OPERATOR):
        keys = Keys()
        handed = invite_other(world.office, role, "kari", "Kari", BEGUN)
        csr = keys.csr(keys.uris[:1])
        certificate = enrol(world.office, token_of(handed), csr, keys.enrolling(csr), "", BEGUN).certificate
        with world.channel(certificate, keys) as channel:
            stub = CrossUseServiceStub(channel)
            assert refused(stub, messages(world.sealed[1])) == "ROLE_NOT_ALLOWED"
            for call in (
                lambda stub=stub: fetched(stub, "aker"),
                lambda stub=stub: stub.GetMarket(wire.GetMarketRequest(round="cross"), timeout=TIMEOUT_S),
            ):
                with pytest.raises(grpc.RpcError) as caught:
                    call()
                found = refusal_of(caught.value)
                assert found is not None
                assert found.reason == "ROLE_NOT_ALLOWED"


@pytest.fixture
def narrow(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same with a server that has room for one sketch at a time."""
    monkeypatch.setattr(cross_use, "AT_ONCE", 1)
    server = Server(world.office)
    server.start()
    yield replace(world, server=server)
    server.stop()


def test_a_sketch_that_breaks_off_leaves_nothing_and_gives_its_room_back(narrow: World) -> None:
    go_on = threading.Event()
    first, second, *_ = messages(narrow.sealed[0])

    def stalling() -> Iterator[wire.PutSketchRequest]:
        yield first
        yield second
        go_on.wait()

    with (
        narrow.channel(narrow.joined[0].enrolled.certificate, narrow.joined[0].keys) as one,
        narrow.channel(narrow.joined[1].enrolled.certificate, narrow.joined[1].keys) as other,
    ):
        stub = CrossUseServiceStub(other)
        call = CrossUseServiceStub(one).PutSketch.future(stalling(), timeout=TIMEOUT_S)
        while refused_or_none(stub, narrow.sealed[1]) is None:  # until the first call has the room
            if call.done():  # it had come when the other had it
                call = CrossUseServiceStub(one).PutSketch.future(stalling(), timeout=TIMEOUT_S)
        call.cancel()
        go_on.set()
        while (reason := refused_or_none(stub, narrow.sealed[1])) is not None:
            assert reason == "TOO_MANY_CALLS"
    after = contents(narrow.office.store)
    assert {row[1] for row in after["sketches"]} == {"bryggen"}
    assert len(after["sketch_chunks"]) == 3


def refused_or_none(stub: CrossUseServiceStub, one: Sealed) -> str | None:
    try:
        put(stub, messages(one))
    except grpc.RpcError as error:
        found = refusal_of(error)
        assert found is not None
        return found.reason
    return None


def test_the_server_makes_the_market_when_all_have_answered(
    world: World, aker: CrossUseServiceStub, bryggen: CrossUseServiceStub
) -> None:
    put(aker, messages(world.sealed[0]))
    put(bryggen, messages(world.sealed[1]))
    world.server.tick()
    assert rounds.get(world.office.store, "cross").market is None
    third = sketched(world.office, world.joined[2], now=BEGUN, epoch=str(WINDOW.last.year), window=WINDOW)
    with world.channel(world.joined[2].enrolled.certificate, world.joined[2].keys) as channel:
        put(CrossUseServiceStub(channel), messages(sealed(world.office, third, "cross")))
    world.server.tick()
    assert rounds.get(world.office.store, "cross").market is not None
    assert rounds.get(world.office.store, "cross").state is State.COLLECTING


def _own(stub: CrossUseServiceStub) -> str | None:
    """Why the caller's own sketch, which is not there yet, is not handed out."""
    try:
        list(stub.GetSketch(wire.GetSketchRequest(round="cross", member="aker"), timeout=TIMEOUT_S))
    except grpc.RpcError as error:
        found = refusal_of(error)
        return None if found is None else found.reason
    return None


def test_one_member_does_not_take_the_room_of_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_use, "EACH", 1)
    go_on = threading.Event()
    first, second, *_ = messages(world.sealed[0])

    def stalling() -> Iterator[wire.PutSketchRequest]:
        yield first
        yield second
        go_on.wait()

    with (
        world.channel(world.joined[0].enrolled.certificate, world.joined[0].keys) as one,
        world.channel(world.joined[1].enrolled.certificate, world.joined[1].keys) as other,
    ):
        stub = CrossUseServiceStub(one)
        call = stub.PutSketch.future(stalling(), timeout=TIMEOUT_S)
        while _own(stub) != "TOO_MANY_CALLS":  # until the first call has its room
            if call.done():  # it had come while the question had the room
                call = stub.PutSketch.future(stalling(), timeout=TIMEOUT_S)
        assert refused_or_none(CrossUseServiceStub(other), world.sealed[1]) is None
        call.cancel()
        go_on.set()
