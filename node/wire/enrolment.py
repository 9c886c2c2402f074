"""The enrolment port: where an invitation is exchanged for a certificate."""

from node.membership.errors import NoConnection
from node.wire.connection import DEADLINE_S, call, open_channel
from node.wire.plain import is_line
from protos.kudos.v1.enrolment_pb2 import EnrolRequest, EnrolResponse
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceStub


def enrol(address: str, authority: bytes, request: EnrolRequest, *, institution: bool = True) -> EnrolResponse:
    """Sends the request to a server that `authority` (PEM) vouches for. Raises RefusedByCoordinator, NoConnection.

    The words of the answer are lines of text, for they are shown to people; what else they are is for the caller.
    """
    with open_channel(address, authority) as channel:
        stub = EnrolmentServiceStub(channel)
        try:
            answer = call(address, lambda: stub.Enrol(request, timeout=DEADLINE_S))
        except NoConnection as error:
            raise NoConnection(
                f"{address} cannot be reached, or is not the coordinator that the invitation is from. Nothing was "
                "lost: ask your IT department whether this machine may dial out there, then give the command again."
            ) from error
    words = (answer.name, answer.industry, answer.county) if institution else (answer.name,)
    if not all(is_line(word) for word in words):
        raise NoConnection(f"{address} answers with a name that is none. Tell its operator; nothing was lost.")
    return answer
