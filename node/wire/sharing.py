"""The calls of sharing on the federation port: texts about benchmarks, and self-assessments."""

from collections.abc import Sequence

import grpc

from node.membership.errors import NoConnection
from node.wire.connection import DEADLINE_S, call
from protos.kudos.v1 import sharing_pb2 as messages
from protos.kudos.v1.sharing_pb2_grpc import SharingServiceStub

LARGEST_LIST = 16 * 1024 * 1024
"""Bytes of a list of texts; a coordinator that sends more is not listened to."""


class SharingCalls:
    """The calls of SharingService. Every one raises RefusedByCoordinator or NoConnection."""

    def __init__(self, channel: grpc.Channel, address: str) -> None:
        self._stub = SharingServiceStub(channel)
        self._address = address

    def share_insight(self, envelope: bytes) -> str:
        """Hands a signed text over; how it is called there."""
        request = messages.ShareInsightRequest(envelope=envelope)
        return call(self._address, lambda: self._stub.ShareInsight(request, timeout=DEADLINE_S)).digest

    def withdraw_insight(self, digest: str) -> None:
        """Takes a text back."""
        request = messages.WithdrawInsightRequest(digest=digest)
        call(self._address, lambda: self._stub.WithdrawInsight(request, timeout=DEADLINE_S))

    def insights(self) -> Sequence[messages.ListInsightsResponse]:
        """The texts that are for this node, and its own, as the coordinator tells them."""
        return call(self._address, self._listed)

    def share_assessment(self, envelope: bytes) -> None:
        """Hands the signed self-assessment over."""
        request = messages.ShareAssessmentRequest(envelope=envelope)
        call(self._address, lambda: self._stub.ShareAssessment(request, timeout=DEADLINE_S))

    def withdraw_assessment(self) -> None:
        """Takes the self-assessment back."""
        request = messages.WithdrawAssessmentRequest()
        call(self._address, lambda: self._stub.WithdrawAssessment(request, timeout=DEADLINE_S))

    def assessments(self) -> messages.GetAssessmentsResponse:
        """What is published of all, and what the coordinator has of this node."""
        request = messages.GetAssessmentsRequest()
        return call(self._address, lambda: self._stub.GetAssessments(request, timeout=DEADLINE_S))

    def _listed(self) -> list[messages.ListInsightsResponse]:
        found, size = [], 0
        for answer in self._stub.ListInsights(messages.ListInsightsRequest(), timeout=10 * DEADLINE_S):
            size += answer.ByteSize()
            if size > LARGEST_LIST:
                raise NoConnection(f"{self._address} sends texts without end. Tell its operator.")
            found.append(answer)
        return found
