"""Callers: who a certificate lets in, decided anew at every call; and the renewal of certificates."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from coordinator.authority.csr import check_signature, parse
from coordinator.authority.peer import Peer, Role
from coordinator.errors import (
    BadCsr,
    CertificateExpired,
    CertificateUnknown,
    MemberRevoked,
    MemberSuspended,
    RoleNotAllowed,
)
from coordinator.members.holders import CertificateState, issue
from coordinator.members.members import State
from coordinator.office import Office
from coordinator.store.engine import Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import certificates, members
from protos.certificates import RENEW

_ASK = "Ask the coordinator's operator"

_HOLDER = (
    select(certificates, members.c.state.label("standing"))
    .select_from(
        certificates.outerjoin(members, and_(certificates.c.role == Role.MEMBER, members.c.id == certificates.c.holder))
    )
    .where(certificates.c.fingerprint == bindparam("fingerprint"))
)
"""Who a certificate was issued to, which every call asks for."""


@dataclass(frozen=True)
class Caller:
    """Somebody who may call, at this moment. Keys are raw public keys of 32 bytes."""

    role: Role
    id: str
    name: str
    fingerprint: str
    not_after: datetime
    signing_key: bytes
    sealing_key: bytes | None

    def require(self, *roles: Role) -> None:
        """Raises RoleNotAllowed unless the caller has one of the roles."""
        if self.role not in roles:
            raise RoleNotAllowed(f"This is for {' and '.join(roles)}, and your certificate is that of one {self.role}.")


def identify(store: Store, peer: Peer, now: datetime) -> Caller:
    """The caller behind a certificate, if it may call now: one query.

    Raises CertificateUnknown, CertificateExpired, MemberSuspended or MemberRevoked.
    """
    with store.reading() as connection:
        row = connection.execute(_HOLDER, {"fingerprint": peer.fingerprint}).first()
    if row is None or (row.role, row.holder) != (peer.role, peer.id):
        raise CertificateUnknown(f"The coordinator did not issue this certificate. {_ASK} for an invitation.")
    if row.state == CertificateState.REVOKED:
        raise MemberRevoked(f"Your membership, or this certificate, has ended. {_ASK} if that is not so.")
    if row.state == CertificateState.SUPERSEDED:
        raise CertificateUnknown(f"A newer certificate has replaced this one. Use that, or {_ASK.lower()}.")
    if row.standing == State.SUSPENDED:
        raise MemberSuspended(f"Your membership is suspended. {_ASK} what has to be settled. Nothing is lost.")
    if not row.not_before <= seconds(now) <= row.not_after:
        raise CertificateExpired(f"Your certificate's time is over. {_ASK} for a new invitation: your ledger goes on.")
    return Caller(
        role=Role(row.role),
        id=row.holder,
        name=row.name,
        fingerprint=row.fingerprint,
        not_after=moment(row.not_after),
        signing_key=bytes.fromhex(row.signing_key),
        sealing_key=None if row.sealing_key is None else bytes.fromhex(row.sealing_key),
    )


def renew(office: Office, caller: Caller, csr: bytes, signature: bytes, now: datetime) -> bytes:
    """A new certificate, DER, for a request that names the caller's own keys. The same request again gets the same.

    The one that the caller shows stays in use until it ends or the next renewal: this answer may be lost. Raises
    BadCsr, BadSignature, and CertificateUnknown where another call has taken the caller's certificate out of use.
    """
    request = parse(csr, member=caller.role is Role.MEMBER)
    if (request.signing_key, request.sealing_key) != (caller.signing_key, caller.sealing_key):
        raise BadCsr(f"A renewal keeps the signing and the sealing key. {_ASK} for an invitation if they are lost.")
    check_signature(RENEW, csr, signature, caller.signing_key)
    columns = certificates.c
    mine = (columns.role == caller.role, columns.holder == caller.id, columns.state == CertificateState.CURRENT)
    with office.store.transaction() as connection:
        if (
            connection.execute(select(columns.name).where(*mine, columns.fingerprint == caller.fingerprint)).first()
            is None
        ):
            raise CertificateUnknown(f"A newer certificate has replaced this one. Use that, or {_ASK.lower()}.")
        before = select(columns.der).where(*mine, columns.csr_digest == request.digest)
        stored = connection.execute(before.where(columns.fingerprint != caller.fingerprint)).scalar()
        if stored is not None:
            return bytes(stored)
        mark, der = issue(
            connection, office, caller.role, caller.id, caller.name, request, now, beside=caller.fingerprint
        )
        note(connection, now, f"{caller.role}.renewed", caller.id, mark)
        return der
