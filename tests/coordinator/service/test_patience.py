"""Callers that open calls and send nothing, or too many at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc
import pytest

import protos  # noqa: F401  sets what gRPC reads when it is imported
from coordinator.service.answering import answered
from coordinator.service.patience import STRANGERS_AT_ONCE, Patience
from node.membership.errors import RefusedByCoordinator
from node.wire.connection import translated
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.refusals import refusal_of

PATIENCE_S = 0.5


@answered
def _read(_self: object, requests: Iterator[Envelope], _context: grpc.ServicerContext) -> bytes:
    return b"".join(request.payload for request in requests)


@pytest.fixture
def channel() -> Iterator[grpc.Channel]:
    """A server with two threads, each of which a silent caller could keep."""
    handlers = grpc.method_handlers_generic_handler(
        "x.Y",
        {
            "One": grpc.unary_unary_rpc_method_handler(lambda request, _context: request),
            "Many": grpc.unary_stream_rpc_method_handler(lambda request, _context: iter([request, request])),
            "All": grpc.stream_unary_rpc_method_handler(lambda requests, _context: b"".join(requests)),
            "Read": grpc.stream_unary_rpc_method_handler(partial(_read, None), Envelope.FromString),
        },
    )
    server = grpc.server(ThreadPoolExecutor(2), interceptors=[Patience(PATIENCE_S)])
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    server.stop(0).wait()


def silent(channel: grpc.Channel, release: threading.Event, method: str) -> Any:
    """A call whose request does not come before it is released."""

    def requests() -> Iterator[bytes]:
        release.wait()
        yield b""

    call: Any = channel.stream_stream(f"/x.Y/{method}")
    return call(requests(), timeout=60)


def code_of(call: Any) -> grpc.StatusCode:
    code: grpc.StatusCode = call.code()
    return code


def test_calls_that_were_given_up_before_their_turn_are_not_counted_for_ever() -> None:
    """They have ended when they are taken up, and nobody calls back then."""
    begun, working = threading.Event(), threading.Event()

    def slow_one(request: bytes, _context: grpc.ServicerContext) -> bytes:
        begun.set()
        working.wait(60)
        return request

    handlers = grpc.method_handlers_generic_handler(
        "x.Y",
        {
            "One": grpc.unary_unary_rpc_method_handler(lambda request, _context: request),
            "Slow": grpc.unary_unary_rpc_method_handler(slow_one),
        },
    )
    patience = Patience(PATIENCE_S)
    server = grpc.server(ThreadPoolExecutor(1), interceptors=[patience])
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        one: Any = channel.unary_unary("/x.Y/One")
        slow: Any = channel.unary_unary("/x.Y/Slow")
        busy = slow.future(b"a")
        assert begun.wait(60)
        given_up = [one.future(b"b", timeout=0.1) for _ in range(STRANGERS_AT_ONCE + 5)]
        assert {code_of(each) for each in given_up} == {grpc.StatusCode.DEADLINE_EXCEEDED}
        working.set()
        assert busy.result(60) == b"a"
        for _ in range(STRANGERS_AT_ONCE + 5):
            assert one(b"hei", timeout=60) == b"hei"
    server.stop(0).wait()
    assert not patience._under_way


def test_calls_are_answered_as_ever(channel: grpc.Channel) -> None:
    one: Any = channel.unary_unary("/x.Y/One")
    many: Any = channel.unary_stream("/x.Y/Many")
    assert one(b"hei", timeout=10) == b"hei"
    assert list(many(b"hei", timeout=10)) == [b"hei", b"hei"]


def test_a_stream_of_requests_is_answered_when_it_has_ended(channel: grpc.Channel) -> None:
    call: Any = channel.stream_unary("/x.Y/All")
    assert call(iter([b"he", b"i"]), timeout=10) == b"hei"
    assert call(iter([]), timeout=10) == b""


def test_who_stops_in_the_midst_of_a_stream_keeps_no_thread(channel: grpc.Channel) -> None:
    release = threading.Event()

    def requests() -> Iterator[bytes]:
        yield b"he"
        release.wait()

    call: Any = channel.stream_stream("/x.Y/All")
    stalled = [call(requests(), timeout=60) for _ in range(4)]
    one: Any = channel.unary_unary("/x.Y/One")
    assert one(b"hei", timeout=30) == b"hei"
    assert {code_of(each) for each in stalled} == {grpc.StatusCode.CANCELLED}
    release.set()


def test_what_is_no_request_ends_a_stream_with_that_word(channel: grpc.Channel) -> None:
    call: Any = channel.stream_unary("/x.Y/Read")
    good = Envelope(payload=b"hei").SerializeToString()
    assert call(iter([good]), timeout=10) == b"hei"
    with pytest.raises(grpc.RpcError) as refused:
        call(iter([good, b"\xff\xff"]), timeout=10)
    refusal = refusal_of(refused.value)
    assert refusal is not None
    assert refusal.reason == "BAD_REQUEST"


@pytest.mark.parametrize("method", ["One", "Many"])
def test_a_caller_that_says_nothing_keeps_no_thread(channel: grpc.Channel, method: str) -> None:
    release = threading.Event()
    stalled = [silent(channel, release, method) for _ in range(4)]
    one: Any = channel.unary_unary("/x.Y/One")
    assert one(b"hei", timeout=30) == b"hei"
    assert {code_of(call) for call in stalled} == {grpc.StatusCode.CANCELLED}
    release.set()


def test_a_call_without_a_request_is_told_so(channel: grpc.Channel) -> None:
    call: Any = channel.stream_stream("/x.Y/One")
    ended = call(iter(()), timeout=10)
    assert code_of(ended) is grpc.StatusCode.INVALID_ARGUMENT


def test_too_many_calls_of_one_address_are_refused_and_forgotten_when_they_end() -> None:
    begun, release = threading.Semaphore(0), threading.Event()

    def wait(request: bytes, _context: grpc.ServicerContext) -> bytes:
        begun.release()
        release.wait()
        return request

    handlers = grpc.method_handlers_generic_handler("x.Y", {"Wait": grpc.unary_unary_rpc_method_handler(wait)})
    server = grpc.server(ThreadPoolExecutor(STRANGERS_AT_ONCE + 4), interceptors=[Patience()])
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = channel.unary_unary("/x.Y/Wait")
        under_way = [call.future(b"hei", timeout=60) for _ in range(STRANGERS_AT_ONCE)]
        for _ in under_way:
            begun.acquire()
        try:
            with pytest.raises(grpc.RpcError) as refused:
                call(b"hei", timeout=30)
        finally:
            release.set()
        assert [each.result() for each in under_way] == [b"hei"] * STRANGERS_AT_ONCE
        assert call(b"hei", timeout=30) == b"hei"
    server.stop(0).wait()
    refusal = refusal_of(refused.value)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
    shown = translated(refused.value, "npu.example:443")  # as a node shows it
    assert isinstance(shown, RefusedByCoordinator)
    assert refusal.sentence in str(shown)
    assert "Make one after the other" in refusal.sentence
