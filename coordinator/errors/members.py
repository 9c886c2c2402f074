"""Who calls, who may, and who is to be a member."""

from coordinator.errors.base import RefusedCall


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


class BadCommitment(RefusedCall):
    """No commitment to the network identity key that is the caller's."""

    reason = "BAD_COMMITMENT"
    code = "INVALID_ARGUMENT"


class BadOffer(RefusedCall):
    """No offer of the network identity key that is the caller's to the recipient's key."""

    reason = "BAD_OFFER"
    code = "INVALID_ARGUMENT"
