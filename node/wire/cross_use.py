"""The calls of cross-use on the federation port: sealed sketches in and out, and the market."""

from collections.abc import Iterator, Sequence

import grpc

from node.membership.errors import NoConnection
from node.wire.connection import DEADLINE_S, call, translated
from node.wire.patience import patiently
from protos.kudos.v1 import cross_use_pb2 as messages
from protos.kudos.v1.cross_use_pb2_grpc import CrossUseServiceStub

TRANSFER_S = 10 * DEADLINE_S
"""Seconds that one sketch may take on its way."""


class CrossUseCalls:
    """The calls of CrossUseService. Every one raises RefusedByCoordinator or NoConnection."""

    def __init__(self, channel: grpc.Channel, address: str) -> None:
        self._stub = CrossUseServiceStub(channel)
        self._address = address

    def put_sketch(self, round_name: str, header: bytes, chunks: Sequence[bytes]) -> str:
        """Hands over this node's sealed sketch for a round; the SHA-256 of its header as stored, in hexadecimal."""

        def requests() -> Iterator[messages.PutSketchRequest]:
            yield messages.PutSketchRequest(round=round_name, header=header)
            for chunk in chunks:
                yield messages.PutSketchRequest(chunk=chunk)

        def put() -> str:
            return call(self._address, lambda: self._stub.PutSketch(requests(), timeout=TRANSFER_S)).header_digest

        return patiently(put)

    def market(self, round_name: str) -> bytes:
        """The signed market of a round."""
        request = messages.GetMarketRequest(round=round_name)
        return call(self._address, lambda: self._stub.GetMarket(request, timeout=DEADLINE_S)).market

    def sketch(self, round_name: str, member: str, largest: int) -> tuple[bytes, Iterator[bytes]]:
        """A member's sealed sketch for a round: the header, and its chunks as they come.

        Both together have `largest` bytes at most. What goes wrong on the way is raised while the chunks are read.
        """

        def get() -> tuple[bytes, Iterator[bytes]]:
            answers = self._answers(messages.GetSketchRequest(round=round_name, member=member), largest)
            first = next(answers, None)
            if first is None:
                raise NoConnection(f"{self._address} sends nothing where a sketch should come. Tell its operator.")
            return first.header, (answer.chunk for answer in answers)

        return patiently(get)

    def _answers(self, request: messages.GetSketchRequest, largest: int) -> Iterator[messages.GetSketchResponse]:
        """The answers, with errors as ours, up to so many bytes; who stops reading ends the call."""
        answers = self._stub.GetSketch(request, timeout=TRANSFER_S)
        size = 0
        try:
            for answer in answers:
                size += len(answer.header) + len(answer.chunk)
                if size > largest:
                    raise NoConnection(f"{self._address} sends a sketch without end. Tell its operator.")
                yield answer
        except grpc.RpcError as error:
            raise translated(error, self._address) from error
        finally:
            answers.cancel()
