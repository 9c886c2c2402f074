"""A network without sockets: gRPC's channel on the one side, the coordinator's real services on the other, and between
them bytes, which may be lost, stalled, doubled, held back or cut off.

TLS is here what it comes down to: each side's certificate is of the network's authority, and of the hour on the other
side's clock. All that follows, who a certificate is and what its holder may, the services do themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count
from typing import Any, Protocol
from unittest.mock import patch

import grpc
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from coordinator.office import Office
from coordinator.service.cross_use import CrossUse
from coordinator.service.enrolment import Enrolment
from coordinator.service.federation import Federation
from coordinator.service.ledger import Ledger
from coordinator.service.patience import Patience
from coordinator.service.rates import Meter
from coordinator.service.sharing import Sharing
from protos.kudos.v1.cross_use_pb2_grpc import add_CrossUseServiceServicer_to_server
from protos.kudos.v1.enrolment_pb2_grpc import add_EnrolmentServiceServicer_to_server
from protos.kudos.v1.federation_pb2_grpc import add_FederationServiceServicer_to_server
from protos.kudos.v1.ledger_pb2_grpc import add_LedgerServiceServicer_to_server
from protos.kudos.v1.sharing_pb2_grpc import add_SharingServiceServicer_to_server

POLL_S = 300


class Weather(StrEnum):
    """What happens to a call on its way."""

    FAIR = "fair"
    LOST = "request lost"
    UNANSWERED = "answer lost"
    STALLED = "stalled before it came"
    STALLED_AFTER = "stalled after it was done"
    TWICE = "delivered twice"
    HELD = "held back, and delivered later"
    CUT = "stream cut off"


class Failed(grpc.RpcError):
    """A call that ended with something else than an answer, as gRPC's own errors show it."""

    def __init__(self, code: grpc.StatusCode, details: str = "", trailing: Any = ()) -> None:
        super().__init__(f"{code.name} {details}")
        self._code, self._details, self._trailing = code, details, trailing

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Any:
        return self._trailing


class _Ended(Exception):
    """Raised where a handler ends its call."""


class Context:
    """A call as a handler sees it."""

    def __init__(self, certificate: bytes | None, peer: str = "ipv4:192.0.2.1:4000") -> None:
        self._certificate, self._peer = certificate, peer
        self._callbacks: list[Callable[[], None]] = []
        self.failed: Failed | None = None

    def auth_context(self) -> dict[str, list[bytes]]:
        return {} if self._certificate is None else {"x509_pem_cert": [self._certificate]}

    def peer(self) -> str:
        return self._peer

    def abort_with_status(self, status: Any) -> None:
        self.failed = Failed(status.code, status.details, status.trailing_metadata)
        raise _Ended

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        self.failed = Failed(code, details)
        raise _Ended

    def cancel(self) -> bool:
        self.failed = self.failed or Failed(grpc.StatusCode.CANCELLED)
        return True

    def add_callback(self, callback: Callable[[], None]) -> bool:
        self._callbacks.append(callback)
        return True

    def end(self) -> None:
        """What gRPC does once a call is over."""
        for callback in self._callbacks:
            callback()

    def is_active(self) -> bool:
        return True

    def time_remaining(self) -> None:
        return None

    def _nothing(self, *_: Any) -> Any:
        return ()

    invocation_metadata = peer_identities = peer_identity_key = trailing_metadata = _nothing
    send_initial_metadata = set_trailing_metadata = set_code = set_details = code = details = _nothing


