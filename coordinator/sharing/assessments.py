"""Self-assessments: one of each member that shares its own, and what is published of all of them together."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from coordinator.authority.peer import Role
from coordinator.errors import BadAssessment, TooLarge, TooOften
from coordinator.members.callers import Caller
from coordinator.members.members import State
from coordinator.office import Office
from coordinator.store.engine import Record, Store
from coordinator.store.events import note, seconds
from coordinator.store.tables import assessments, distributions, events, members
from privacy.estimate.cohorts import NETWORK, Member
from privacy.sharing.assessment import LARGEST_ASSESSMENT, open_assessment
from privacy.sharing.assessment import BadAssessment as NoAssessment
from privacy.sharing.distribution import (
    FEWEST,
    BadDistribution,
    CohortLevels,
    Distribution,
    counted,
    make,
    open_distribution,
    told_of,
)

MOST_A_DAY = 3
"""So many times in 24 hours a member may share another one."""

PAUSE = timedelta(days=1)
"""Between two versions of what is published."""

_NEWEST = select(distributions.c.version, distributions.c.made).order_by(distributions.c.version.desc()).limit(1)


@dataclass(frozen=True)
class Published:
    """The newest distribution, empty where there is none, and the digest of the caller's own, empty where none."""

    envelope: bytes
    own_digest: str


def share(office: Office, caller: Caller, envelope: bytes, now: datetime) -> None:
    """Keeps a member's self-assessment in place of an earlier one; `publish_due` counts it. The same again is harmless.

    The same levels signed anew take the place of the old ones' signature, and are nothing new to count.
    Raises RoleNotAllowed, TooLarge, BadAssessment, TooOften.
    """
    caller.require(Role.MEMBER)
    if len(envelope) > LARGEST_ASSESSMENT:
        raise TooLarge(f"A self-assessment has at most {LARGEST_ASSESSMENT} bytes, and this has {len(envelope)}.")
    levels = _opened(office, caller.id, envelope, caller.signing_key)
    digest = hashlib.sha256(envelope).hexdigest()
    mine = select(assessments).where(assessments.c.member == caller.id)
    with office.store.reading() as connection:  # looking through the events takes time, so nobody waits for it
        row = connection.execute(mine).first()
        if row is not None and row.digest == digest:
            return
        looked_at = connection.execute(select(func.max(events.c.seq))).scalar() or 0
        lately = _shared_since(connection, caller.id, events.c.time > seconds(now - timedelta(days=1)))
    with office.store.transaction() as connection:
        row = connection.execute(mine).first()
        if row is not None and row.digest == digest:
            return
        if lately + _shared_since(connection, caller.id, events.c.seq > looked_at) >= MOST_A_DAY:
            raise TooOften(
                f"You have shared {MOST_A_DAY} self-assessments in 24 hours, and that is the most. Try again tomorrow."
            )
        if row is not None and _levels(office, row) == levels:
            _renamed(connection, row.digest, digest)
        connection.execute(delete(assessments).where(assessments.c.member == caller.id))
        connection.execute(
            insert(assessments).values(
                member=caller.id,
                digest=digest,
                signing_key=caller.signing_key.hex(),
                received=seconds(now),
                envelope=envelope,
            )
        )
        note(connection, now, "assessment.shared", caller.id, digest)


def withdraw(office: Office, caller: Caller, now: datetime) -> None:
    """Erases the caller's self-assessment. What was published stays; the next leaves it out. Again is harmless."""
    caller.require(Role.MEMBER)
    with office.store.transaction() as connection:
        gone = connection.execute(delete(assessments).where(assessments.c.member == caller.id))
        if gone.rowcount:
            note(connection, now, "assessment.withdrawn", caller.id)


def published(store: Store, caller: Caller) -> Published:
    """What is published of all, to anybody in the network, and what the coordinator has of the caller's own."""
    own = select(assessments.c.digest).where(assessments.c.member == caller.id)
    newest = select(distributions.c.envelope).order_by(distributions.c.version.desc()).limit(1)
    with store.reading() as connection:
        envelope = connection.execute(newest).scalar()
        digest = connection.execute(own).scalar() if caller.role is Role.MEMBER else None
    return Published(bytes(envelope or b""), digest or "")


