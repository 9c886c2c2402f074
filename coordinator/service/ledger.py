"""The ledgers' calls, on the federation port: the witness's, and what members and auditors get of what it has."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import grpc

from coordinator.authority.peer import Role
from coordinator.ledgers import replica
from coordinator.ledgers.witness import witness
from coordinator.office import Office
from coordinator.publish import export
from coordinator.service.answering import answered, calling, streamed
from coordinator.service.one_each import OneEach
from protos.channels import PIECE
from protos.kudos.v1 import ledger_pb2 as messages
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceServicer

_Context = grpc.ServicerContext

_MESSAGE = 1 << 19
"""Bytes of leaves or notes in one message, but for a single leaf that is larger (at most 1 MiB)."""


class Ledger(LedgerServiceServicer):
    """What a member's ledger has at its witness."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._witnessing = OneEach()

    @answered
    def GetLedgerHead(  # noqa: N802
        self, _request: messages.GetLedgerHeadRequest, context: _Context
    ) -> messages.GetLedgerHeadResponse:
        """As the .proto says."""
        caller = calling(self._office, context)
        caller.require(Role.MEMBER)
        head = replica.newest(self._office.store, caller.id)
        return messages.GetLedgerHeadResponse(note=b"" if head is None else head.note)

    @answered
    def WitnessLedger(  # noqa: N802
        self, request: messages.WitnessLedgerRequest, context: _Context
    ) -> messages.WitnessLedgerResponse:
        """As the .proto says."""
        caller = calling(self._office, context)
        caller.require(Role.MEMBER)
        now = datetime.now(UTC)
        with self._witnessing.of(caller.id):
            note = witness(
                self._office, caller, request.note, request.old_size, request.consistency, request.leaves, now
            )
        return messages.WitnessLedgerResponse(note=note)

    @streamed
    def GetOwnLedger(  # noqa: N802
        self, _request: messages.GetOwnLedgerRequest, context: _Context
    ) -> Iterator[messages.GetOwnLedgerResponse]:
        """As the .proto says."""
        caller, store = calling(self._office, context), self._office.store
        caller.require(Role.MEMBER)
        head = replica.newest(store, caller.id)
        if head is None:
            return
        for leaves in _batches(replica.leaves(store, caller.id, head.size)):
            yield messages.GetOwnLedgerResponse(leaves=leaves)
        for notes in _batches(note for _, note in replica.notes(store, caller.id, head.size)):
            yield messages.GetOwnLedgerResponse(notes=notes)

    @answered
    def GetOwnRelease(  # noqa: N802
        self, request: messages.GetOwnReleaseRequest, context: _Context
    ) -> messages.GetOwnReleaseResponse:
        """As the .proto says."""
        caller = calling(self._office, context)
        caller.require(Role.MEMBER)
        found = replica.release(self._office.store, caller.id, request.release_digest)
        return messages.GetOwnReleaseResponse(envelope=found)

    @streamed
    def Export(  # noqa: N802
        self, request: messages.ExportRequest, context: _Context
    ) -> Iterator[messages.ExportResponse]:
        """As the .proto says."""
        caller = calling(self._office, context)
        caller.require(Role.AUDITOR, *(() if request.restricted else (Role.OPERATOR,)))
        for path, content in export.files(self._office, datetime.now(UTC), restricted=request.restricted):
            for begin in range(0, max(len(content), 1), PIECE):
                yield messages.ExportResponse(path=path, content=content[begin : begin + PIECE])


def _batches(parts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The parts in order, as many at a time as one message takes."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        if held and size + len(part) > _MESSAGE:
            yield held
            held, size = [], 0
        held.append(part)
        size += len(part)
    if held:
        yield held
