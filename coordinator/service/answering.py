"""How a call is answered: by a message, or by a typed refusal. No traceback and nobody else's data cross the wire."""

import functools
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import grpc
import structlog

from coordinator.authority.peer import peer
from coordinator.errors import CoordinatorError, Unauthenticated
from coordinator.members.callers import Caller, identify
from coordinator.office import Office
from coordinator.service.metrics import timed
from privacy.errors import KudosError
from protos.refusals import Refusal, status_of

Message = TypeVar("Message")
Handler = Callable[[Any, Any, grpc.ServicerContext], Message]

_log = structlog.get_logger("kudos.coordinator")


def answered(handler: Handler[Message]) -> Handler[Message]:
    """A handler of one answer, whose errors become refusals."""

    @functools.wraps(handler)
    def answer(self: Any, request: Any, context: grpc.ServicerContext) -> Message:
        with timed(handler.__name__) as refused:
            try:
                return handler(self, request, context)
            except Exception as error:  # noqa: BLE001  every error is told in the one form
                refused(reason_of(error))
                refuse(context, error, handler.__name__)

    return answer


def streamed(handler: Handler[Iterator[Message]]) -> Handler[Iterator[Message]]:
    """A handler of a stream, whose errors become refusals."""

    @functools.wraps(handler)
    def answer(self: Any, request: Any, context: grpc.ServicerContext) -> Iterator[Message]:
        with timed(handler.__name__) as refused:
            try:
                yield from handler(self, request, context)
            except Exception as error:  # noqa: BLE001  every error is told in the one form
                refused(reason_of(error))
                refuse(context, error, handler.__name__)

    return answer


def calling(office: Office, context: grpc.ServicerContext) -> Caller:
    """Who calls, held against the store at this moment: a certificate that was revoked since ends here."""
    shown = context.auth_context().get("x509_pem_cert", ())
    if len(shown) != 1:
        raise Unauthenticated("Show the certificate that joining gave you: this port takes nobody without one.")
    return identify(office.store, peer(bytes(shown[0]), office.trust_domain), datetime.now(UTC))


def reason_of(error: Exception) -> str:
    """The stable code that an error is refused with."""
    return error.reason if isinstance(error, KudosError) else "DEFECT"


def place_of(error: Exception) -> str:
    """Where something failed that nobody foresaw, and as what; never its text, which may quote data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def refuse(context: grpc.ServicerContext, error: Exception, method: str) -> NoReturn:
    """Ends a call with what an error says to its caller."""
    if isinstance(error, KudosError):
        name = error.code if isinstance(error, CoordinatorError) else "FAILED_PRECONDITION"
        refusal = Refusal(grpc.StatusCode[name], error.reason, str(error))
        _log.info("refused", method=method, reason=error.reason)
    else:
        refusal = Refusal(
            grpc.StatusCode.INTERNAL,
            "DEFECT",
            "The coordinator has a defect and did nothing. Tell its operator when this was; it is in the log.",
        )
        _log.error("defect", method=method, place=place_of(error))
    context.abort_with_status(status_of(refusal))
