"""What an auditor takes along: everything that the coordinator has of its network, as the files of docs/bundle.md.

What there is is looked up in one transaction; the contents are read piece by piece afterwards, for what anybody signed
never changes. So a slow reader keeps nobody waiting, and what comes in meanwhile is not in the bundle. One thing does
change: a certificate's state is that of the moment at which its line is written, and can be newer than `made`.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from sqlalchemy import Connection, func, select

from coordinator.authority.peer import Role
from coordinator.errors import ClockApart
from coordinator.ledgers import replica
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.rounds import rounds
from coordinator.rounds.stages import market_envelope
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment
from coordinator.store.tables import (
    benchmarks,
    certificates,
    declines,
    ledger_checkpoints,
    markets,
    members,
    sketches,
    submissions,
)
from coordinator.store.tables import rounds as rounds_table
from privacy.audit import bundle
from privacy.audit.bundle import File
from privacy.audit.records import CertificateLine, Header, MemberLine, ReleaseLine, RoundRecord, SketchLine
from privacy.audit.times_check import SLACK
from privacy.ledger.fields import format_time, whole_second


@dataclass(frozen=True)
class _CrossUse:
    """What there is of a round of cross-use: when its market was made, and of whom it has sketches."""

    made: datetime | None
    sketches: tuple[tuple[str, datetime | None], ...]


@dataclass(frozen=True)
class _Index:
    """What there is at one moment, in the bundle's order. Of what can be large, the keys."""

    members: tuple[MemberLine, ...]
    certificates: tuple[str, ...]
    ledgers: tuple[tuple[str, int], ...]
    rounds: tuple[RoundRecord, ...]
    cross_use: dict[str, _CrossUse]
    benchmarks: tuple[tuple[str, int], ...]
    releases: tuple[tuple[str, str], ...]
    newest: datetime
    """When the last of it came, by the clock of then."""


def files(office: Office, now: datetime, *, restricted: bool) -> Iterator[File]:
    """The public part of a bundle, and with `restricted` the one with the releases too: paths with their pieces.

    Pieces of one file follow each other. Raises StoreUnusable, BadBundle where the store has an envelope that is none,
    and ClockApart where what there is came later than now: to an auditor it would look forged.
    """
    store = office.store
    with store.reading() as connection:
        index = _index(connection)
    if index.newest > now + SLACK:
        raise ClockApart(
            f"It is {format_time(whole_second(now))} here, and the newest there is came at "
            f"{format_time(whole_second(index.newest))}: the coordinator's clock is behind now, or was ahead then. Set "
            "it if it is wrong; if it is right, a bundle can be made when that time has come."
        )
    yield bundle.header_file(_header(office, now, "public"))
    yield bundle.authority_file(office.authority.pem)
    yield from bundle.certificates_file(_certificate(store, each) for each in index.certificates)
    yield from bundle.members_file(index.members)
    for member, size in index.ledgers:
        yield from bundle.leaves_file(member, replica.leaves(store, member, size))
        for covered, note in replica.notes(store, member, size):
            yield bundle.checkpoint_file(member, covered, note)
    for record in index.rounds:
        yield bundle.announcement_file(record.round, rounds.announcement(store, record.round))
        yield bundle.round_file(record)
        yield from _cross_use_files(store, record.round, index.cross_use.get(record.round))
    for name, version in index.benchmarks:
        yield bundle.benchmark_file(name, version, publications.envelope(store, name, version))
    if restricted:
        yield bundle.header_file(_header(office, now, "restricted"))
        for member, keys in groupby(index.releases, key=lambda each: each[0]):
            yield from bundle.releases_file(member, (_release(store, *key) for key in keys))


def _cross_use_files(store: Store, round_id: str, found: _CrossUse | None) -> Iterator[File]:
    """The market of a round of cross-use, and the headers of its sketches; none of any other round."""
    if found is None:
        return
    if found.made is not None:
        with store.reading() as connection:
            market = market_envelope(connection, round_id)
        yield bundle.market_file(round_id, market or b"", found.made)
    lines = (_sketch(store, round_id, member, declined) for member, declined in found.sketches)
    yield from bundle.sketches_file(round_id, lines)


def _header(office: Office, now: datetime, kind: Literal["public", "restricted"]) -> Header:
    return Header(
        v=1,
        kind=kind,
        trust_domain=office.trust_domain,
        made=whole_second(now),
        source="coordinator",
        coordinator_key=office.public_key.hex(),
        witness=office.witness,
    )


