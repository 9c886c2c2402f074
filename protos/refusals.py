"""A refusal on the wire: a status, a stable reason and a sentence; nothing else of an error ever crosses it.

The reason travels as google.rpc.ErrorInfo in the status's details (https://google.aip.dev/193).
"""

from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

DOMAIN = "kudos"
_LONGEST = 2_000


@dataclass(frozen=True)
class Refusal:
    """What a server says instead of an answer. `reason` is stable, in capitals; `sentence` is for people."""

    code: grpc.StatusCode
    reason: str
    sentence: str


def status_of(refusal: Refusal) -> grpc.Status:
    """The refusal as a server hands it to gRPC."""
    detail = Packed()
    detail.Pack(ErrorInfo(reason=refusal.reason, domain=DOMAIN))
    code: int = refusal.code.value[0]
    return rpc_status.to_status(Status(code=code, message=refusal.sentence[:_LONGEST], details=[detail]))


def refusal_of(error: grpc.RpcError) -> Refusal | None:
    """The refusal that a server of ours made; None where something else went wrong, such as the connection.

    What a peer sends is text for people: it is cut, and what no terminal should be sent is taken out.
    """
    call: Any = error  # gRPC raises calls as errors, and its types do not know
    try:
        status: Any = rpc_status.from_call(call) if hasattr(call, "code") else None
    except ValueError:
        return None
    info = ErrorInfo()
    for detail in status.details if status is not None else ():
        if detail.Is(ErrorInfo.DESCRIPTOR) and detail.Unpack(info) and info.domain == DOMAIN:
            return Refusal(call.code(), _plain(info.reason)[:64], _plain(status.message)[:_LONGEST])
    return None


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
