"""Members: invited by the operator, active once enrolled, and what can happen to them afterwards.

    invited → active ⇄ suspended;  from any of these → revoked or left;  revoked or left → invited (again)

Every step is one transaction, and a step that was made already changes nothing. A member is never deleted: its ledger
is its own for life, and an invitation brings back one that was revoked or has left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from coordinator.authority.peer import ID, Role
from coordinator.errors import MemberExists, MemberSuspended, UnknownMember, UsageError, WrongMemberState
from coordinator.members.holders import CertificateState, end_certificates
from coordinator.members.invitations import LIFE, Handed, hand_out, withdraw
from coordinator.office import Office
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import certificates, invitations, members
from privacy.catalogue.institutions import COUNTIES, INDUSTRIES, SIZE_CLASSES


class State(StrEnum):
    """Where a member stands."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    LEFT = "left"


ALLOWED: Mapping[State, frozenset[State]] = {
    State.INVITED: frozenset({State.REVOKED, State.LEFT}),  # it becomes active by enrolling, never by an operator
    State.ACTIVE: frozenset({State.SUSPENDED, State.REVOKED, State.LEFT}),
    State.SUSPENDED: frozenset({State.ACTIVE, State.REVOKED, State.LEFT}),
    State.REVOKED: frozenset(),
    State.LEFT: frozenset(),
}
"""What an operator may make of a member; `invite_again` and enrolment are the other ways."""


@dataclass(frozen=True)
class Member:
    """A member as the store has it. Keys are raw public keys in hexadecimal, None until it has enrolled.

    `certificate_ends` is that of its newest certificate in use, `invitation_ends` that of an unused invitation.
    """

    id: str
    name: str
    industry: str
    county: str
    size_class: str | None
    state: State
    ledger: str | None
    signing_key: str | None
    sealing_key: str | None
    invited: datetime
    enrolled: datetime | None
    certificate_ends: datetime | None
    invitation_ends: datetime | None


@dataclass(frozen=True)
class Institution:
    """What an institution is, checked: the words come from the closed lists of `privacy.catalogue.institutions`."""

    id: str
    name: str
    industry: str
    county: str
    size_class: str | None = None

    def __post_init__(self) -> None:
        check_name(self.id, self.name)
        if self.industry not in INDUSTRIES:
            raise UsageError(f"{self.industry!r} is no industry. There is: {', '.join(INDUSTRIES)}.")
        if self.county not in COUNTIES:
            raise UsageError(f"{self.county!r} is no county's code. There is: {', '.join(COUNTIES)}.")
        if self.size_class is not None and self.size_class not in SIZE_CLASSES:
            raise UsageError(f"{self.size_class!r} is no size. There is: {', '.join(SIZE_CLASSES)}.")


def check_name(holder: str, name: str) -> None:
    """Raises UsageError unless these can be a holder's id and name."""
    if not ID.fullmatch(holder):
        raise UsageError(f"{holder!r} is no id. Write 1 to 61 of a-z, 0-9 and the hyphen, such as museum-vestfjord.")
    if not name.strip() or name != name.strip() or len(name) > 120 or not name.isprintable():
        raise UsageError("A name is 1 to 120 printable characters.")


def invite(office: Office, institution: Institution, now: datetime, life: timedelta = LIFE) -> Handed:
    """Makes a member and an invitation for it. Raises MemberExists where the id is taken, UsageError."""
    with office.store.transaction() as connection:
        if connection.execute(select(members.c.id).where(members.c.id == institution.id)).first():
            raise MemberExists(
                f"There is a member {institution.id} already. For its new machine: "
                f"kudos-coordinator member invite --again {institution.id}   For another one, give another --id."
            )
        connection.execute(
            insert(members).values(
                id=institution.id,
                name=institution.name,
                industry=institution.industry,
                county=institution.county,
                size_class=institution.size_class,
                state=State.INVITED,
                invited=seconds(now),
            )
        )
        return hand_out(connection, office, Role.MEMBER, institution.id, institution.name, now, life)


