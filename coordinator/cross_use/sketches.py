"""Sealed sketches as they come in: checked piece by piece, held in a file meanwhile, and stored when they are whole.

So a slow sender keeps nobody waiting: the store is written to once, at the end, and all of a sketch is there or none.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import Connection, delete, insert, select

from coordinator.authority.peer import Role
from coordinator.cross_use.fitting import fitting_header, wanted_by
from coordinator.errors import (
    BadSketch,
    NotBooked,
    NotYet,
    RoundClosed,
    SketchDiffers,
    StaleStage,
    StoreUnusable,
    SubmissionDiffers,
    TooLarge,
    WrongStudy,
)
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.rounds.asked import asked, booked, check_cosigned, check_live, check_seat
from coordinator.rounds.stages import Stage, market_envelope, stage_at
from coordinator.rounds.states import state_of, step
from coordinator.store.engine import Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import declines, rounds, sketch_chunks, sketches
from privacy.rounds.announcement import read as read_announcement
from privacy.rounds.states import State
from privacy.sketch.errors import BadSeal
from privacy.sketch.header import LARGEST_HEADER, SealedHeader
from privacy.sketch.sealing import ChunkCheck
from privacy.studies.cross_use import SKETCH, CrossUseStudy


@dataclass(frozen=True)
class SketchReceipt:
    """What the store has of a member's sketch. `header_digest` is the SHA-256 of its header's envelope, hexadecimal."""

    header_digest: str
    received: datetime


class Incoming:
    """A sealed sketch whose header is in order, on its way in: `feed` its chunks in order, then `finish`."""

    def __init__(self, store: Store, member: str, envelope: bytes, header: SealedHeader, file: IO[bytes]) -> None:
        self._store = store
        self._member = member
        self._envelope = envelope
        self._header = header
        self._check = ChunkCheck(header)
        self._file = file

    def feed(self, chunk: bytes) -> None:
        """The next chunk. Raises BadSketch for one too many, or too long; StoreUnusable where there is no room."""
        try:
            self._check.feed(chunk)
        except BadSeal as error:
            raise BadSketch(str(error)) from error
        with _room():
            self._file.write(chunk)

    def finish(self, now: datetime) -> SketchReceipt:
        """Stores the sketch, in one transaction. Raises BadSketch, and as `incoming` for what has changed meanwhile."""
        try:
            self._check.finish()
        except BadSeal as error:
            raise BadSketch(str(error)) from error
        with _room():
            self._file.seek(0)  # which writes what is not written yet
        name, digest = self._header.contents.sending.round, hashlib.sha256(self._envelope).hexdigest()
        with self._store.transaction() as connection:
            stored = _receipt(connection, name, self._member, digest)
            if stored is None:
                check_takes_sketches(connection, name, now)
                check_cosigned(connection, self._member, self._header.contents.entry, "sketch", now)
                _check_one_a_year(connection, name, self._member, self._header)
                self._insert(connection, digest, now)
                stored = SketchReceipt(digest, moment(seconds(now)))
            _take_part(connection, name, self._member, now)
        return stored

    def _insert(self, connection: Connection, digest: str, now: datetime) -> None:
        contents, member = self._header.contents, self._member
        name = contents.sending.round
        step(connection, name, State.COLLECTING, now)
        connection.execute(
            insert(sketches).values(
                round=name,
                member=member,
                digest=digest,
                epoch=contents.terms.epoch,
                sketch_digest=contents.sketch_digest.hex(),
                received=seconds(now),
                envelope=self._envelope,
            )
        )
        for number in range(contents.chunks):
            chunk = self._file.read(contents.sealed_bytes(number))
            connection.execute(insert(sketch_chunks).values(round=name, member=member, number=number, chunk=chunk))
        note(connection, now, "round.sketched", f"{name} {member}", digest)


@contextmanager
def incoming(
    office: Office, caller: Caller, round_id: str, envelope: bytes, now: datetime
) -> Iterator[Incoming | SketchReceipt]:
    """What the header of a sealed sketch opens: the receipt, where the same is here already, or the way in.

    Raises RoleNotAllowed, TooLarge, UnknownRound, NotInRoster, SubmissionDiffers where another sketch is here for the
    round, WrongStudy, RoundClosed, NotYet, StaleStage where sketches are taken no more, what `fitting_header` raises,
    NotWitnessed, NotBooked, and SketchDiffers where the member has sent another sketch of the year to another round.
    """
    caller.require(Role.MEMBER)
    if len(envelope) > LARGEST_HEADER:
        raise TooLarge(f"The header of a sketch has at most {LARGEST_HEADER} bytes, and this has {len(envelope)}.")
    receipt = _again(office.store, caller.id, round_id, hashlib.sha256(envelope).hexdigest(), now)
    if receipt is not None:
        yield receipt
        return
    header = _checked(office, caller.id, round_id, envelope, now)
    with _room():
        file = tempfile.TemporaryFile(dir=office.home.path)  # noqa: SIM115  closed below
    try:
        yield Incoming(office.store, caller.id, envelope, header, file)
    finally:
        with suppress(OSError):  # what there was no room for is tried once more
            file.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnusable("The coordinator has no room for a sketch. Tell its operator; try again later.") from error


def check_takes_sketches(connection: Connection, round_id: str, now: datetime) -> None:
    """Raises WrongStudy, RoundClosed, NotYet or StaleStage unless the round takes sketches now."""
    until = moment(sketches_until(connection, round_id))
    check_live(connection, round_id, now)
    state, has_market = state_of(connection, round_id), market_envelope(connection, round_id) is not None
    if stage_at(state, until, has_market=has_market, now=now) is not Stage.SKETCH:
        raise StaleStage(
            f"Round {round_id} takes no sketches any more, and goes on without yours. The next one will ask you again."
        )


def sketches_until(connection: Connection, round_id: str) -> int:
    """Until when a round takes sketches, seconds since 1970. Raises WrongStudy for one that never takes any."""
    until = connection.execute(select(rounds.c.sketch_deadline).where(rounds.c.id == round_id)).scalar_one()
    if until is None:
        raise _takes_none(round_id)
    return int(until)


def _takes_none(round_id: str) -> WrongStudy:
    return WrongStudy(f"Round {round_id} is not one of cross-use: it takes releases and no sketches.")


def _again(store: Store, member: str, round_id: str, digest: str, now: datetime) -> SketchReceipt | None:
    """The receipt for a header that is here; who had declined since takes part again, while sketches are taken."""
    with store.reading() as connection:
        check_seat(connection, round_id, member)
        stored = _receipt(connection, round_id, member, digest)
        rejoins = stored is not None and _declined(connection, round_id, member)
    if rejoins:
        with store.transaction() as connection:
            _take_part(connection, round_id, member, now)
    return stored


def _checked(office: Office, member: str, round_id: str, envelope: bytes, now: datetime) -> SealedHeader:
    with office.store.reading() as connection:
        check_takes_sketches(connection, round_id, now)
        ledger = asked(connection, round_id, member).ledger
        announcement = bytes(
            connection.execute(select(rounds.c.announcement).where(rounds.c.id == round_id)).scalar_one()
        )
    announced = read_announcement(announcement, office.signing_key.public_key())
    study = announced.study
    if not isinstance(study, CrossUseStudy):
        raise _takes_none(round_id)
    header = fitting_header(envelope, announced, announcement, study, member, ledger)
    with office.store.reading() as connection:
        entry = booked(connection, member, header.contents.entry, "sketch", wanted_by(header, study), now)
        if entry.study != SKETCH:
            raise NotBooked(
                f"Entry {header.contents.entry} of your ledger books a release and no sketch. Send what it booked."
            )
        _check_one_a_year(connection, round_id, member, header)
    return header


def _take_part(connection: Connection, round_id: str, member: str, now: datetime) -> None:
    """Who sends a sketch takes part, whatever it said before; once sketches are taken no more, that stands."""
    if _declined(connection, round_id, member) and _takes_sketches(connection, round_id, now):
        connection.execute(delete(declines).where(declines.c.round == round_id, declines.c.member == member))
        note(connection, now, "round.rejoined", f"{round_id} {member}")


def _takes_sketches(connection: Connection, round_id: str, now: datetime) -> bool:
    try:
        check_takes_sketches(connection, round_id, now)
    except (NotYet, RoundClosed, StaleStage):
        return False
    return True


def _declined(connection: Connection, round_id: str, member: str) -> bool:
    mine = (declines.c.round == round_id, declines.c.member == member)
    return connection.execute(select(declines.c.member).where(*mine)).first() is not None


def _receipt(connection: Connection, round_id: str, member: str, digest: str) -> SketchReceipt | None:
    """The receipt for this header; None where there is none. Raises SubmissionDiffers where there is another."""
    mine = (sketches.c.round == round_id, sketches.c.member == member)
    stored = connection.execute(select(sketches.c.digest, sketches.c.received).where(*mine)).first()
    if stored is None:
        return None
    if stored.digest != digest:
        raise SubmissionDiffers(
            f"Another sketch of yours is here for round {round_id} already (SHA-256 of its header {stored.digest}), "
            "and it stands. Send that one, or fetch it back; do not seal anew for a round that has one."
        )
    return SketchReceipt(stored.digest, moment(stored.received))


def _check_one_a_year(connection: Connection, round_id: str, member: str, header: SealedHeader) -> None:
    """Raises SketchDiffers where the member has another sketch of the same year in another round.

    A second one would show every customer once more, with other flips, which cost nothing in what peers can infer.
    """
    epoch, digest = header.contents.terms.epoch, header.contents.sketch_digest.hex()
    query = select(sketches.c.round, sketches.c.sketch_digest).where(
        sketches.c.member == member,
        sketches.c.epoch == epoch,
        sketches.c.sketch_digest != digest,
        sketches.c.round != round_id,
    )
    other = connection.execute(query.limit(1)).first()
    if other is not None:
        raise SketchDiffers(
            f"You have sent another sketch of {epoch} to round {other.round} (SHA-256 "
            f"{other.sketch_digest}), and there is one a year. Seal that one; if it is lost, fetch it back from there."
        )
