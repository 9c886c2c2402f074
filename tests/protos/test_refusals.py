"""Refusals over a real connection: a reason and a sentence, and nothing for a terminal to obey."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # after `protos`, which sets what gRPC reads when it is imported
import pytest

import protos
from protos.refusals import Refusal, refusal_of, status_of

SAYS = {
    b"plain": Refusal(grpc.StatusCode.FAILED_PRECONDITION, "ROUND_CLOSED", "Round x is closed. Wait for the next."),
    b"rude": Refusal(grpc.StatusCode.NOT_FOUND, "R\x1b[2J", "clear\x1b[2J\nthe screen" + "!" * 5_000),
}


@pytest.fixture(scope="module")
def channel() -> Iterator[grpc.Channel]:
    """A server that refuses as it is asked to, and one that fails on its own."""

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        if request in SAYS:
            context.abort_with_status(status_of(SAYS[request]))
        if request == b"bare":
            context.abort(grpc.StatusCode.UNAVAILABLE, "a proxy's words")
        raise RuntimeError("secret of the server")

    handlers = grpc.method_handlers_generic_handler("t.T", {"X": grpc.unary_unary_rpc_method_handler(answer)})
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    server.stop(0).wait()


def refused(channel: grpc.Channel, request: bytes) -> tuple[grpc.RpcError, Refusal | None]:
    call: Any = channel.unary_unary("/t.T/X")
    with pytest.raises(grpc.RpcError) as error:
        call(request, timeout=10)
    return error.value, refusal_of(error.value)


def test_a_refusal_arrives_as_it_was_made(channel: grpc.Channel) -> None:
    assert refused(channel, b"plain")[1] == SAYS[b"plain"]


def test_what_a_peer_says_steers_no_terminal_and_has_an_end(channel: grpc.Channel) -> None:
    refusal = refused(channel, b"rude")[1]
    assert refusal is not None
    assert refusal.reason.isprintable()
    assert refusal.sentence.isprintable()
    assert len(refusal.sentence) <= 2_000


@pytest.mark.parametrize("request_", [b"bare", b"crash"])
def test_other_failures_are_no_refusals(channel: grpc.Channel, request_: bytes) -> None:
    assert refused(channel, request_)[1] is None


def test_an_error_that_is_no_call_is_no_refusal() -> None:
    assert refusal_of(grpc.RpcError()) is None


def test_only_tls_1_3_is_left() -> None:
    assert protos.__doc__
    import os

    assert os.environ["GRPC_SSL_CIPHER_SUITES"] == "ECDHE-RSA-AES128-GCM-SHA256"
