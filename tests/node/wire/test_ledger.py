"""The call that has a ledger cosigned, against a server of the test's own: when it is made again, and when not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from node.membership.errors import RefusedByCoordinator
from node.wire import patience
from node.wire.ledger import WitnessCalls
from protos.kudos.v1 import ledger_pb2 as messages
from protos.refusals import Refusal, status_of


class Server:
    """Refuses so many calls before it answers."""

    def __init__(self) -> None:
        self.refused, self.reason, self.calls = 0, "TOO_MANY_CALLS", 0

    def witness_ledger(self, request: messages.WitnessLedgerRequest, context: Any) -> messages.WitnessLedgerResponse:
        self.calls += 1
        if self.calls <= self.refused:
            context.abort_with_status(status_of(Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, self.reason, "Later.")))
        return messages.WitnessLedgerResponse(note=request.note)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, WitnessCalls]]:
    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.01)
    there = Server()
    running = grpc.server(ThreadPoolExecutor(2))
    call = grpc.unary_unary_rpc_method_handler(
        there.witness_ledger,
        request_deserializer=messages.WitnessLedgerRequest.FromString,
        response_serializer=messages.WitnessLedgerResponse.SerializeToString,
    )
    handlers = grpc.method_handlers_generic_handler("kudos.v1.LedgerService", {"WitnessLedger": call})
    running.add_generic_rpc_handlers((handlers,))
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield there, WitnessCalls(channel, "the coordinator")
    running.stop(None).wait()


def test_while_the_witness_is_busy_with_another_request_this_one_waits_its_turn(
    server: tuple[Server, WitnessCalls],
) -> None:
    there, calls = server
    there.refused = patience.TRIES - 1
    assert calls.witness(b"note", 0, (), ()) == b"note"
    assert there.calls == patience.TRIES


def test_not_without_end(server: tuple[Server, WitnessCalls]) -> None:
    there, calls = server
    there.refused = patience.TRIES
    with pytest.raises(RefusedByCoordinator, match="Later"):
        calls.witness(b"note", 0, (), ())
    assert there.calls == patience.TRIES


@pytest.mark.parametrize("reason", ["TOO_LARGE", "LEDGER_FULL"])
def test_what_will_never_be_taken_is_asked_once(server: tuple[Server, WitnessCalls], reason: str) -> None:
    there, calls = server
    there.refused, there.reason = 1, reason
    with pytest.raises(RefusedByCoordinator):
        calls.witness(b"note", 0, (), ())
    assert there.calls == 1
