"""What the coordinator refuses or fails at: each with a stable reason, a gRPC status, and what to do.

`code` is the name of a status of gRPC (https://grpc.io/docs/guides/status-codes/), for the service that answers with
it. A sentence may reach a stranger: it never says anything about a member other than the caller.
"""

from typing import ClassVar

from privacy.errors import KudosError


class CoordinatorError(KudosError):
    """A fault of the coordinator's own making or surroundings."""

    reason = "COORDINATOR"
    code: ClassVar[str] = "INTERNAL"


class UsageError(CoordinatorError):
    """A command was given words that it cannot take."""

    reason = "USAGE"
    code = "INVALID_ARGUMENT"
    exit_status = 2


class NoHome(CoordinatorError):
    """The folder holds no coordinator."""

    reason = "NO_COORDINATOR"


class StoreBusy(CoordinatorError):
    """Another process writes to the store for too long."""

    reason = "STORE_BUSY"
    code = "UNAVAILABLE"


class StoreUnusable(CoordinatorError):
    """The store cannot be opened, or is of another version."""

    reason = "STORE_UNUSABLE"


class StoreExists(StoreUnusable):
    """A new store was to be made where there is one."""

    reason = "STORE_EXISTS"


class RefusedCall(CoordinatorError):
    """A caller or an operator asks for what cannot be done. Nothing was changed."""

    code = "FAILED_PRECONDITION"


class BadRequest(RefusedCall):
    """Bytes that are no request."""

    reason = "BAD_REQUEST"
    code = "INVALID_ARGUMENT"


class CallEnded(RefusedCall):
    """The caller has gone, or was too slow, before it had said all."""

    reason = "CALL_ENDED"
    code = "CANCELLED"


class Unauthenticated(RefusedCall):
    """The caller shows no certificate that names it."""

    reason = "UNAUTHENTICATED"
    code = "UNAUTHENTICATED"


class CertificateUnknown(RefusedCall):
    """The certificate is not one that the store has, or a newer one has replaced it."""

    reason = "CERTIFICATE_UNKNOWN"
    code = "UNAUTHENTICATED"


class CertificateExpired(RefusedCall):
    """The certificate's time is over."""

    reason = "CERTIFICATE_EXPIRED"
    code = "UNAUTHENTICATED"


class MemberSuspended(RefusedCall):
    """The member is suspended."""

    reason = "MEMBER_SUSPENDED"
    code = "PERMISSION_DENIED"


class MemberRevoked(RefusedCall):
    """The member was revoked or has left, or its certificate was revoked."""

    reason = "MEMBER_REVOKED"
    code = "PERMISSION_DENIED"


class RoleNotAllowed(RefusedCall):
    """The caller's role may not do this."""

    reason = "ROLE_NOT_ALLOWED"
    code = "PERMISSION_DENIED"


class InvitationUnknown(RefusedCall):
    """No invitation has this token, or it was withdrawn."""

    reason = "INVITATION_UNKNOWN"
    code = "NOT_FOUND"


class InvitationUsed(RefusedCall):
    """The invitation was used for another key."""

    reason = "INVITATION_USED"
    code = "ALREADY_EXISTS"


class InvitationExpired(RefusedCall):
    """The invitation's time is over."""

    reason = "INVITATION_EXPIRED"


class BadCsr(RefusedCall):
    """A request for a certificate that cannot be granted."""

    reason = "BAD_CSR"
    code = "INVALID_ARGUMENT"


class BadSignature(RefusedCall):
    """A request that is not signed by the key that it must be signed by."""

    reason = "BAD_SIGNATURE"
    code = "INVALID_ARGUMENT"


class LedgerTaken(RefusedCall):
    """Another member writes the ledger of that name."""

    reason = "LEDGER_TAKEN"
    code = "ALREADY_EXISTS"


class MemberExists(RefusedCall):
    """There is a member of that id."""

    reason = "MEMBER_EXISTS"
    code = "ALREADY_EXISTS"


class WrongMemberState(RefusedCall):
    """A member's state does not allow a step."""

    reason = "MEMBER_STATE"
    exit_status = 3


class UnknownMember(RefusedCall):
    """There is no member of that id."""

    reason = "UNKNOWN_MEMBER"
    code = "NOT_FOUND"
    exit_status = 2


class UnknownRound(RefusedCall):
    """There is no round of that name, or none for the caller to see."""

    reason = "UNKNOWN_ROUND"
    code = "NOT_FOUND"
    exit_status = 2


class RoundExists(RefusedCall):
    """There is a round of that name, or one for the same window that is not over."""

    reason = "ROUND_EXISTS"
    code = "ALREADY_EXISTS"
    exit_status = 3


class TooFewMembers(RefusedCall):
    """Fewer members, or fewer releases, than the round needs."""

    reason = "TOO_FEW_MEMBERS"
    exit_status = 3


class NotInRoster(RefusedCall):
    """The round does not ask the caller."""

    reason = "NOT_IN_ROSTER"
    code = "PERMISSION_DENIED"


class RoundClosed(RefusedCall):
    """The round takes nothing any more."""

    reason = "ROUND_CLOSED"


class StaleStage(RefusedCall):
    """The round's state does not allow this step."""

    reason = "STALE_STAGE"
    exit_status = 3


