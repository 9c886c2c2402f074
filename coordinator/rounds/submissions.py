"""What members answer to a round: a release, once and for all, or that they take no part.

The release of a round of cross-use is a count against its market; the sketch before it: `coordinator.cross_use`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from coordinator.authority.peer import Role
from coordinator.errors import StaleStage, SubmissionDiffers, TooLarge
from coordinator.members.callers import Caller
from coordinator.rounds.asked import (
    Asked,
    Wanted,
    asked,
    booked,
    check_live,
    check_market_made,
    check_seat,
    deadline,
)
from coordinator.rounds.checks import check_count, check_release
from coordinator.rounds.stages import Stage, market_for, stage_at
from coordinator.rounds.states import state_of, step
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import declines, markets, members, roster, rounds, sketches, submissions
from privacy.rounds.states import LIVE, State
from privacy.studies.cross_use import CrossUseStudy

LARGEST = 1 << 20
"""Bytes of any release; what one of a study may have is less (`coordinator.rounds.checks`)."""

_LIST_BYTES = 3 << 20
"""Bytes of announcements and reasons in one answer: a message of gRPC has 4 MiB."""


_KEEP = insert(submissions)
_MINE = select(submissions.c.digest, submissions.c.received).where(
    submissions.c.round == bindparam("of_round"), submissions.c.member == bindparam("of_member")
)


def _with_answers() -> Any:
    joined: Any = roster
    for table in (submissions, declines, sketches):
        joined = joined.outerjoin(table, (table.c.round == roster.c.round) & (table.c.member == roster.c.member))
    return joined


_ROSTER_WITH_ANSWERS = _with_answers()
_OWN = (
    select(
        rounds.c.announcement,
        rounds.c.state,
        rounds.c.reason,
        rounds.c.sketch_deadline,
        markets.c.made.label("market"),
        submissions.c.digest,
        submissions.c.received.label("released"),
        declines.c.received.label("declined"),
        sketches.c.digest.label("sketch_digest"),
    )
    .select_from(
        _ROSTER_WITH_ANSWERS.join(rounds, rounds.c.id == roster.c.round).outerjoin(
            markets, markets.c.round == roster.c.round
        )
    )
    .where(roster.c.member == bindparam("caller"))
    .order_by(rounds.c.opened.desc(), rounds.c.id.desc())
)


@dataclass(frozen=True)
class Receipt:
    """What the store has of a member's release. `release_digest` is the SHA-256 of the envelope, hexadecimal."""

    release_digest: str
    received: datetime


@dataclass(frozen=True)
class Answer:
    """A member of a round's roster, and its part: waiting, released, declined, or late where it is over.

    In a round of cross-use also sketched, where its sketch is here and its count is waited for; and who is late there
    is so for the sketch or for the count. `sketched` is when it came, `sketch_digest` the SHA-256 of its header.
    """

    member: str
    name: str
    status: str
    release_digest: str | None
    received: datetime | None
    sketch_digest: str | None
    sketched: datetime | None
    late_for: Stage | None


@dataclass(frozen=True)
class OwnRound:
    """A round as one of its roster sees it; `own` is waiting, released or declined, `reason` why it was aborted.

    `stage` is what a round of cross-use takes, None where it takes nothing, `sketch_digest` the SHA-256 of the header
    of the sketch that is here, in hexadecimal.
    """

    announcement: bytes
    state: State
    own: str
    release_digest: str
    reason: str
    stage: Stage | None
    sketch_digest: str


@dataclass(frozen=True)
class StoredRelease:
    """A release as it came."""

    member: str
    release_digest: str
    received: datetime
    envelope: bytes


