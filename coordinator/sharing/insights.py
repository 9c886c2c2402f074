"""Insights: kept as their senders signed them, and served to the members of the cohort that each is for.

Who they are is settled when one is shared: the members whose releases are in the benchmark that it names, as the
round's roster has them. Whoever takes its own text back has it erased here; who has read it, has read it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, insert, or_, select, update

from coordinator.authority.peer import Role
from coordinator.errors import (
    BadInsight,
    NotInCohort,
    RefusedCall,
    TooLarge,
    TooOften,
    UnknownBenchmark,
    UnknownInsight,
    UsageError,
)
from coordinator.members.callers import Caller
from coordinator.members.members import State as MemberState
from coordinator.office import Office
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import benchmarks, insight_readers, insights, members, rounds
from privacy.estimate.benchmark import BadBenchmark, Benchmark
from privacy.estimate.benchmark import read as read_benchmark
from privacy.estimate.cohorts import KINDS, Member, cohorts_of
from privacy.rounds.announcement import read as read_announcement
from privacy.sharing.insight import DIGEST, LARGEST_INSIGHT, Insight, open_insight
from privacy.sharing.insight import BadInsight as NoInsight

MOST_A_DAY, MOST_STANDING = 5, 50
"""Of one member: so many in any 24 hours, withdrawn ones too, and so many that are there at once."""

MOST_LISTED = 500
"""So many are served, the newest."""

CLOCK = timedelta(minutes=10)
"""So far a text may be dated ahead of the coordinator's clock."""

LONGEST_REASON = 500


class State(StrEnum):
    """Where an insight stands."""

    SHARED = "shared"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Stored:
    """An insight as it is here; the envelope of one that is withdrawn is empty. `reason`: why it is hidden."""

    digest: str
    member: str
    name: str
    round: str
    cohort: str
    received: datetime
    state: State
    reason: str
    readers: int
    envelope: bytes
    signing_key: bytes

    def opened(self) -> Insight | None:
        """What it says; None where it is withdrawn."""
        if not self.envelope:
            return None
        return open_insight(self.envelope, Ed25519PublicKey.from_public_bytes(self.signing_key))


def share(office: Office, caller: Caller, envelope: bytes, now: datetime) -> tuple[str, datetime]:
    """Keeps an insight, and returns how it is called and since when it is here. The same again gets the same.

    Raises RoleNotAllowed, TooLarge, BadInsight, UnknownBenchmark, NotInCohort and TooOften.
    """
    caller.require(Role.MEMBER)
    if len(envelope) > LARGEST_INSIGHT:
        raise TooLarge(f"An insight has at most {LARGEST_INSIGHT} bytes, and this has {len(envelope)}.")
    try:
        said = open_insight(envelope, Ed25519PublicKey.from_public_bytes(caller.signing_key))
    except NoInsight as error:
        raise BadInsight(str(error)) from error
    if (said.coordinator, said.member) != (office.trust_domain, caller.id) or said.written > now + CLOCK:
        raise BadInsight("This insight is for another network, of another member, or from the future. Write it anew.")
    digest = hashlib.sha256(envelope).hexdigest()
    with office.store.reading() as connection:
        before = connection.execute(select(insights.c.received).where(insights.c.digest == digest)).scalar()
        if before is not None:
            return digest, moment(before)
        _check_room(connection, caller.id, now)  # before a benchmark is read, which takes time
        readers = _readers(connection, office, said)
    if caller.id not in readers:
        raise NotInCohort(f"You are not in {said.cohort} of that benchmark. Share with a cohort that you are in.")
    with office.store.transaction() as connection:
        before = connection.execute(select(insights.c.received).where(insights.c.digest == digest)).scalar()
        if before is not None:
            return digest, moment(before)
        _check_room(connection, caller.id, now)
        connection.execute(
            insert(insights).values(
                digest=digest,
                member=caller.id,
                round=said.round,
                cohort=said.cohort,
                signing_key=caller.signing_key.hex(),
                received=seconds(now),
                envelope=envelope,
            )
        )
        connection.execute(insert(insight_readers), [{"insight": digest, "member": each} for each in sorted(readers)])
        note(connection, now, "insight.shared", caller.id, digest)
    return digest, moment(seconds(now))


def _readers(connection: Connection, office: Office, said: Insight) -> frozenset[str]:
    """The members of the cohort that an insight is for. Raises UnknownBenchmark, NotInCohort."""
    query = (
        select(benchmarks.c.envelope, rounds.c.announcement)
        .select_from(benchmarks.join(rounds))
        .where(benchmarks.c.digest == said.benchmark, benchmarks.c.round == said.round)
    )
    row = connection.execute(query).first()
    if row is None:
        raise UnknownBenchmark("No such benchmark is published. Look at the list of benchmarks, and fetch the newest.")
    key = office.signing_key.public_key()
    try:
        benchmark = read_benchmark(bytes(row.envelope), key)
    except BadBenchmark as error:
        raise UnknownBenchmark("That benchmark cannot be read here. Tell the coordinator's operator.") from error
    if not any(line.cohort == said.cohort and line.status == "published" for line in benchmark.body.cohorts):
        raise NotInCohort("That benchmark publishes no such cohort. Share with one that it does.")
    return _cohort(benchmark, bytes(row.announcement), office, said.cohort)


