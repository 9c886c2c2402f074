"""Cross-use's calls, on the federation port: sealed sketches in and out, piece by piece, and the rounds' markets."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import grpc

from coordinator.cross_use import handing, markets
from coordinator.cross_use.sketches import Incoming, SketchReceipt, incoming
from coordinator.errors import BadSketch, TooManyTransfers
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.service.answering import answered, calling, streamed
from coordinator.store.events import seconds
from protos.kudos.v1 import cross_use_pb2 as messages
from protos.kudos.v1.cross_use_pb2_grpc import CrossUseServiceServicer

_Context = grpc.ServicerContext

AT_ONCE = 24
"""Sketches under way at once, in and out, of all members: each keeps a thread, and other calls need some too."""

EACH = 2
"""And of one member, whatever certificates it has had: nobody takes the room of all others. A node needs one."""

SLOWEST_S = 600.0
"""Seconds that one sketch may take, in or out: the largest there is has 32 MiB."""


class CrossUse(CrossUseServiceServicer):
    """Sealed sketches, which nobody here can open."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()

    @answered
    def PutSketch(  # noqa: N802
        self, request_iterator: Iterator[messages.PutSketchRequest], context: _Context
    ) -> messages.PutSketchResponse:
        """As the .proto says."""
        caller = calling(self._office, context)
        self._make_room(context, caller)
        first = next(request_iterator, messages.PutSketchRequest())
        with incoming(self._office, caller, first.round, first.header, _now()) as entered:
            receipt = entered if isinstance(entered, SketchReceipt) else _taken(entered, first, request_iterator)
        return messages.PutSketchResponse(header_digest=receipt.header_digest, received_s=seconds(receipt.received))

    @answered
    def GetMarket(  # noqa: N802
        self, request: messages.GetMarketRequest, context: _Context
    ) -> messages.GetMarketResponse:
        """As the .proto says."""
        found = markets.handed_out(self._office.store, calling(self._office, context), request.round)
        return messages.GetMarketResponse(market=found)

    @streamed
    def GetSketch(  # noqa: N802
        self, request: messages.GetSketchRequest, context: _Context
    ) -> Iterator[messages.GetSketchResponse]:
        """As the .proto says."""
        caller = calling(self._office, context)
        self._make_room(context, caller)
        parts = handing.sketch(self._office.store, caller, request.round, request.member, _now())
        yield messages.GetSketchResponse(header=next(parts))
        for chunk in parts:
            yield messages.GetSketchResponse(chunk=chunk)

    def _make_room(self, context: _Context, caller: Caller) -> None:
        """Room for one more sketch of a caller, in or out, until the call ends. Raises TooManyTransfers."""
        with self._lock:
            if self._under_way.total() >= AT_ONCE or self._under_way[caller.id] >= EACH:
                raise TooManyTransfers("The coordinator has its hands full of sketches. Try this one again later.")
            self._under_way[caller.id] += 1
        timer = threading.Timer(SLOWEST_S, context.cancel)
        timer.daemon = True

        def ended() -> None:
            timer.cancel()
            with self._lock:
                self._under_way[caller.id] -= 1
                self._under_way += Counter()  # who has none is forgotten

        timer.start()
        if not context.add_callback(ended):  # the caller has gone already
            ended()


def _taken(
    entered: Incoming, first: messages.PutSketchRequest, rest: Iterator[messages.PutSketchRequest]
) -> SketchReceipt:
    """Takes a sketch's chunks, each in a message of its own, until there are no more or one too many."""
    if first.chunk:
        raise _malformed()
    for message in rest:
        if message.round or message.header:
            raise _malformed()
        entered.feed(message.chunk)
    return entered.finish(_now())


def _malformed() -> BadSketch:
    return BadSketch("A sketch is sent as its round and header in one message, and then a chunk in each further one.")


def _now() -> datetime:
    return datetime.now(UTC)