def publish_due(office: Office, now: datetime) -> tuple[str, ...]:
    """Publishes a new version where one can be, at most one in 24 hours; says which. For the server's loop.

    What is to be counted is worked out beside the others; the transaction only looks whether it still holds. Where
    something has changed meanwhile, the next look tries again.
    """
    with office.store.reading() as connection:
        newest = connection.execute(_NEWEST).first()
        if newest is not None and seconds(now) < newest.made + int(PAUSE.total_seconds()):
            return ()
        stated, (last, lines) = _stated(connection), _last(connection, office)
        known = set(last.get(NETWORK, {}).values())
        if sum(digest not in known for _, digest in stated) < FEWEST:  # as mostly: no need to read all that was
            return ()
        history = [_sets(each) for each in connection.execute(select(distributions.c.sets)).scalars()]
        rows = connection.execute(select(assessments)).all()
    told = told_of(stated, {each for sets in history for counts in sets.values() for each in counts.values()}, last)
    if not told:
        return ()
    levels = {row.member: _levels(office, row) for row in rows if row.member in told[NETWORK]}
    cohorts = tuple(
        lines[name] if counts == last.get(name) else counted(name, [levels[member] for member in counts])
        for name, counts in told.items()
    )
    version = newest.version if newest else 0
    said = Distribution(office.trust_domain, version + 1, now.replace(microsecond=0), cohorts)
    envelope = make(said, office.signing_key)
    with office.store.transaction() as connection:
        if (connection.execute(select(func.max(distributions.c.version))).scalar() or 0) != version:
            return ()
        if _stated(connection) != stated:
            return ()
        connection.execute(
            insert(distributions).values(
                version=said.version, made=seconds(now), sets=json.dumps(told), envelope=envelope
            )
        )
        note(connection, now, "assessments.published", str(said.version))
    return (f"version {said.version}",)


def _opened(office: Office, member: str, envelope: bytes, key: bytes) -> dict[str, int]:
    try:
        public_key = Ed25519PublicKey.from_public_bytes(key)
        return dict(open_assessment(envelope, office.trust_domain, member, public_key).levels)
    except NoAssessment as error:
        raise BadAssessment(str(error)) from error


def _levels(office: Office, row: Record) -> dict[str, int]:
    return _opened(office, row.member, bytes(row.envelope), bytes.fromhex(row.signing_key))


def _last(connection: Connection, office: Office) -> tuple[dict[str, dict[str, str]], dict[str, CohortLevels]]:
    """What the newest version counts, and what it says, by cohort; nothing where it cannot be read."""
    row = connection.execute(_NEWEST.add_columns(distributions.c.sets, distributions.c.envelope)).first()
    if row is None:
        return {}, {}
    try:
        said = open_distribution(bytes(row.envelope), office.signing_key.public_key())
    except BadDistribution:  # signed by a key that this coordinator had before: all are counted anew or left out
        return {}, {}
    return _sets(row.sets), {each.cohort: each for each in said.cohorts}


def _shared_since(connection: Connection, member: str, since: ColumnElement[bool]) -> int:
    mine = (events.c.what == "assessment.shared") & (events.c.subject == member)
    return int(connection.execute(select(func.count()).where(since & mine)).scalar_one())


def _renamed(connection: Connection, old: str, new: str) -> None:
    """What was counted under one signature goes by another: it is of the same levels, and no new ones."""
    there = distributions.c.sets.contains(old, autoescape=True)
    connection.execute(update(distributions).where(there).values(sets=func.replace(distributions.c.sets, old, new)))


def _sets(stored: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(stored)
    return found


def _stated(connection: Connection) -> list[tuple[Member, str]]:
    """The active members that share, each with the digest of what it has signed, by member."""
    query = (
        select(assessments.c.member, assessments.c.digest, members.c.industry, members.c.county, members.c.size_class)
        .select_from(assessments.join(members, members.c.id == assessments.c.member))
        .where(members.c.state == State.ACTIVE)
        .order_by(assessments.c.member)
    )
    return [
        (Member(row.member, row.industry, row.county, row.size_class), row.digest) for row in connection.execute(query)
    ]
