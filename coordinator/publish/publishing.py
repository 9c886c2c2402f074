"""From a closed round to a signed benchmark: what is combined, what it would show, and how it becomes public."""

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, select

from coordinator.errors import StaleStage, StoreUnusable, TooFewMembers, UnknownMember, UsageError
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.rounds import rounds
from coordinator.rounds.checks import check_release
from coordinator.rounds.states import State, state_of, step
from coordinator.rounds.submissions import StoredRelease, releases
from coordinator.store.events import note
from coordinator.store.tables import benchmarks, roster
from coordinator.store.tables import rounds as rounds_table
from privacy.estimate.benchmark import Benchmark, Included, publish, read
from privacy.estimate.cohorts import Member
from privacy.estimate.combine import combine, shown
from privacy.estimate.disclosure import Published
from privacy.rounds.announcement import Announcement, Seat
from privacy.rounds.announcement import read as read_announcement
from privacy.signing.envelope import parse_public_key


@dataclass(frozen=True)
class Draft:
    """What a round's benchmark would be now. `basis` is every publication that it was held against."""

    benchmark: Benchmark
    basis: tuple[str, ...]

    @property
    def shows_nothing(self) -> bool:
        """Whether every cohort, or every figure of those that are not, is withheld."""
        return all(cell.status == "suppressed" for cell in self.benchmark.body.cells)


def draft(
    office: Office, round_id: str, now: datetime, *, reason: str | None = None, without: AbstractSet[str] = frozenset()
) -> Draft:
    """The benchmark that a closed round gives, or a further version of one that is published.

    `reason` says why there is a further version, and `without` names members that it leaves out. Raises UnknownRound,
    StaleStage for a round that is not closed, UnknownMember, UsageError, TooFewMembers where there is no release, and
    StoreUnusable or what `check_release` raises where the store has not the releases that came.
    """
    announcement = _announcement(office, round_id)
    found = [each for each in releases(office.store, round_id) if each.member not in without]
    unknown = without - {seat.member for seat in announcement.roster}
    if unknown:
        raise UnknownMember(f"Round {round_id} did not ask {sorted(unknown)[0]}. Name members of its roster.")
    if not found:
        raise TooFewMembers(
            f"Round {round_id} has no release to combine. "
            f"To end it: kudos-coordinator round abort {round_id} --reason TEXT"
        )
    with office.store.reading() as connection:
        state = state_of(connection, round_id)
        basis = _basis(connection, announcement)
        version = publications.newest(connection, round_id) + 1
        supersedes = _digest(connection, round_id, version - 1)
        before = _before(connection, announcement)
        ledgers = _ledgers(connection, round_id)
    _check_stage(round_id, state, version, reason)
    seats = [announcement.seat(each.member) for each in found]
    members = [_member(seat) for seat in seats if seat is not None]
    values = _matrix(announcement, found, ledgers)
    earlier = [each for publication in before for each in _shown(office, publication)]
    body = combine(announcement.study, members, values, earlier)
    benchmark = Benchmark(
        coordinator=announcement.coordinator,
        round=round_id,
        version=version,
        supersedes=supersedes,
        reason=reason,
        study=announcement.study.name,
        study_version=announcement.study.version,
        study_digest=announcement.study.digest,
        window=announcement.window,
        published=now.replace(microsecond=0),
        releases=tuple(Included(member=each.member, release_digest=f"sha256:{each.release_digest}") for each in found),
        body=body,
    )
    return Draft(benchmark, basis)


def publish_round(office: Office, made: Draft, now: datetime) -> bytes:
    """Signs a draft and makes it public, in one transaction; the signed bytes.

    Raises TooFewMembers where it would show nothing, and StaleStage where something for the same window was published
    since the draft was made: what may be shown depends on it.
    """
    benchmark = replace(made.benchmark, published=now.replace(microsecond=0))
    if made.shows_nothing:
        raise TooFewMembers(
            f"Of round {benchmark.round} nothing could be shown: every group has too few releases, or would single out "
            "a few members. Another round of the same months takes the same releases, at no further cost to members. "
            f"To end this one: kudos-coordinator round abort {benchmark.round} --reason TEXT"
        )
    announcement = _announcement(office, benchmark.round)
    envelope = publish(benchmark, office.signing_key)
    with office.store.transaction() as connection:
        if _basis(connection, announcement) != made.basis:
            raise StaleStage("Another benchmark of the same window was published meanwhile. Look at the preview again.")
        if benchmark.version == 1:
            step(connection, benchmark.round, State.PUBLISHED, now)
        digest = publications.keep(
            connection, benchmark.round, benchmark.version, benchmark.supersedes, envelope, benchmark.published
        )
        note(connection, now, "benchmark.published", f"{benchmark.round}/{benchmark.version}", digest)
    return envelope