def submit(store: Store, caller: Caller, round_id: str, envelope: bytes, now: datetime) -> Receipt:
    """Takes a release for a round. The same bytes again get the same receipt, also when the round is over.

    Its entry must be cosigned before: so no ledger that was put back to an earlier state can show new figures for the
    same months. Raises RoleNotAllowed, UnknownRound, NotInRoster, SubmissionDiffers, RoundClosed, NotYet, of a round
    of cross-use NotInMarket, what `check_release` raises, NotWitnessed and NotBooked.
    """
    caller.require(Role.MEMBER)
    if len(envelope) > LARGEST:
        raise TooLarge(f"A release has at most {LARGEST} bytes, and this has {len(envelope)}.")
    digest = hashlib.sha256(envelope).hexdigest()
    with store.reading() as connection:  # the checks take time, and nobody else should wait for them
        seat = asked(connection, round_id, caller.id)
        stored = _receipt(connection, round_id, caller.id, digest)
        if stored is not None:
            return stored
        check_live(connection, round_id, now)
        check_market_made(connection, round_id, now)
        check = _check_for(connection, round_id, caller.id, seat)
    entry = check(envelope)
    wanted = Wanted(digest, seat.study.digest, seat.window)

    def keep(connection: Connection) -> Receipt:
        stored = _receipt(connection, round_id, caller.id, digest)
        if stored is not None:
            return stored
        state = check_live(connection, round_id, now)
        booked(connection, caller.id, entry, "release", wanted, now)
        if state is not State.COLLECTING:
            step(connection, round_id, State.COLLECTING, now)
        received = seconds(now)
        row = {"round": round_id, "member": caller.id, "digest": digest, "received": received, "envelope": envelope}
        connection.execute(_KEEP, row)
        note(connection, now, "round.released", f"{round_id} {caller.id}", digest)
        return Receipt(digest, moment(received))

    return store.together(keep)


def _check_for(connection: Connection, round_id: str, member: str, seat: Asked) -> Callable[[bytes], int]:
    """How an envelope is checked, to the number of the entry that books it. Raises NotYet, NotInMarket."""
    study = seat.study
    if isinstance(study, CrossUseStudy):
        market = market_for(connection, round_id, member)
        return lambda envelope: check_count(envelope, study, seat, market, member)
    return lambda envelope: check_release(envelope, study, seat)


def decline(store: Store, caller: Caller, round_id: str, now: datetime) -> None:
    """Notes that a member takes no part; it may still send a release while the round is live. Again is harmless.

    Raises RoleNotAllowed, UnknownRound, NotInRoster, RoundClosed, NotYet, and StaleStage where its release is there
    already.
    """
    caller.require(Role.MEMBER)
    with store.transaction() as connection:
        check_seat(connection, round_id, caller.id)
        mine = (declines.c.round == round_id, declines.c.member == caller.id)
        if connection.execute(select(declines.c.member).where(*mine)).first() is not None:
            return
        if _submission(connection, round_id, caller.id) is not None:
            raise StaleStage(
                f"Your release for round {round_id} is here already and cannot be taken back. Ask the coordinator's "
                "operator, who can abort the round."
            )
        check_live(connection, round_id, now)
        step(connection, round_id, State.COLLECTING, now)
        connection.execute(insert(declines).values(round=round_id, member=caller.id, received=seconds(now)))
        note(connection, now, "round.declined", f"{round_id} {caller.id}")


def answers(store: Store, round_id: str, now: datetime) -> tuple[Answer, ...]:
    """Every member of a round's roster with its part, by id. Raises UnknownRound."""
    query = (
        select(
            roster.c.member,
            members.c.name,
            submissions.c.digest,
            submissions.c.received.label("released"),
            declines.c.received.label("declined"),
            sketches.c.digest.label("sketch_digest"),
            sketches.c.received.label("sketched"),
        )
        .select_from(_ROSTER_WITH_ANSWERS.join(members, members.c.id == roster.c.member))
        .where(roster.c.round == round_id)
        .order_by(roster.c.member)
    )
    with store.reading() as connection:
        over = state_of(connection, round_id) not in LIVE or deadline(connection, round_id) <= seconds(now)
        no_sketches = _takes_no_sketches(connection, round_id, now)
        rows = connection.execute(query).all()
    return tuple(_answer(row, over=over, no_sketches=no_sketches) for row in rows)


