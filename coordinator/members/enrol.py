"""Enrolment: an invitation's token and a request become a certificate, exactly once."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, select, update

from coordinator.authority.csr import CertificateRequest, check_signature, parse
from coordinator.authority.peer import Role
from coordinator.errors import (
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    LedgerTaken,
    MemberRevoked,
    MemberSuspended,
    WrongLedger,
)
from coordinator.members.holders import CertificateState, issue
from coordinator.members.invitations import token_hash
from coordinator.members.members import State
from coordinator.office import Office
from coordinator.store.engine import Record
from coordinator.store.events import note, seconds
from coordinator.store.tables import (
    certificates,
    commitments,
    invitations,
    ledger_checkpoints,
    members,
    offers,
    submissions,
)
from privacy.ledger.fields import Origin
from protos.certificates import ENROL

_ASK = "Ask the coordinator's operator for a new one."
_ORIGIN: TypeAdapter[str] = TypeAdapter(Origin)


@dataclass(frozen=True)
class Enrolled:
    """What a newcomer is told: every field of EnrolResponse. Those of an institution are empty for other roles."""

    role: Role
    id: str
    name: str
    industry: str
    county: str
    size_class: str
    certificate: bytes
    ledger: str
    federation_address: str
    trust_domain: str
    coordinator_key: bytes
    witness_key: str


def enrol(office: Office, token: bytes, csr: bytes, signature: bytes, ledger: str, now: datetime) -> Enrolled:
    """Exchanges a token for a certificate. The same token and request again get the same bytes.

    `signature` is the one of EnrolRequest, `ledger` the name of the ledger that the institution has, or empty.
    Raises InvitationUnknown, InvitationUsed, InvitationExpired, BadCsr, BadSignature, WrongLedger, LedgerTaken,
    MemberSuspended and MemberRevoked, with nothing changed.
    """
    with office.store.reading() as connection:  # strangers must not keep those waiting who write
        role = Role(_invitation(connection, token).role)
    request = parse(csr, member=role is Role.MEMBER)
    check_signature(ENROL, csr, signature, request.signing_key)
    with office.store.transaction() as connection:
        invitation = _invitation(connection, token)
        member = _member(connection, invitation.holder) if role is Role.MEMBER else None
        if invitation.used is not None:
            return _enrolled(office, invitation, member, _again(connection, invitation, request, now))
        if seconds(now) >= invitation.expires:
            raise InvitationExpired(f"This invitation's time is over. {_ASK}")
        mark, der = issue(connection, office, role, invitation.holder, invitation.name, request, now)
        connection.execute(
            update(invitations)
            .where(invitations.c.token_hash == invitation.token_hash)
            .values(used=seconds(now), csr_digest=request.digest, fingerprint=mark)
        )
        if member is not None:
            _admit(connection, member, _ledger(connection, office, member, ledger), request, now)
            member = _member(connection, invitation.holder)
        note(connection, now, f"{role}.enrolled", invitation.holder, mark)
        return _enrolled(office, invitation, member, der)


def _invitation(connection: Connection, token: bytes) -> Record:
    found = connection.execute(select(invitations).where(invitations.c.token_hash == token_hash(token))).first()
    if found is None or found.withdrawn is not None:
        raise InvitationUnknown(f"No invitation like this one is open; a newer one may have replaced it. {_ASK}")
    return found


def _member(connection: Connection, holder: str) -> Record:
    member = connection.execute(select(members).where(members.c.id == holder)).one()
    if member.state == State.SUSPENDED:
        raise MemberSuspended("Your membership is suspended. Ask the coordinator's operator what has to be settled.")
    if member.state in (State.REVOKED, State.LEFT):
        raise MemberRevoked(f"This membership has ended, and its invitations with it. {_ASK}")
    return member


def _again(connection: Connection, invitation: Record, request: CertificateRequest, now: datetime) -> bytes:
    """The certificate that this request got before, while it lasts: the answer may have been lost."""
    if invitation.csr_digest == request.digest:
        found = connection.execute(
            select(certificates.c.der, certificates.c.not_after)
            .where(certificates.c.fingerprint == invitation.fingerprint)
            .where(certificates.c.state == CertificateState.CURRENT)
        ).first()
        if found is not None and found.not_after < seconds(now):
            raise InvitationExpired(
                f"This invitation was used, and the certificate that it gave has ended since. {_ASK}"
            )
        if found is not None:
            return bytes(found.der)
    raise InvitationUsed(f"This invitation was used already. If it was not you, tell the operator at once. {_ASK}")


def _ledger(connection: Connection, office: Office, member: Record, asked: str) -> str:
    """The name of the ledger that a member writes for life."""
    if member.ledger is not None:
        # Whoever has no copy of its ledger goes on from the witness's, or nowhere.
        own_name = f"{office.trust_domain}/ledger/{member.id}"
        used = _has_released(connection, member.id) or member.ledger != own_name  # a node brought it along
        if asked == "" and not _is_witnessed(connection, member.id) and used:
            raise WrongLedger(
                f"Your institution has the ledger {member.ledger}, this node has none, and the coordinator has no copy "
                "of it. Restore the folder of the node that it had before, and "
                "join with that; a budget is never begun anew. If that folder is lost for good, ask the operator for "
                "an invitation as another member."
            )
        if asked not in ("", member.ledger):
            raise WrongLedger(
                f"Your institution has the ledger {member.ledger} for life, and this node has {asked[:200]}. Restore "
                "the folder of the node that it had before, and join with that."
            )
        return str(member.ledger)
    own = f"{office.trust_domain}/ledger/{member.id}"
    name = asked or own
    try:
        _ORIGIN.validate_python(name)
    except ValidationError as error:
        raise WrongLedger(
            "The ledger that this node has is not named like one. Check `ledger` in its settings.toml."
        ) from error
    taken = connection.execute(select(members.c.id).where(members.c.ledger == name)).first() is not None
    # A name in our own domain is another member's to be, even before that one has enrolled.
    if taken or (name != own and name.startswith(f"{office.trust_domain}/ledger/")):
        raise LedgerTaken(
            "Another member has the ledger of that name. Two institutions never share one: make a node of its own for "
            "each, in a folder of its own, and join with that."
        )
    return name


def _is_witnessed(connection: Connection, member: str) -> bool:
    query = select(ledger_checkpoints.c.size).where(ledger_checkpoints.c.member == member).limit(1)
    return connection.execute(query).first() is not None


def _has_released(connection: Connection, member: str) -> bool:
    return connection.execute(select(submissions.c.round).where(submissions.c.member == member)).first() is not None


def _admit(connection: Connection, member: Record, ledger: str, request: CertificateRequest, now: datetime) -> None:
    signing_key = request.signing_key.hex()
    sealing_key = None if request.sealing_key is None else request.sealing_key.hex()
    connection.execute(
        update(members)
        .where(members.c.id == member.id)
        .values(
            state=State.ACTIVE, ledger=ledger, signing_key=signing_key, sealing_key=sealing_key, enrolled=seconds(now)
        )
    )
    if member.signing_key not in (None, signing_key):  # what the old key signed cannot be verified with the new one
        connection.execute(delete(commitments).where(commitments.c.member == member.id))
        connection.execute(delete(offers).where(offers.c.sponsor == member.id))
    if member.sealing_key not in (None, sealing_key):  # and what was sealed for the old one cannot be opened
        connection.execute(delete(offers).where(offers.c.recipient == member.id))


def _enrolled(office: Office, invitation: Record, member: Record | None, certificate: bytes) -> Enrolled:
    return Enrolled(
        role=Role(invitation.role),
        id=invitation.holder,
        name=invitation.name,
        industry="" if member is None else member.industry,
        county="" if member is None else member.county,
        size_class="" if member is None else member.size_class or "",
        certificate=certificate,
        ledger="" if member is None else member.ledger,
        federation_address=office.settings.federation.address,
        trust_domain=office.trust_domain,
        coordinator_key=office.public_key,
        witness_key=office.witness,
    )
