"""Auditors, viewers and operators: invited like members, without an institution behind them."""

from datetime import datetime, timedelta

from sqlalchemy import select

from coordinator.authority.peer import Role
from coordinator.errors import UnknownMember, UsageError
from coordinator.members.holders import CertificateState, end_certificates
from coordinator.members.invitations import LIFE, Handed, hand_out, withdraw
from coordinator.members.members import check_name
from coordinator.office import Office
from coordinator.store.engine import Store
from coordinator.store.events import note
from coordinator.store.tables import invitations


def invite_other(office: Office, role: Role, holder: str, name: str, now: datetime, life: timedelta = LIFE) -> Handed:
    """An invitation for a holder that is no member; for one that has a certificate, it replaces that when used."""
    if role is Role.MEMBER:
        raise UsageError("A member is invited with what it is: kudos-coordinator member invite")
    check_name(holder, name)
    with office.store.transaction() as connection:
        return hand_out(connection, office, role, holder, name, now, life)


def revoke_other(store: Store, role: Role, holder: str, now: datetime) -> None:
    """Ends a holder's certificates and invitations. Raises UnknownMember for one that was never invited."""
    if role is Role.MEMBER:
        raise UsageError(f"That is a member: kudos-coordinator member revoke {holder}")
    with store.transaction() as connection:
        known = select(invitations.c.holder).where(invitations.c.role == role, invitations.c.holder == holder)
        if connection.execute(known).first() is None:
            raise UnknownMember(f"There is no {role} {holder!r}. See: kudos-coordinator certificate list")
        end_certificates(connection, role, holder, CertificateState.REVOKED)
        withdraw(connection, role, holder, now)
        note(connection, now, f"{role}.revoked", holder)