def rounds_of(store: Store, caller: Caller, now: datetime | None = None) -> tuple[OwnRound, ...]:
    """The rounds that have the caller in their roster, newest first, as many as fit into one answer.

    `now` is the time at which they take what they are said to take; without it, that of the call.
    """
    caller.require(Role.MEMBER)
    now = now or datetime.now(UTC)
    found: list[OwnRound] = []
    left = _LIST_BYTES
    with store.reading() as connection:
        for row in connection.execute(_OWN, {"caller": caller.id}):
            reason = row.reason or ""
            left -= len(row.announcement) + len(reason.encode())
            if found and left < 0:
                break
            found.append(_own_round(row, reason, now))
    return tuple(found)


def releases(store: Store, round_id: str) -> tuple[StoredRelease, ...]:
    """The releases of a round, by member, as they came. Raises UnknownRound."""
    with store.reading() as connection:
        state_of(connection, round_id)
        rows = connection.execute(select(submissions).where(submissions.c.round == round_id)).all()
    stored = (StoredRelease(row.member, row.digest, moment(row.received), bytes(row.envelope)) for row in rows)
    return tuple(sorted(stored, key=lambda each: each.member))


def _own_round(row: Record, reason: str, now: datetime) -> OwnRound:
    state, until = State(row.state), _moment(row.sketch_deadline)
    return OwnRound(
        announcement=bytes(row.announcement),
        state=state,
        own=_own(row, "waiting"),
        release_digest=row.digest or "",
        reason=reason,
        stage=stage_at(state, until, has_market=row.market is not None, now=now),
        sketch_digest=row.sketch_digest or "",
    )


def _answer(row: Record, *, over: bool, no_sketches: bool | None) -> Answer:
    """`no_sketches`: whether a round of cross-use takes none any more; None for every other round."""
    late_for = None
    if no_sketches is not None and row.sketched is None:
        late_for = Stage.SKETCH if no_sketches or over else None
    elif no_sketches is not None:
        late_for = Stage.COUNT if over else None
    late = late_for is not None or over
    status = _own(row, "late" if late else "waiting" if row.sketched is None else "sketched")
    return Answer(
        member=row.member,
        name=row.name,
        status=status,
        release_digest=row.digest,
        received=None if row.released is None else moment(row.released),
        sketch_digest=row.sketch_digest,
        sketched=None if row.sketched is None else moment(row.sketched),
        late_for=late_for if status == "late" else None,
    )


def _own(row: Record, otherwise: str) -> str:
    if row.released is not None:
        return "released"
    return otherwise if row.declined is None else "declined"


def _takes_no_sketches(connection: Connection, round_id: str, now: datetime) -> bool | None:
    """Whether a round takes no sketches any more; None for one that never takes any."""
    query = (
        select(rounds.c.state, rounds.c.sketch_deadline, markets.c.made)
        .select_from(rounds.outerjoin(markets, markets.c.round == rounds.c.id))
        .where(rounds.c.id == round_id)
    )
    row = connection.execute(query).one()
    until = _moment(row.sketch_deadline)
    if until is None:
        return None
    return stage_at(State(row.state), until, has_market=row.made is not None, now=now) is not Stage.SKETCH


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)


def _submission(connection: Connection, round_id: str, member: str) -> Record | None:
    return connection.execute(_MINE, {"of_round": round_id, "of_member": member}).first()


def _receipt(connection: Connection, round_id: str, member: str, digest: str) -> Receipt | None:
    """The receipt for these bytes; None where there are none. Raises SubmissionDiffers where there are others."""
    stored = _submission(connection, round_id, member)
    if stored is None:
        return None
    if stored.digest != digest:
        raise SubmissionDiffers(
            f"Another release of yours is here for round {round_id} already (SHA-256 {stored.digest}), and it stands. "
            "If this node was restored from a backup, do not release with it before you know which ledger is right."
        )
    return Receipt(stored.digest, moment(stored.received))
