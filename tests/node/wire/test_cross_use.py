"""The calls that carry sketches, against a server of the test's own: how much is taken in, and who comes back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from node.membership.errors import NoConnection, RefusedByCoordinator
from node.wire import patience
from node.wire.cross_use import CrossUseCalls
from protos.kudos.v1 import cross_use_pb2 as messages
from protos.kudos.v1.cross_use_pb2_grpc import CrossUseServiceServicer, add_CrossUseServiceServicer_to_server
from protos.refusals import Refusal, status_of


class Server(CrossUseServiceServicer):
    """Hands out chunks without end, and turns callers away for as long as it is told to."""

    def __init__(self) -> None:
        self.busy = 0
        self.code = grpc.StatusCode.RESOURCE_EXHAUSTED
        self.calls = 0
        self.put: list[bytes] = []

    def _turn_away(self, context: Any) -> None:
        self.calls += 1
        if self.calls <= self.busy:
            context.abort_with_status(status_of(Refusal(self.code, "TOO_MANY_CALLS", "Later.")))

    def GetSketch(self, request: messages.GetSketchRequest, context: Any) -> Iterator[messages.GetSketchResponse]:
        self._turn_away(context)
        if request.member == "nothing":
            return
        yield messages.GetSketchResponse(header=b"header")
        while request.member == "endless":
            yield messages.GetSketchResponse(chunk=bytes(1000))
        yield messages.GetSketchResponse(chunk=b"one")
        yield messages.GetSketchResponse(chunk=b"two")

    def PutSketch(
        self, request_iterator: Iterator[messages.PutSketchRequest], context: Any
    ) -> messages.PutSketchResponse:
        self._turn_away(context)
        self.put = [each.header or each.chunk for each in request_iterator]
        return messages.PutSketchResponse(header_digest="ab" * 32)

    def GetMarket(self, request: messages.GetMarketRequest, context: Any) -> messages.GetMarketResponse:
        return messages.GetMarketResponse(market=request.round.encode())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, CrossUseCalls]]:
    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.01)
    there = Server()
    running = grpc.server(ThreadPoolExecutor(4))
    add_CrossUseServiceServicer_to_server(there, running)
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield there, CrossUseCalls(channel, "the coordinator")
    running.stop(None).wait()


def test_a_sketch_comes_piece_by_piece_and_goes_in_one_header_and_its_chunks(
    server: tuple[Server, CrossUseCalls],
) -> None:
    there, calls = server
    header, chunks = calls.sketch("round", "beta", 100)
    assert (header, list(chunks)) == (b"header", [b"one", b"two"])
    assert calls.put_sketch("round", b"header", (b"one", b"two")) == "ab" * 32
    assert there.put == [b"header", b"one", b"two"]
    assert calls.market("round") == b"round"


def test_what_has_no_end_or_no_beginning_is_no_sketch(server: tuple[Server, CrossUseCalls]) -> None:
    _, calls = server
    header, chunks = calls.sketch("round", "endless", 10_000)
    assert header == b"header"
    with pytest.raises(NoConnection, match="without end"):
        list(chunks)
    with pytest.raises(NoConnection, match="nothing"):
        calls.sketch("round", "nothing", 100)
    _, half = calls.sketch("round", "endless", 10_000)
    assert len(next(half)) == 1000  # who stops reading ends the call


def test_who_is_turned_away_for_want_of_room_comes_back_and_for_all_else_does_not(
    server: tuple[Server, CrossUseCalls],
) -> None:
    there, calls = server
    there.busy = patience.TRIES - 1
    assert calls.sketch("round", "beta", 100)[0] == b"header"
    assert there.calls == patience.TRIES
    there.calls = 0
    assert calls.put_sketch("round", b"header", ()) == "ab" * 32
    there.calls, there.busy = 0, patience.TRIES
    with pytest.raises(RefusedByCoordinator):
        calls.sketch("round", "beta", 100)
    there.calls, there.code = 0, grpc.StatusCode.NOT_FOUND
    with pytest.raises(RefusedByCoordinator):
        calls.sketch("round", "beta", 100)
    assert there.calls == 1