def invite_again(office: Office, member: str, now: datetime, life: timedelta = LIFE) -> Handed:
    """A further invitation for a member: for a new machine or lost keys, or back after revocation or leaving.

    Its keys stay what they are until the invitation is used. Raises UnknownMember, MemberSuspended.
    """
    with office.store.transaction() as connection:
        row = _row(connection, member)
        if row.state == State.SUSPENDED:
            raise MemberSuspended(f"{member} is suspended. First: kudos-coordinator member resume {member}")
        if row.state in (State.REVOKED, State.LEFT):
            connection.execute(update(members).where(members.c.id == member).values(state=State.INVITED))
        return hand_out(connection, office, Role.MEMBER, member, row.name, now, life)


def suspend(store: Store, member: str, now: datetime) -> None:
    """Refuses every call of a member from its next one on, until `resume`. Raises UnknownMember, WrongMemberState."""
    _move(store, member, State.SUSPENDED, now)


def resume(store: Store, member: str, now: datetime) -> None:
    """Lets a suspended member in again. Raises UnknownMember, WrongMemberState."""
    _move(store, member, State.ACTIVE, now)


def revoke(store: Store, member: str, now: datetime) -> None:
    """Ends a member's certificates and invitations. Raises UnknownMember, WrongMemberState."""
    _move(store, member, State.REVOKED, now)


def leave(store: Store, member: str, now: datetime) -> None:
    """The same for a member that goes by its own will. Its ledger stays. Raises UnknownMember, WrongMemberState."""
    _move(store, member, State.LEFT, now)


def _move(store: Store, member: str, to: State, now: datetime) -> None:
    with store.transaction() as connection:
        state = State(_row(connection, member).state)
        if state is to:
            return
        if to not in ALLOWED[state]:
            raise WrongMemberState(
                f"{member} is {state}, and so cannot become {to}. See: kudos-coordinator member list"
            )
        connection.execute(update(members).where(members.c.id == member).values(state=to))
        if to in (State.REVOKED, State.LEFT):
            end_certificates(connection, Role.MEMBER, member, CertificateState.REVOKED)
            withdraw(connection, Role.MEMBER, member, now)
        note(connection, now, f"member.{to}", member)


def listed(store: Store, now: datetime) -> tuple[Member, ...]:
    """All members, by id."""
    with store.reading() as connection:
        rows = connection.execute(select(members).order_by(members.c.id)).all()
        ends = _latest(connection, certificates.c.not_after, certificates.c.state == CertificateState.CURRENT)
        waiting = _latest(
            connection,
            invitations.c.expires,
            invitations.c.used.is_(None) & invitations.c.withdrawn.is_(None) & (invitations.c.expires > seconds(now)),
        )
    return tuple(_member(row, ends.get(row.id), waiting.get(row.id)) for row in rows)


def get(store: Store, member: str, now: datetime) -> Member:
    """One member. Raises UnknownMember."""
    for each in listed(store, now):
        if each.id == member:
            return each
    raise _unknown(member)


def _latest(connection: Connection, column: Any, condition: Any) -> dict[str, int]:
    table = column.table
    query = select(table.c.holder, func.max(column).label("last")).where(table.c.role == Role.MEMBER, condition)
    return {row.holder: row.last for row in connection.execute(query.group_by(table.c.holder))}


def _member(row: Record, certificate_ends: int | None, invitation_ends: int | None) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        industry=row.industry,
        county=row.county,
        size_class=row.size_class,
        state=State(row.state),
        ledger=row.ledger,
        signing_key=row.signing_key,
        sealing_key=row.sealing_key,
        invited=moment(row.invited),
        enrolled=None if row.enrolled is None else moment(row.enrolled),
        certificate_ends=None if certificate_ends is None else moment(certificate_ends),
        invitation_ends=None if invitation_ends is None else moment(invitation_ends),
    )


def _row(connection: Connection, member: str) -> Record:
    row = connection.execute(select(members).where(members.c.id == member)).first()
    if row is None:
        raise _unknown(member)
    return row


def _unknown(member: str) -> UnknownMember:
    return UnknownMember(f"There is no member {member!r}. See: kudos-coordinator member list")