def _index(connection: Connection) -> _Index:
    """Sorted here: every database has a collation of its own."""
    sizes = select(ledger_checkpoints.c.member, func.max(ledger_checkpoints.c.size).label("size"))
    issued = select(certificates.c.issued, certificates.c.fingerprint).where(certificates.c.role == Role.MEMBER)
    arrived = select(submissions.c.member, submissions.c.received, submissions.c.round)
    sent = sorted((row.member, row.received, row.round) for row in connection.execute(arrived))
    return _Index(
        members=tuple(sorted(map(_member, connection.execute(select(members))), key=lambda each: each.member)),
        certificates=tuple(
            mark for _, mark in sorted((row.issued, row.fingerprint) for row in connection.execute(issued))
        ),
        ledgers=tuple(
            sorted((row.member, row.size) for row in connection.execute(sizes.group_by(ledger_checkpoints.c.member)))
        ),
        rounds=tuple(sorted(map(_round, connection.execute(_ROUNDS)), key=lambda each: each.round)),
        cross_use=_cross_use(connection),
        benchmarks=tuple(sorted((row.round, row.version) for row in connection.execute(_BENCHMARKS))),
        releases=tuple((member, name) for member, _, name in sent),
        newest=moment(max(connection.execute(select(each)).scalar() or 0 for each in _NEWEST)),
    )


def _cross_use(connection: Connection) -> dict[str, _CrossUse]:
    asked = connection.execute(
        select(rounds_table.c.id, markets.c.made)
        .select_from(rounds_table.outerjoin(markets, markets.c.round == rounds_table.c.id))
        .where(rounds_table.c.sketch_deadline.is_not(None))
    ).all()
    arrived = connection.execute(
        select(sketches.c.round, sketches.c.member, declines.c.received.label("declined")).select_from(
            sketches.outerjoin(
                declines, (declines.c.round == sketches.c.round) & (declines.c.member == sketches.c.member)
            )
        )
    ).all()
    return {
        row.id: _CrossUse(
            made=_moment(row.made),
            sketches=tuple(sorted((each.member, _moment(each.declined)) for each in arrived if each.round == row.id)),
        )
        for row in asked
    }


_ROUNDS = select(
    rounds_table.c.id,
    rounds_table.c.state,
    rounds_table.c.opened,
    rounds_table.c.deadline,
    rounds_table.c.ended,
    rounds_table.c.reason,
)
_BENCHMARKS = select(benchmarks.c.round, benchmarks.c.version)
_NEWEST = (
    func.max(submissions.c.received),
    func.max(sketches.c.received),
    func.max(markets.c.made),
    func.max(ledger_checkpoints.c.time),
    func.max(benchmarks.c.published),
)


def _member(row: Record) -> MemberLine:
    return MemberLine(
        member=row.id,
        name=row.name,
        industry=row.industry,
        county=row.county,
        size_class=row.size_class,
        state=row.state,
        ledger=row.ledger,
    )


def _round(row: Record) -> RoundRecord:
    return RoundRecord(
        round=row.id,
        state=row.state,
        opened=moment(row.opened),
        deadline=moment(row.deadline),
        ended=_moment(row.ended),
        reason=row.reason,
    )


def _certificate(store: Store, fingerprint: str) -> CertificateLine:
    with store.reading() as connection:
        row = connection.execute(select(certificates).where(certificates.c.fingerprint == fingerprint)).one()
    return CertificateLine(
        role=row.role,
        holder=row.holder,
        state=row.state,
        issued=moment(row.issued),
        not_before=moment(row.not_before),
        not_after=moment(row.not_after),
        der=base64.b64encode(row.der).decode("ascii"),
    )


def _release(store: Store, member: str, round_id: str) -> ReleaseLine:
    query = select(submissions.c.envelope, submissions.c.received)
    with store.reading() as connection:
        row = connection.execute(query.where(submissions.c.member == member, submissions.c.round == round_id)).one()
    return bundle.release_line(bytes(row.envelope), round_id, moment(row.received))


def _sketch(store: Store, round_id: str, member: str, declined: datetime | None) -> SketchLine:
    query = select(sketches.c.envelope, sketches.c.received)
    with store.reading() as connection:
        row = connection.execute(query.where(sketches.c.round == round_id, sketches.c.member == member)).one()
    return bundle.sketch_line(bytes(row.envelope), member, moment(row.received), declined)


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)
