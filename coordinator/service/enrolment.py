"""The enrolment port's one call."""

from datetime import UTC, datetime

import grpc

from coordinator.members.enrol import enrol
from coordinator.office import Office
from coordinator.service.answering import answered
from protos.kudos.v1.enrolment_pb2 import EnrolRequest, EnrolResponse
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceServicer


class Enrolment(EnrolmentServiceServicer):
    """Exchanges invitations for certificates."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @answered
    def Enrol(self, request: EnrolRequest, _context: grpc.ServicerContext) -> EnrolResponse:  # noqa: N802
        """As the .proto says."""
        found = enrol(self._office, request.token, request.csr, request.signature, request.ledger, datetime.now(UTC))
        return EnrolResponse(
            role=found.role,
            id=found.id,
            name=found.name,
            industry=found.industry,
            county=found.county,
            size_class=found.size_class,
            certificate=found.certificate,
            ledger=found.ledger,
            federation_address=found.federation_address,
            trust_domain=found.trust_domain,
            coordinator_key=found.coordinator_key,
            witness_key=found.witness_key,
        )
