"""How the coordinator stands, in numbers that name no member and show no figure: for `status` and for metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import func, select

from coordinator.authority.peer import Role
from coordinator.members.members import State as MemberState
from coordinator.office import Office
from coordinator.rounds.rounds import next_deadline
from coordinator.store.events import moment, seconds
from coordinator.store.tables import SCHEMA_VERSION, certificates, events, members, rounds
from privacy.rounds.states import State

SOON = timedelta(days=14)
"""Before its end, a certificate should have been renewed long ago: nodes do it from two thirds of 90 days on."""


@dataclass(frozen=True)
class Standing:
    """`members` and `rounds` by state, every state with its number. The ends of certificates are moments, UTC.

    `certificates_ending` counts active members whose newest certificate ends within `SOON`; `newest_event` is when
    something has happened last, None where nothing has; `next_deadline` of a live round.
    """

    schema: int
    members: dict[str, int]
    rounds: dict[str, int]
    certificates_ending: int
    server_certificate_ends: datetime | None
    authority_ends: datetime
    newest_event: datetime | None
    next_deadline: datetime | None


def standing(office: Office, now: datetime) -> Standing:
    """Asks the store. Raises StoreBusy and StoreUnusable."""
    newest = (
        select(func.max(certificates.c.not_after).label("end"))
        .join(members, members.c.id == certificates.c.holder)
        .where(certificates.c.role == Role.MEMBER, members.c.state == MemberState.ACTIVE)
        .group_by(certificates.c.holder)
        .subquery()
    )
    ending = select(func.count()).select_from(newest).where(newest.c.end <= seconds(now + SOON))
    with office.store.reading() as connection:
        of_members = connection.execute(select(members.c.state, func.count()).group_by(members.c.state)).all()
        of_rounds = connection.execute(select(rounds.c.state, func.count()).group_by(rounds.c.state)).all()
        many = int(connection.execute(ending).scalar_one())
        last = connection.execute(select(func.max(events.c.time))).scalar()
    return Standing(
        schema=SCHEMA_VERSION,
        members={str(state): 0 for state in MemberState} | {row[0]: row[1] for row in of_members},
        rounds={str(state): 0 for state in State} | {row[0]: row[1] for row in of_rounds},
        certificates_ending=many,
        server_certificate_ends=_server_ends(office),
        authority_ends=office.authority.certificate.not_valid_after_utc,
        newest_event=None if last is None else moment(last),
        next_deadline=next_deadline(office.store),
    )


def _server_ends(office: Office) -> datetime | None:
    """When the certificate ends that the server has shown last; None where it has not run yet."""
    try:
        content = office.home.server_file.read_bytes()
        found = x509.load_pem_x509_certificate(content[content.index(b"-----BEGIN CERTIFICATE-----") :])
    except (OSError, ValueError):
        return None
    return found.not_valid_after_utc
