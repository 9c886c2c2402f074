"""Sharing's calls, on the federation port: texts about benchmarks, and self-assessments."""

from collections.abc import Iterator
from datetime import UTC, datetime

import grpc

from coordinator.office import Office
from coordinator.service.answering import answered, calling, streamed
from coordinator.sharing import assessments, insights
from coordinator.store.events import seconds
from protos.kudos.v1 import sharing_pb2 as messages
from protos.kudos.v1.sharing_pb2_grpc import SharingServiceServicer

_Context = grpc.ServicerContext


class Sharing(SharingServiceServicer):
    """What members tell each other in their own words and levels."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @answered
    def ShareInsight(  # noqa: N802
        self, request: messages.ShareInsightRequest, context: _Context
    ) -> messages.ShareInsightResponse:
        """As the .proto says."""
        caller = calling(self._office, context)
        digest, received = insights.share(self._office, caller, request.envelope, _now())
        return messages.ShareInsightResponse(digest=digest, received_s=seconds(received))

    @answered
    def WithdrawInsight(  # noqa: N802
        self, request: messages.WithdrawInsightRequest, context: _Context
    ) -> messages.WithdrawInsightResponse:
        """As the .proto says."""
        insights.withdraw(self._office.store, calling(self._office, context), request.digest, _now())
        return messages.WithdrawInsightResponse()

    @streamed
    def ListInsights(  # noqa: N802
        self, _request: messages.ListInsightsRequest, context: _Context
    ) -> Iterator[messages.ListInsightsResponse]:
        """As the .proto says."""
        for each in insights.served(self._office.store, calling(self._office, context)):
            yield messages.ListInsightsResponse(
                envelope=each.envelope,
                digest=each.digest,
                received_s=seconds(each.received),
                state=each.state,
                reason=each.reason,
            )

    @answered
    def ShareAssessment(  # noqa: N802
        self, request: messages.ShareAssessmentRequest, context: _Context
    ) -> messages.ShareAssessmentResponse:
        """As the .proto says."""
        assessments.share(self._office, calling(self._office, context), request.envelope, _now())
        return messages.ShareAssessmentResponse()

    @answered
    def WithdrawAssessment(  # noqa: N802
        self, _request: messages.WithdrawAssessmentRequest, context: _Context
    ) -> messages.WithdrawAssessmentResponse:
        """As the .proto says."""
        assessments.withdraw(self._office, calling(self._office, context), _now())
        return messages.WithdrawAssessmentResponse()

    @answered
    def GetAssessments(  # noqa: N802
        self, _request: messages.GetAssessmentsRequest, context: _Context
    ) -> messages.GetAssessmentsResponse:
        """As the .proto says."""
        found = assessments.published(self._office.store, calling(self._office, context))
        return messages.GetAssessmentsResponse(envelope=found.envelope, own_digest=found.own_digest)


def _now() -> datetime:
    return datetime.now(UTC)
