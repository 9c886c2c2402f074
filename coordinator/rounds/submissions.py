"""What members answer to a round: a release, once and for all, or that they take no part."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, insert, select

from coordinator.authority.peer import Role
from coordinator.errors import (
    NotBooked,
    NotInRoster,
    NotWitnessed,
    RoundClosed,
    StaleStage,
    SubmissionDiffers,
    TooLarge,
    UnknownRound,
)
from coordinator.ledgers import replica
from coordinator.members.callers import Caller
from coordinator.rounds.checks import check_release
from coordinator.rounds.states import state_of, step
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import declines, members, roster, rounds, studies, submissions
from privacy.bounds.windows import Window
from privacy.ledger.leaves import Spent
from privacy.ledger.leaves import parse as parse_leaf
from privacy.rounds.states import LIVE, State
from privacy.signing.envelope import parse_public_key
from privacy.studies.study import Study, parse
from protos.kudos.v1.release_pb2 import Release

LARGEST = 1 << 20
"""Bytes of any release; what one of a study may have is less (`coordinator.rounds.checks`)."""

_LIST_BYTES = 3 << 20
"""Bytes of announcements and reasons in one answer: a message of gRPC has 4 MiB."""


@dataclass(frozen=True)
class Receipt:
    """What the store has of a member's release. `release_digest` is the SHA-256 of the envelope, hexadecimal."""

    release_digest: str
    received: datetime


@dataclass(frozen=True)
class Answer:
    """A member of a round's roster, and its part: waiting, released, declined, or late where it is over."""

    member: str
    name: str
    status: str
    release_digest: str | None
    received: datetime | None


@dataclass(frozen=True)
class OwnRound:
    """A round as one of its roster sees it; `own` is waiting, released or declined, `reason` why it was aborted."""

    announcement: bytes
    state: State
    own: str
    release_digest: str
    reason: str


@dataclass(frozen=True)
class StoredRelease:
    """A release as it came."""

    member: str
    release_digest: str
    received: datetime
    envelope: bytes


@dataclass(frozen=True)
class _Asked:
    """A round and a seat in its roster: what a release is checked against."""

    signing_key: Ed25519PublicKey
    ledger: str
    study: Study
    window: Window


def submit(store: Store, caller: Caller, round_id: str, envelope: bytes, now: datetime) -> Receipt:
    """Takes a release for a round. The same bytes again get the same receipt, also when the round is over.

    Its entry must be cosigned before: so no ledger that was put back to an earlier state can show new figures for the
    same months. Raises RoleNotAllowed, UnknownRound, NotInRoster, SubmissionDiffers, RoundClosed, what `check_release`
    raises, NotWitnessed and NotBooked.
    """
    caller.require(Role.MEMBER)
    if len(envelope) > LARGEST:
        raise TooLarge(f"A release has at most {LARGEST} bytes, and this has {len(envelope)}.")
    digest = hashlib.sha256(envelope).hexdigest()
    with store.reading() as connection:  # the checks take time, and nobody else should wait for them
        asked = _asked(connection, round_id, caller.id)
        stored = _receipt(connection, round_id, caller.id, digest)
        if stored is not None:
            return stored
        _check_live(connection, round_id, now)
    release = check_release(envelope, asked.signing_key, asked.study, asked.window, asked.ledger)
    with store.transaction() as connection:
        stored = _receipt(connection, round_id, caller.id, digest)
        if stored is not None:
            return stored
        _check_live(connection, round_id, now)
        _check_booked(connection, caller.id, release, asked, digest)
        step(connection, round_id, State.COLLECTING, now)
        connection.execute(
            insert(submissions).values(
                round=round_id, member=caller.id, digest=digest, received=seconds(now), envelope=envelope
            )
        )
        note(connection, now, "round.released", f"{round_id} {caller.id}", digest)
    return Receipt(digest, moment(seconds(now)))


def decline(store: Store, caller: Caller, round_id: str, now: datetime) -> None:
    """Notes that a member takes no part; it may still send a release while the round is live. Again is harmless.

    Raises RoleNotAllowed, UnknownRound, NotInRoster, RoundClosed, and StaleStage where its release is there already.
    """
    caller.require(Role.MEMBER)
    with store.transaction() as connection:
        _check_seat(connection, round_id, caller.id)
        mine = (declines.c.round == round_id, declines.c.member == caller.id)
        if connection.execute(select(declines.c.member).where(*mine)).first() is not None:
            return
        if _submission(connection, round_id, caller.id) is not None:
            raise StaleStage(
                f"Your release for round {round_id} is here already and cannot be taken back. Ask the coordinator's "
                "operator, who can abort the round."
            )
        _check_live(connection, round_id, now)
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
        )
        .select_from(_roster_with_answers().join(members, members.c.id == roster.c.member))
        .where(roster.c.round == round_id)
        .order_by(roster.c.member)
    )
    with store.reading() as connection:
        over = state_of(connection, round_id) not in LIVE or _deadline(connection, round_id) <= seconds(now)
        rows = connection.execute(query).all()
    return tuple(
        Answer(
            member=row.member,
            name=row.name,
            status=_own(row, "late" if over else "waiting"),
            release_digest=row.digest,
            received=None if row.released is None else moment(row.released),
        )
        for row in rows
    )