class BadRelease(RefusedCall):
    """Bytes that are no release signed by the member's key."""

    reason = "BAD_RELEASE"
    code = "INVALID_ARGUMENT"


class WrongStudy(RefusedCall):
    """A release of another study, or what only a round of cross-use has."""

    reason = "WRONG_STUDY"
    code = "INVALID_ARGUMENT"
    exit_status = 2


class WrongLayout(RefusedCall):
    """A release with other cells than the study has."""

    reason = "WRONG_LAYOUT"
    code = "INVALID_ARGUMENT"


class WrongWindow(RefusedCall):
    """A release over another window."""

    reason = "WRONG_WINDOW"
    code = "INVALID_ARGUMENT"


class WrongLedger(RefusedCall):
    """Another ledger than the member's own."""

    reason = "WRONG_LEDGER"
    code = "INVALID_ARGUMENT"


class LedgerMismatch(RefusedCall):
    """The witness has seen another size of the ledger than the node takes for its last. The sentence says which."""

    reason = "LEDGER_MISMATCH"


class LedgerRollback(RefusedCall):
    """A checkpoint of an older state of the ledger than the witness has cosigned."""

    reason = "LEDGER_ROLLBACK"


class LedgerFork(RefusedCall):
    """A checkpoint of another ledger than the one whose beginning the witness has."""

    reason = "LEDGER_FORK"


class LedgerGap(RefusedCall):
    """Leaves that are not the next ones of the ledger, each once and in order."""

    reason = "LEDGER_GAP"
    code = "INVALID_ARGUMENT"


class BadLeaf(RefusedCall):
    """Bytes that are no entry of a ledger, or not the one that its checkpoint covers."""

    reason = "BAD_LEAF"
    code = "INVALID_ARGUMENT"


class BadCheckpoint(RefusedCall):
    """A note that is no checkpoint signed by the ledger's key, or without a proof that holds."""

    reason = "BAD_CHECKPOINT"
    code = "INVALID_ARGUMENT"


class WrongKey(RefusedCall):
    """A checkpoint signed by another key than the member's present one, or than the ledger names."""

    reason = "WRONG_KEY"
    code = "INVALID_ARGUMENT"


class ClockApart(RefusedCall):
    """An entry from the future: the node's clock and the coordinator's differ."""

    reason = "CLOCK_APART"


class NotWitnessed(RefusedCall):
    """A release whose entry the witness does not have."""

    reason = "NOT_WITNESSED"


class NotBooked(RefusedCall):
    """A release that the entry it names does not book."""

    reason = "NOT_BOOKED"
    code = "INVALID_ARGUMENT"


class AbsurdValue(RefusedCall):
    """A figure that no institution and no noise can have."""

    reason = "ABSURD_VALUE"
    code = "INVALID_ARGUMENT"


class SubmissionDiffers(RefusedCall):
    """The member has answered the round already, with something else."""

    reason = "SUBMISSION_DIFFERS"
    code = "ALREADY_EXISTS"


class BadSketch(RefusedCall):
    """Bytes that are no sealed sketch signed by the member's key, or not all of it."""

    reason = "BAD_SKETCH"
    code = "INVALID_ARGUMENT"


class WrongRound(RefusedCall):
    """A sketch that was sealed for another round, network, sender or roster."""

    reason = "WRONG_ROUND"
    code = "INVALID_ARGUMENT"


class OtherTerms(RefusedCall):
    """A sketch of other parameters, of another year, or made with another identity key than the round's."""

    reason = "OTHER_TERMS"
    code = "INVALID_ARGUMENT"


class SketchDiffers(RefusedCall):
    """The member has sent another sketch of the year already: there is one for each."""

    reason = "SKETCH_DIFFERS"
    code = "ALREADY_EXISTS"


class NotYet(RefusedCall):
    """A round of cross-use still takes sketches, and so has no market to count against."""

    reason = "NOT_YET"


class NotInMarket(RefusedCall):
    """The round's market has no sketch of this member."""

    reason = "NOT_IN_MARKET"
    code = "PERMISSION_DENIED"


class UnknownSketch(RefusedCall):
    """The coordinator has no such sketch, or none to hand out."""

    reason = "UNKNOWN_SKETCH"
    code = "NOT_FOUND"


class TooManyTransfers(RefusedCall):
    """As many sketches as the coordinator has room for are under way."""

    reason = "TOO_MANY_CALLS"
    code = "RESOURCE_EXHAUSTED"


class UnknownBenchmark(RefusedCall):
    """No benchmark of that round and version is published."""

    reason = "UNKNOWN_BENCHMARK"
    code = "NOT_FOUND"
    exit_status = 2


class BadCommitment(RefusedCall):
    """No commitment to the network identity key that is the caller's."""

    reason = "BAD_COMMITMENT"
    code = "INVALID_ARGUMENT"


class BadOffer(RefusedCall):
    """No offer of the network identity key that is the caller's to the recipient's key."""

    reason = "BAD_OFFER"
    code = "INVALID_ARGUMENT"


class TooLarge(RefusedCall):
    """More bytes than the coordinator takes."""

    reason = "TOO_LARGE"
    code = "RESOURCE_EXHAUSTED"
