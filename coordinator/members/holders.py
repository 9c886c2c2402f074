"""Certificates and those who hold them: members, auditors, viewers and operators."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, insert, select, update

from coordinator.authority.ca import issue_client
from coordinator.authority.csr import CertificateRequest
from coordinator.authority.peer import Role, fingerprint
from coordinator.office import Office
from coordinator.store.engine import Store
from coordinator.store.events import moment, seconds
from coordinator.store.tables import certificates
from protos.certificates import spiffe_id


class CertificateState(StrEnum):
    """Whether a certificate is in use."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Issued:
    """A certificate that was issued, without its bytes."""

    role: Role
    id: str
    name: str
    state: CertificateState
    fingerprint: str
    issued: datetime
    not_after: datetime


def issue(
    connection: Connection,
    office: Office,
    role: Role,
    holder: str,
    name: str,
    request: CertificateRequest,
    now: datetime,
    *,
    beside: str | None = None,
) -> tuple[str, bytes]:
    """Issues a certificate in a transaction of its caller's; every other of the holder's is superseded by it.

    `beside` is the fingerprint of one that stays in use: the one that a renewal was asked with, for the answer may be
    lost on its way. Returns fingerprint and DER.
    """
    certificate = issue_client(office.authority, request.tls_key, spiffe_id(office.trust_domain, role, holder), now)
    end_certificates(connection, role, holder, CertificateState.SUPERSEDED, but=beside)
    der = certificate.public_bytes(Encoding.DER)
    connection.execute(insert(certificates).values(**_values(certificate, role, holder, name, request, now), der=der))
    return fingerprint(certificate), der


def end_certificates(
    connection: Connection, role: Role, holder: str, state: CertificateState, *, but: str | None = None
) -> None:
    """Takes a holder's certificates out of use; to revoke ends those too that were superseded."""
    ended = update(certificates).where(certificates.c.role == role, certificates.c.holder == holder)
    if state is CertificateState.SUPERSEDED:
        ended = ended.where(certificates.c.state == CertificateState.CURRENT)
    if but is not None:
        ended = ended.where(certificates.c.fingerprint != but)
    connection.execute(ended.values(state=state))


def listed(store: Store) -> tuple[Issued, ...]:
    """All certificates, the newest first."""
    columns = certificates.c
    chosen = (columns.role, columns.holder, columns.name, columns.state, columns.fingerprint, columns.issued)
    query = select(*chosen, columns.not_after).order_by(columns.issued.desc(), columns.fingerprint)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Issued(
            role=Role(row.role),
            id=row.holder,
            name=row.name,
            state=CertificateState(row.state),
            fingerprint=row.fingerprint,
            issued=moment(row.issued),
            not_after=moment(row.not_after),
        )
        for row in rows
    )


def _values(
    certificate: x509.Certificate, role: Role, holder: str, name: str, request: CertificateRequest, now: datetime
) -> dict[str, str | int | None]:
    return {
        "fingerprint": fingerprint(certificate),
        "role": role,
        "holder": holder,
        "name": name,
        "state": CertificateState.CURRENT,
        "csr_digest": request.digest,
        "signing_key": request.signing_key.hex(),
        "sealing_key": None if request.sealing_key is None else request.sealing_key.hex(),
        "not_before": seconds(certificate.not_valid_before_utc),
        "not_after": seconds(certificate.not_valid_after_utc),
        "issued": seconds(now),
    }