def rounds_of(store: Store, caller: Caller) -> tuple[OwnRound, ...]:
    """The rounds that have the caller in their roster, newest first, as many as fit into one answer."""
    caller.require(Role.MEMBER)
    query = (
        select(
            rounds.c.announcement,
            rounds.c.state,
            rounds.c.reason,
            submissions.c.digest,
            submissions.c.received.label("released"),
            declines.c.received.label("declined"),
        )
        .select_from(_roster_with_answers().join(rounds, rounds.c.id == roster.c.round))
        .where(roster.c.member == caller.id)
        .order_by(rounds.c.opened.desc(), rounds.c.id.desc())
    )
    found: list[OwnRound] = []
    left = _LIST_BYTES
    with store.reading() as connection:
        for row in connection.execute(query):
            reason = row.reason or ""
            left -= len(row.announcement) + len(reason.encode())
            if found and left < 0:
                break
            state, own = State(row.state), _own(row, "waiting")
            found.append(OwnRound(bytes(row.announcement), state, own, row.digest or "", reason))
    return tuple(found)


def releases(store: Store, round_id: str) -> tuple[StoredRelease, ...]:
    """The releases of a round, by member, as they came. Raises UnknownRound."""
    with store.reading() as connection:
        state_of(connection, round_id)
        rows = connection.execute(select(submissions).where(submissions.c.round == round_id)).all()
    stored = (StoredRelease(row.member, row.digest, moment(row.received), bytes(row.envelope)) for row in rows)
    return tuple(sorted(stored, key=lambda each: each.member))


def _roster_with_answers() -> Any:
    return roster.outerjoin(
        submissions, (submissions.c.round == roster.c.round) & (submissions.c.member == roster.c.member)
    ).outerjoin(declines, (declines.c.round == roster.c.round) & (declines.c.member == roster.c.member))


def _own(row: Record, otherwise: str) -> str:
    if row.released is not None:
        return "released"
    return otherwise if row.declined is None else "declined"


def _asked(connection: Connection, round_id: str, member: str) -> _Asked:
    _check_seat(connection, round_id, member)
    query = (
        select(roster.c.signing_key, roster.c.ledger, studies.c.text, rounds.c.window_first, rounds.c.window_last)
        .select_from(roster.join(rounds).join(studies))
        .where(roster.c.round == round_id, roster.c.member == member)
    )
    row = connection.execute(query).one()
    window = Window(date.fromisoformat(row.window_first), date.fromisoformat(row.window_last))
    return _Asked(parse_public_key(row.signing_key), row.ledger, _study(row.text, f"the study of {round_id}"), window)


def _check_booked(connection: Connection, member: str, release: Release, asked: _Asked, digest: str) -> None:
    """Raises NotWitnessed or NotBooked unless the member's cosigned ledger books these bytes where they say."""
    leaf = replica.leaf(connection, member, release.entry)
    if leaf is None:
        raise NotWitnessed(
            f"The coordinator has not cosigned entry {release.entry} of your ledger, which books this release. Send "
            "the ledger's entries first, and the release once the cosigned checkpoint is there."
        )
    entry = parse_leaf(leaf)
    booked = (f"sha256:{digest}", asked.study.digest, asked.window)
    if not isinstance(entry, Spent) or (entry.release_digest, entry.study_digest, entry.window) != booked:
        raise NotBooked(
            f"Entry {release.entry} of your ledger, as the coordinator has cosigned it, does not book this release. "
            "Send the bytes that the ledger booked, and no others."
        )


_study = lru_cache(maxsize=32)(parse)
"""A round's study, which every release of the round is held against."""


def _check_seat(connection: Connection, round_id: str, member: str) -> None:
    """Raises UnknownRound or NotInRoster unless the round asks the member."""
    if connection.execute(select(rounds.c.id).where(rounds.c.id == round_id)).first() is None:
        raise UnknownRound("There is no round of that name. Look at the list of your rounds.")
    seat = select(roster.c.member).where(roster.c.round == round_id, roster.c.member == member)
    if connection.execute(seat).first() is None:
        raise NotInRoster(f"Round {round_id} does not ask you: you were not an active member when it was opened.")


def _check_live(connection: Connection, round_id: str, now: datetime) -> None:
    """Raises RoundClosed unless the round takes answers now; from its deadline on it does not, closed or not yet."""
    state = state_of(connection, round_id)
    if state not in LIVE or seconds(now) >= _deadline(connection, round_id):
        over = state if state not in LIVE else "past its deadline"
        raise RoundClosed(f"Round {round_id} is {over} and takes nothing any more. The next one will ask you again.")


def _deadline(connection: Connection, round_id: str) -> int:
    return int(connection.execute(select(rounds.c.deadline).where(rounds.c.id == round_id)).scalar_one())


def _submission(connection: Connection, round_id: str, member: str) -> Record | None:
    mine = (submissions.c.round == round_id, submissions.c.member == member)
    return connection.execute(select(submissions.c.digest, submissions.c.received).where(*mine)).first()


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