def _check_stage(round_id: str, state: State, version: int, reason: str | None) -> None:
    if state not in (State.CLOSED, State.PUBLISHED):
        raise StaleStage(
            f"Round {round_id} was aborted and is never published."
            if state is State.ABORTED
            else f"Round {round_id} is {state}. Close it first: kudos-coordinator round close {round_id}"
        )
    if (version > 1) != (reason is not None):
        raise UsageError(
            f"Round {round_id} is published; a further version says why there is one: --reason TEXT"
            if version > 1
            else "A first version has no --reason: it corrects nothing."
        )


def _announcement(office: Office, round_id: str) -> Announcement:
    return read_announcement(rounds.announcement(office.store, round_id), office.signing_key.public_key())


def _member(seat: Seat) -> Member:
    return Member(seat.member, seat.industry, seat.county, seat.size_class)


def _matrix(announcement: Announcement, found: Sequence[StoredRelease], ledgers: dict[str, str]) -> NDArray[np.int64]:
    """The released integers, one row per member. Every release is verified again: a store is only a store."""
    rows = np.zeros((len(found), announcement.study.cells), dtype=np.int64)
    for index, each in enumerate(found):
        seat = announcement.seat(each.member)
        if seat is None:
            raise StaleStage(f"The store has a release of {each.member}, which round {announcement.round} never asked.")
        if hashlib.sha256(each.envelope).hexdigest() != each.release_digest:
            raise StoreUnusable(
                f"The release that the store has of {each.member} in round {announcement.round} is not the one that "
                "came. Restore the store from your backup."
            )
        key = parse_public_key(seat.signing_key)
        release = check_release(each.envelope, key, announcement.study, announcement.window, ledgers[each.member])
        rows[index] = release.cells
    return rows


def _ledgers(connection: Connection, round_id: str) -> dict[str, str]:
    query = select(roster.c.member, roster.c.ledger).where(roster.c.round == round_id)
    return {row.member: row.ledger for row in connection.execute(query)}


def _same_window(announcement: Announcement) -> tuple[ColumnElement[bool], ...]:
    window = announcement.window
    return (
        rounds_table.c.window_first == window.first.isoformat(),
        rounds_table.c.window_last == window.last.isoformat(),
    )


def _basis(connection: Connection, announcement: Announcement) -> tuple[str, ...]:
    """The digests of everything that is published for the window."""
    query = select(benchmarks.c.digest).select_from(benchmarks.join(rounds_table)).where(*_same_window(announcement))
    return tuple(sorted(connection.execute(query).scalars()))


@dataclass(frozen=True)
class _Publication:
    """A benchmark of the window, with its round's announcement and ledgers."""

    envelope: bytes
    announcement: bytes
    ledgers: dict[str, str]


def _before(connection: Connection, announcement: Announcement) -> list[_Publication]:
    """What was published for the window, by any round and version."""
    query = (
        select(benchmarks.c.envelope, benchmarks.c.round, rounds_table.c.announcement)
        .select_from(benchmarks.join(rounds_table))
        .where(*_same_window(announcement))
    )
    rows = connection.execute(query).all()
    ledgers = {name: _ledgers(connection, name) for name in {row.round for row in rows}}
    return [_Publication(bytes(row.envelope), bytes(row.announcement), ledgers[row.round]) for row in rows]


def _shown(office: Office, publication: _Publication) -> tuple[Published, ...]:
    """What a publication showed and withheld. What it withheld for good, only the releases that it is made of tell."""
    key = office.signing_key.public_key()
    benchmark = read(publication.envelope, key)
    asked = read_announcement(publication.announcement, key)
    included = {each.member: each.release_digest for each in benchmark.releases}
    found = [each for each in releases(office.store, benchmark.round) if each.member in included]
    if {each.member: f"sha256:{each.release_digest}" for each in found} != included:
        raise StoreUnusable(
            f"The store has other releases than those that version {benchmark.version} of round {benchmark.round} was "
            "made of, and without them nobody can tell what it must keep to itself. Restore the store from your backup."
        )
    seats = {seat.member: seat for seat in asked.roster}
    members = [_member(seats[each.member]) for each in found]
    return shown(benchmark.body, asked.study, members, _matrix(asked, found, publication.ledgers))


def _digest(connection: Connection, round_id: str, version: int) -> str | None:
    query = select(benchmarks.c.digest).where(benchmarks.c.round == round_id, benchmarks.c.version == version)
    found = connection.execute(query).scalar()
    return None if found is None else f"sha256:{found}"
