"""The ledger's calls on the federation port: the coordinator as this node's witness."""

from collections.abc import Sequence

import grpc

from node.membership.errors import NoConnection
from node.wire.connection import DEADLINE_S, call
from node.wire.patience import patiently
from protos.kudos.v1 import ledger_pb2 as messages
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceStub

LARGEST_REPLICA = 256 * 1024 * 1024
"""Bytes of a ledger; a coordinator that sends more is not listened to."""


class WitnessCalls:
    """The calls of LedgerService. Every one raises RefusedByCoordinator or NoConnection."""

    def __init__(self, channel: grpc.Channel, address: str) -> None:
        self._stub = LedgerServiceStub(channel)
        self._address = address

    def head(self) -> bytes:
        """The newest checkpoint that is cosigned of this node's ledger; empty where there is none."""
        request = messages.GetLedgerHeadRequest()
        return call(self._address, lambda: self._stub.GetLedgerHead(request, timeout=DEADLINE_S)).note

    def witness(self, note: bytes, old_size: int, consistency: Sequence[bytes], leaves: Sequence[bytes]) -> bytes:
        """Hands over new leaves under a signed checkpoint; the note as cosigned.

        The witness looks at one request of a member at a time: while there is another one, this one waits its turn.
        """
        request = messages.WitnessLedgerRequest(note=note, old_size=old_size, consistency=consistency, leaves=leaves)

        def ask() -> bytes:
            return call(self._address, lambda: self._stub.WitnessLedger(request, timeout=DEADLINE_S)).note

        return patiently(ask)

    def own_ledger(self) -> tuple[list[bytes], list[bytes]]:
        """The node's own ledger as the witness has it: leaves and cosigned notes."""
        return call(self._address, self._own_ledger)

    def own_release(self, release_digest: str) -> bytes | None:
        """The bytes of a release that this node once sent; None where the coordinator does not have them."""
        request = messages.GetOwnReleaseRequest(release_digest=release_digest)
        answer = call(self._address, lambda: self._stub.GetOwnRelease(request, timeout=DEADLINE_S))
        return answer.envelope or None

    def _own_ledger(self) -> tuple[list[bytes], list[bytes]]:
        leaves: list[bytes] = []
        notes: list[bytes] = []
        size = 0
        for answer in self._stub.GetOwnLedger(messages.GetOwnLedgerRequest(), timeout=10 * DEADLINE_S):
            size += answer.ByteSize()
            if size > LARGEST_REPLICA:
                raise NoConnection(f"{self._address} sends a ledger without end. Tell its operator.")
            leaves.extend(answer.leaves)
            notes.extend(answer.notes)
        return leaves, notes
