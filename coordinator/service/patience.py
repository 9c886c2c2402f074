"""How long a call may keep a thread waiting for what it asks.

gRPC for Python reads a request in the thread that answers it: a caller that opens a call and sends nothing would keep
that thread for as long as it likes, without ever being asked who it is. So every call gets its request as a stream, and
is cancelled where the one message, or of a stream the next one, has not come in time; and no caller has more than a few
calls at once, and none calls more often than it needs.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from coordinator.errors import BadRequest, CallEnded
from coordinator.service.rates import Meter, Rate
from protos.refusals import Refusal, status_of

PATIENCE_S = 10.0
"""Seconds between a call's beginning and its request, and between two messages of a stream."""

AT_ONCE = 8
"""Calls under way with one certificate; a node makes one after the other."""

STRANGERS_AT_ONCE = 16
"""Calls under way from one address without a certificate; many institutions may share one."""

OFTEN, STRANGERS_OFTEN = Rate(burst=1000, each_s=50), Rate(burst=200, each_s=10)
"""How often one certificate, or one address without any, may call. A node makes a dozen calls every few minutes."""

TOO_MANY_CALLS = Refusal(
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    "TOO_MANY_CALLS",
    "Too many calls of yours are under way at once. Make one after the other, and try this one again later.",
)
TOO_OFTEN = Refusal(
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    "TOO_MANY_CALLS",
    "You call too often. Wait some seconds between two calls, and try this one again later.",
)
BAD_REQUEST = Refusal(
    grpc.StatusCode.INVALID_ARGUMENT,
    "BAD_REQUEST",
    "This is no request that the coordinator can read. Compare the versions of Kudos on both sides.",
)
_UNREADABLE, _NO_MORE = object(), object()


class Patience(grpc.ServerInterceptor):
    """Cancels calls that send no request, and refuses one caller too many calls, under way or one after the other."""

    def __init__(self, patience_s: float = PATIENCE_S, meter: Meter | None = None) -> None:
        self._patience_s = patience_s
        self._meter = meter or Meter()
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """The handler of a call, with its request as a stream of one."""
        handler: Any = continuation(handler_call_details)
        if handler is None or (handler.request_streaming and handler.response_streaming):  # there is none of the latter
            return handler
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(
                self._collecting(handler.stream_unary),
                _readable(handler.request_deserializer),
                handler.response_serializer,
            )
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                self._streaming(handler.unary_stream),
                _readable(handler.request_deserializer),
                handler.response_serializer,
            )
        return grpc.stream_unary_rpc_method_handler(
            self._answering(handler.unary_unary), _readable(handler.request_deserializer), handler.response_serializer
        )

    def _answering(self, behaviour: Callable[[Any, grpc.ServicerContext], Any]) -> Callable[..., Any]:
        def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
            return behaviour(self._first(requests, context), context)

        return answer

    def _streaming(self, behaviour: Callable[[Any, grpc.ServicerContext], Iterator[Any]]) -> Callable[..., Any]:
        def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
            yield from behaviour(self._first(requests, context), context)

        return answer

    def _collecting(self, behaviour: Callable[[Iterator[Any], grpc.ServicerContext], Any]) -> Callable[..., Any]:
        def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
            self._count(context)
            return behaviour(self._each(requests, context), context)

        return answer

    def _each(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """The requests of a stream, as they come. The call is over where the next one does not come in time.

        Raises CallEnded then, and where the caller has gone; BadRequest for one that cannot be read.
        """
        while (request := self._awaited(requests, context, _NO_MORE)) is not _NO_MORE:
            if request is _UNREADABLE:
                raise BadRequest(BAD_REQUEST.sentence)
            yield request

    def _first(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        """The request. The call is over where it does not come in time, or its caller has too many."""
        self._count(context)
        request = self._awaited(requests, context, _UNREADABLE)
        if request is _UNREADABLE:
            context.abort_with_status(status_of(BAD_REQUEST))
        return request

    def _count(self, context: grpc.ServicerContext) -> None:
        caller, most, rate = _caller(context)
        with self._lock:
            self._under_way[caller] += 1
            too_many = self._under_way[caller] > most
        if not context.add_callback(lambda: self._ended(caller)):  # it has ended already: nobody will call back
            self._ended(caller)
            raise CallEnded("The call ended before it was taken up. Make it again.")
        if too_many:
            context.abort_with_status(status_of(TOO_MANY_CALLS))
        if not self._meter.take(caller, rate):
            context.abort_with_status(status_of(TOO_OFTEN))

    def _awaited(self, requests: Iterator[Any], context: grpc.ServicerContext, otherwise: object) -> Any:
        """The next request, or `otherwise` where there are no more. Raises CallEnded where it does not come in time."""
        timer = threading.Timer(self._patience_s, context.cancel)
        timer.start()
        try:
            return next(requests, otherwise)
        except grpc.RpcError as error:
            raise CallEnded("The call ended before all of it had come. Make it again.") from error
        finally:
            timer.cancel()

    def _ended(self, caller: str) -> None:
        with self._lock:
            self._under_way[caller] -= 1
            if self._under_way[caller] <= 0:
                del self._under_way[caller]


def _readable(read: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """A deserialiser that gives a mark of its own for bytes that are no request, where gRPC would only fail."""
    if read is None:
        return None

    def readable(content: bytes) -> Any:
        try:
            return read(content)
        except DecodeError:
            return _UNREADABLE

    return readable


def _caller(context: grpc.ServicerContext) -> tuple[str, int, Rate]:
    """Whom a call counts for, by certificate, else by address without its port; how many it may have, how often."""
    shown = context.auth_context().get("x509_pem_cert", ())
    if shown:
        return hashlib.sha256(bytes(shown[0])).hexdigest(), AT_ONCE, OFTEN
    peer: str = context.peer()
    return peer.rpartition(":")[0], STRANGERS_AT_ONCE, STRANGERS_OFTEN
