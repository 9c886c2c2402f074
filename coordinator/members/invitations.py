"""Invitations: a one-time token that is handed over once and of which the store keeps only the hash."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update

from coordinator.authority.peer import Role
from coordinator.office import Office
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import invitations
from protos.invitation import TOKEN_BYTES, Invitation

LIFE = timedelta(days=14)
"""How long an invitation can be used, unless said otherwise."""


@dataclass(frozen=True)
class Handed:
    """An invitation as it is handed over; `text` is nowhere kept."""

    role: Role
    id: str
    name: str
    expires: datetime
    text: str = field(repr=False)


def token_hash(token: bytes) -> str:
    """How the store knows a token: its SHA-256. A token has 128 random bits, so that no salt is needed."""
    return hashlib.sha256(token).hexdigest()


def hand_out(
    connection: Connection, office: Office, role: Role, holder: str, name: str, now: datetime, life: timedelta
) -> Handed:
    """A new invitation, in the transaction of what it is for. An earlier one that was not used is withdrawn."""
    withdraw(connection, role, holder, now)
    token = secrets.token_bytes(TOKEN_BYTES)
    expires = seconds(now + life)
    connection.execute(
        insert(invitations).values(
            token_hash=token_hash(token), role=role, holder=holder, name=name, made=seconds(now), expires=expires
        )
    )
    note(connection, now, f"{role}.invited", holder)
    text = Invitation(office.settings.enrolment.address, office.authority.der, token, role).text()
    return Handed(role, holder, name, moment(expires), text)


def withdraw(connection: Connection, role: Role, holder: str, now: datetime) -> None:
    """Withdraws what a holder has been handed and has not used."""
    connection.execute(
        update(invitations)
        .where(invitations.c.role == role, invitations.c.holder == holder)
        .where(invitations.c.used.is_(None), invitations.c.withdrawn.is_(None))
        .values(withdrawn=seconds(now))
    )