class Service:
    """The coordinator's services behind their real front (`Patience`), called with bytes."""

    def __init__(self, office: Office, patience: Patience | None = None) -> None:
        self.office = office
        self._handlers: dict[str, Any] = {}
        self._calls = count()  # a second for each: how fast the simulation runs is nobody's flood
        self._patience = patience or Patience(meter=Meter(lambda: float(next(self._calls))))
        server: Any = self
        add_FederationServiceServicer_to_server(Federation(office, POLL_S), server)
        add_LedgerServiceServicer_to_server(Ledger(office), server)
        add_CrossUseServiceServicer_to_server(CrossUse(office), server)
        add_SharingServiceServicer_to_server(Sharing(office), server)
        add_EnrolmentServiceServicer_to_server(Enrolment(office), server)

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """As a server of gRPC has it; the same come again below."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """As a server of gRPC has it."""
        self._handlers |= {f"/{service}/{name}": handler for name, handler in handlers.items()}

    @property
    def methods(self) -> tuple[str, ...]:
        """Every call there is, such as /kudos.v1.FederationService/Hello."""
        return tuple(sorted(self._handlers))

    def handle(self, method: str, requests: Iterable[bytes], certificate: bytes | None) -> Iterator[bytes]:
        """The answers to a call, one by one. Raises Failed."""
        found: Any = self._patience.intercept_service(lambda _details: self._handlers[method], None)  # type: ignore[arg-type]
        context = Context(certificate)
        read = (found.request_deserializer(each) for each in requests)
        try:
            if found.response_streaming:
                for answer in found.stream_stream(read, context):
                    yield found.response_serializer(answer)
            else:
                yield found.response_serializer(found.stream_unary(read, context))
        except _Ended:
            assert context.failed is not None
            raise context.failed from None
        finally:
            context.end()


@dataclass(frozen=True)
class Credentials:
    """What a channel was given."""

    authority: bytes
    certificate: bytes | None


class Line(Protocol):
    """What carries the calls of a channel."""

    def carry(self, credentials: Credentials, method: str, requests: list[bytes]) -> Iterator[bytes]:
        """The answers to a call. Raises Failed."""


class _Channel:
    """gRPC's channel, as the stubs use it."""

    def __init__(self, line: Line, credentials: Credentials) -> None:
        self._line, self._credentials = line, credentials

    def __enter__(self) -> "_Channel":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def unary_unary(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Callable[..., Any]:
        def call(request: Any, timeout: float | None = None) -> Any:
            return response_deserializer(next(self._carry(method, [request_serializer(request)])))

        return call

    def stream_unary(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Callable[..., Any]:
        def call(requests: Iterable[Any], timeout: float | None = None) -> Any:
            return response_deserializer(next(self._carry(method, [request_serializer(each) for each in requests])))

        return call

    def unary_stream(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Callable[..., Any]:
        def call(request: Any, timeout: float | None = None) -> Any:
            return map(response_deserializer, self._carry(method, [request_serializer(request)]))

        return call

    def _carry(self, method: str, requests: list[bytes]) -> Iterator[bytes]:
        return self._line.carry(self._credentials, method, requests)


@contextmanager
def dialling(line: Line) -> Iterator[None]:
    """While this lasts, whoever opens a channel gets one over that line."""

    def credentials(authority: bytes, _key: bytes | None = None, certificate: bytes | None = None) -> Credentials:
        return Credentials(authority, certificate)

    def channel(_address: str, shown: Credentials, **_options: Any) -> _Channel:
        return _Channel(line, shown)

    with patch.object(grpc, "ssl_channel_credentials", credentials), patch.object(grpc, "secure_channel", channel):
        yield


def vouched_for(certificate: bytes, authority: bytes, now: datetime) -> bool:
    """Whether an authority (both PEM) has issued a certificate, and it is its time."""
    begin, end = _issued(certificate, authority) or (now, now - timedelta(1))
    return begin <= now <= end


@lru_cache(maxsize=256)
def _issued(certificate: bytes, authority: bytes) -> tuple[datetime, datetime] | None:
    """From when to when a certificate is good; None where the authority has not issued it."""
    shown, by = x509.load_pem_x509_certificate(certificate), x509.load_pem_x509_certificate(authority)
    try:
        shown.verify_directly_issued_by(by)
    except (InvalidSignature, ValueError, TypeError):
        return None
    return max(shown.not_valid_before_utc, by.not_valid_before_utc), min(
        shown.not_valid_after_utc, by.not_valid_after_utc
    )
