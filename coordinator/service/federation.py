"""The federation port's calls. Who calls is decided anew at each, from the certificate that TLS has checked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import grpc

from coordinator.authority.peer import Role
from coordinator.errors import UpgradeNeeded
from coordinator.members import identity
from coordinator.members.callers import Caller, renew
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.rounds import submissions
from coordinator.service.answering import answered, calling, streamed
from coordinator.store.events import seconds
from protos import versions
from protos.channels import PIECE
from protos.kudos.v1 import federation_pb2 as messages
from protos.kudos.v1.federation_pb2_grpc import FederationServiceServicer
from protos.versions import told

_Context = grpc.ServicerContext

CROWD = 500
"""Members whose nodes ask as often as the server is set to. Those of more ask less often, so that a thousand who have
nothing to do cost no more of a core than these: some three per cent.
"""


class Federation(FederationServiceServicer):
    """Rounds, releases, benchmarks, and what members hand each other."""

    def __init__(self, office: Office, poll_s: int) -> None:
        self._office = office
        self._poll_s = poll_s
        self._directory = identity.Directory(office.store)
        self._said: tuple[tuple[identity.Listed, ...] | None, messages.ListMembersResponse]
        self._said = None, messages.ListMembersResponse()

    @answered
    def Hello(self, request: messages.HelloRequest, context: _Context) -> messages.HelloResponse:  # noqa: N802
        """As the .proto says."""
        caller = self._caller(context)
        if told(request.protocol) < versions.OLDEST:
            raise UpgradeNeeded(
                f"This node speaks version {told(request.protocol)} of the protocol, and the coordinator "
                f"{versions.SPOKEN}, and {versions.OLDEST} of those before. Upgrade Kudos on your machine; your ledger "
                "and your data stay."
            )
        return messages.HelloResponse(
            role=caller.role,
            id=caller.id,
            name=caller.name,
            trust_domain=self._office.trust_domain,
            time_s=seconds(_now()),
            version=version("kudos"),
            certificate_not_after_s=seconds(caller.not_after),
            protocol=versions.SPOKEN,
        )

    @answered
    def Renew(self, request: messages.RenewRequest, context: _Context) -> messages.RenewResponse:  # noqa: N802
        """As the .proto says."""
        caller = self._caller(context)
        return messages.RenewResponse(certificate=renew(self._office, caller, request.csr, request.signature, _now()))

    @answered
    def ListRounds(  # noqa: N802
        self, _request: messages.ListRoundsRequest, context: _Context
    ) -> messages.ListRoundsResponse:
        """As the .proto says."""
        found = submissions.rounds_of(self._office.store, self._caller(context), _now())
        return messages.ListRoundsResponse(
            rounds=[
                messages.RoundState(
                    announcement=each.announcement,
                    state=each.state,
                    own=each.own,
                    release_digest=each.release_digest,
                    reason=each.reason,
                    stage=each.stage or "",
                    sketch_digest=each.sketch_digest,
                )
                for each in found
            ],
            retry_after_s=self._poll_s * max(1, -(-len(self._directory.now()) // CROWD)),
        )

    @answered
    def Submit(self, request: messages.SubmitRequest, context: _Context) -> messages.SubmitResponse:  # noqa: N802
        """As the .proto says."""
        caller = self._caller(context)
        receipt = submissions.submit(self._office.store, caller, request.round, request.envelope, _now())
        return messages.SubmitResponse(release_digest=receipt.release_digest, received_s=seconds(receipt.received))

    @answered
    def Decline(self, request: messages.DeclineRequest, context: _Context) -> messages.DeclineResponse:  # noqa: N802
        """As the .proto says."""
        submissions.decline(self._office.store, self._caller(context), request.round, _now())
        return messages.DeclineResponse()

    @answered
    def ListBenchmarks(  # noqa: N802
        self, _request: messages.ListBenchmarksRequest, context: _Context
    ) -> messages.ListBenchmarksResponse:
        """As the .proto says."""
        self._caller(context)
        return messages.ListBenchmarksResponse(
            benchmarks=[
                messages.BenchmarkListed(
                    round=each.round,
                    version=each.version,
                    digest=each.digest,
                    published_s=seconds(each.published),
                )
                for each in publications.listed(self._office.store)
            ]
        )

    @streamed
    def GetBenchmark(  # noqa: N802
        self, request: messages.GetBenchmarkRequest, context: _Context
    ) -> Iterator[messages.GetBenchmarkResponse]:
        """As the .proto says."""
        self._caller(context)
        envelope = publications.envelope(self._office.store, request.round, request.version)
        for begin in range(0, len(envelope), PIECE):
            yield messages.GetBenchmarkResponse(piece=envelope[begin : begin + PIECE])

    @answered
    def ListMembers(  # noqa: N802
        self, _request: messages.ListMembersRequest, context: _Context
    ) -> messages.ListMembersResponse:
        """As the .proto says."""
        self._caller(context).require(Role.MEMBER, Role.AUDITOR, Role.OPERATOR)
        found = self._directory.now()
        known, said = self._said
        if known is not found:
            said = _listed(found)
            self._said = found, said
        return said

    @answered
    def PublishCommitment(  # noqa: N802
        self, request: messages.PublishCommitmentRequest, context: _Context
    ) -> messages.PublishCommitmentResponse:
        """As the .proto says."""
        identity.publish_commitment(self._office.store, self._caller(context), request.envelope, _now())
        return messages.PublishCommitmentResponse()

    @answered
    def OfferIdentity(  # noqa: N802
        self, request: messages.OfferIdentityRequest, context: _Context
    ) -> messages.OfferIdentityResponse:
        """As the .proto says."""
        caller = self._caller(context)
        identity.offer(self._office.store, caller, request.recipient, request.envelope, _now())
        return messages.OfferIdentityResponse()

    @answered
    def ListIdentityOffers(  # noqa: N802
        self, _request: messages.ListIdentityOffersRequest, context: _Context
    ) -> messages.ListIdentityOffersResponse:
        """As the .proto says."""
        found = identity.offers_for(self._office.store, self._caller(context))
        return messages.ListIdentityOffersResponse(
            offers=[messages.IdentityOffer(sponsor=each.sponsor, envelope=each.envelope) for each in found]
        )

    def _caller(self, context: _Context) -> Caller:
        return calling(self._office, context)


def _listed(directory: tuple[identity.Listed, ...]) -> messages.ListMembersResponse:
    return messages.ListMembersResponse(
        members=[
            messages.MemberListed(
                id=each.id,
                name=each.name,
                industry=each.industry,
                county=each.county,
                signing_key=each.signing_key,
                sealing_key=each.sealing_key,
                commitment=each.commitment,
                offered=each.offered,
            )
            for each in directory
        ]
    )


def _now() -> datetime:
    return datetime.now(UTC)