def _cohort(benchmark: Benchmark, announcement: bytes, office: Office, cohort: str) -> frozenset[str]:
    """The members of a cohort of a benchmark, by the seats of its round."""
    included = {release.member for release in benchmark.releases}
    seats = read_announcement(announcement, office.signing_key.public_key()).roster
    there = [
        Member(each.member, each.industry, each.county, each.size_class) for each in seats if each.member in included
    ]
    return next((each.members for each in cohorts_of(there, KINDS) if each.name == cohort), frozenset())


def _check_room(connection: Connection, member: str, now: datetime) -> None:
    mine = insights.c.member == member
    since = seconds(now - timedelta(days=1))
    lately = connection.execute(select(func.count()).where(mine, insights.c.received > since)).scalar_one()
    if lately >= MOST_A_DAY:
        raise TooOften(f"You have shared {lately} texts in 24 hours, and {MOST_A_DAY} is the most. Try again tomorrow.")
    standing = connection.execute(select(func.count()).where(mine, insights.c.withdrawn.is_(None))).scalar_one()
    if standing >= MOST_STANDING:
        raise TooOften(
            f"You have {standing} texts standing, and {MOST_STANDING} is the most. Withdraw an old one first."
        )


def withdraw(store: Store, caller: Caller, digest: str, now: datetime) -> None:
    """Takes a text of the caller's own back, and erases it here. Again is harmless. Raises UnknownInsight."""
    caller.require(Role.MEMBER)
    with store.transaction() as connection:
        row = _row(connection, digest)
        if row.member != caller.id:
            raise UnknownInsight("You have shared no such text. What you have: kudos-node insight list")
        if row.withdrawn is None:
            gone = update(insights).where(insights.c.digest == digest)
            connection.execute(gone.values(withdrawn=seconds(now), envelope=b""))
            note(connection, now, "insight.withdrawn", caller.id, digest)


def served(store: Store, caller: Caller) -> Iterator[Stored]:
    """What a member gets: of others what is shared with its cohorts and stands, of its own all, the newest first."""
    caller.require(Role.MEMBER)
    reads = select(insight_readers.c.insight).where(insight_readers.c.member == caller.id)
    stands = (insights.c.withdrawn.is_(None), insights.c.hidden.is_(None), members.c.state == MemberState.ACTIVE)
    of_others = insights.c.digest.in_(reads) & stands[0] & stands[1] & stands[2]
    yield from _stored(store, or_(insights.c.member == caller.id, of_others))


def every(store: Store) -> Iterator[Stored]:
    """All of them for the operator, the newest first."""
    yield from _stored(store, insights.c.digest.is_not(None))


def hide(store: Store, digest: str, reason: str, now: datetime) -> None:
    """Serves an insight to nobody but its sender, who is told why. Raises UnknownInsight, UsageError."""
    reason = reason.strip()
    if not (1 <= len(reason) <= LONGEST_REASON and reason.isprintable()):
        raise UsageError(f"Say why in one line of at most {LONGEST_REASON} characters: its sender reads it.")
    with store.transaction() as connection:
        row = _row(connection, digest)
        if row.withdrawn is not None:
            raise RefusedCall("Its sender has withdrawn it: nobody is served it any more.")
        change = update(insights).where(insights.c.digest == row.digest)
        connection.execute(change.values(hidden=seconds(now), reason=reason))
        note(connection, now, "insight.hidden", row.member, f"{row.digest} {reason}")


def restore(store: Store, digest: str, now: datetime) -> None:
    """Serves an insight again that was hidden. Raises UnknownInsight."""
    with store.transaction() as connection:
        row = _row(connection, digest)
        if row.hidden is not None:
            change = update(insights).where(insights.c.digest == row.digest)
            connection.execute(change.values(hidden=None, reason=None))
            note(connection, now, "insight.restored", row.member, row.digest)


def _row(connection: Connection, digest: str) -> Record:
    """The one that is called so, or whose name begins so, from eight characters on."""
    wanted = insights.c.digest == digest
    if 8 <= len(digest) < 64 and DIGEST.fullmatch(digest.ljust(64, "0")):
        wanted = insights.c.digest.startswith(digest)
    rows = connection.execute(select(insights).where(wanted).limit(2)).all()
    if len(rows) != 1:
        raise UnknownInsight("There is no such text, or more than one whose name begins so.")
    return rows[0]


def _stored(store: Store, wanted: object) -> Iterator[Stored]:
    readers = (
        select(func.count())
        .select_from(insight_readers)
        .where(insight_readers.c.insight == insights.c.digest)
        .correlate(insights)
        .scalar_subquery()
    )
    query = (
        select(insights, members.c.name, readers.label("readers"))
        .select_from(insights.join(members, members.c.id == insights.c.member))
        .where(wanted)  # type: ignore[arg-type]
        .order_by(insights.c.received.desc(), insights.c.digest)
        .limit(MOST_LISTED)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        state = State.SHARED if row.hidden is None else State.HIDDEN
        yield Stored(
            digest=row.digest,
            member=row.member,
            name=row.name,
            round=row.round,
            cohort=row.cohort,
            received=moment(row.received),
            state=state if row.withdrawn is None else State.WITHDRAWN,
            reason=row.reason or "",
            readers=row.readers,
            envelope=bytes(row.envelope),
            signing_key=bytes.fromhex(row.signing_key),
        )
