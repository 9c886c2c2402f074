"""What is published, version by version, as it was signed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

from coordinator.errors import UnknownBenchmark
from coordinator.store.engine import Store
from coordinator.store.events import moment, seconds
from coordinator.store.tables import benchmarks, roster, rounds
from privacy.estimate.figures import CrossUseYear, Figures


@dataclass(frozen=True)
class Publication:
    """A version of a benchmark. `digest` is the SHA-256 of its envelope, hexadecimal."""

    round: str
    version: int
    digest: str
    published: datetime


@dataclass(frozen=True)
class Shown:
    """A published benchmark, with its round's announcement, both as signed, and the round's ledgers by member."""

    envelope: bytes
    announcement: bytes
    ledgers: dict[str, str]


# Statements that every node asks at every turn are put together once.
_LISTED = select(benchmarks.c.round, benchmarks.c.version, benchmarks.c.digest, benchmarks.c.published).order_by(
    benchmarks.c.published.desc(), benchmarks.c.round, benchmarks.c.version.desc()
)


def listed(store: Store) -> tuple[Publication, ...]:
    """Every publication, the newest first."""
    with store.reading() as connection:
        rows = connection.execute(_LISTED).all()
    return tuple(Publication(row.round, row.version, row.digest, moment(row.published)) for row in rows)


def envelope(store: Store, round_id: str, version: int = 0) -> bytes:
    """The signed bytes of a version; of the newest for 0. Raises UnknownBenchmark."""
    with store.reading() as connection:
        wanted = version or newest(connection, round_id)
        found = connection.execute(
            select(benchmarks.c.envelope).where(benchmarks.c.round == round_id, benchmarks.c.version == wanted)
        ).scalar()
    if found is None:
        raise UnknownBenchmark("No benchmark of that round and version is published. Look at the list of benchmarks.")
    return bytes(found)


def newest(connection: Connection, round_id: str) -> int:
    """The newest version of a round's benchmark; 0 where there is none."""
    query = select(func.max(benchmarks.c.version)).where(benchmarks.c.round == round_id)
    return int(connection.execute(query).scalar() or 0)


def digest_of(connection: Connection, round_id: str, version: int) -> str | None:
    """The digest of a version, `sha256:` and hexadecimal; None where there is none."""
    query = select(benchmarks.c.digest).where(benchmarks.c.round == round_id, benchmarks.c.version == version)
    found = connection.execute(query).scalar()
    return None if found is None else f"sha256:{found}"


def digests_of(connection: Connection, figures: Figures) -> tuple[str, ...]:
    """The digests of everything that is published of these figures (`figures_of` a round), in their order."""
    query = select(benchmarks.c.digest).select_from(benchmarks.join(rounds)).where(*_of(figures))
    return tuple(sorted(connection.execute(query).scalars()))


def shown_of(connection: Connection, figures: Figures) -> list[Shown]:
    """What was published of these figures, by any round and version."""
    query = (
        select(benchmarks.c.envelope, benchmarks.c.round, rounds.c.announcement)
        .select_from(benchmarks.join(rounds))
        .where(*_of(figures))
    )
    rows = connection.execute(query).all()
    ledgers = {name: ledgers_of(connection, name) for name in {row.round for row in rows}}
    return [Shown(bytes(row.envelope), bytes(row.announcement), ledgers[row.round]) for row in rows]


def newest_of(connection: Connection, figures: Figures) -> datetime | None:
    """When the newest of these figures was published; None where nothing was."""
    query = select(func.max(benchmarks.c.published)).select_from(benchmarks.join(rounds)).where(*_of(figures))
    found = connection.execute(query).scalar()
    return None if found is None else moment(found)


def ledgers_of(connection: Connection, round_id: str) -> dict[str, str]:
    """The ledgers that a round asks for their releases, by member."""
    query = select(roster.c.member, roster.c.ledger).where(roster.c.round == round_id)
    return {row.member: row.ledger for row in connection.execute(query)}


def keep(
    connection: Connection, round_id: str, version: int, supersedes: str | None, content: bytes, published: datetime
) -> str:
    """Keeps a new version, within its caller's transaction, and returns its digest."""
    digest = hashlib.sha256(content).hexdigest()
    connection.execute(
        insert(benchmarks).values(
            round=round_id,
            version=version,
            digest=digest,
            supersedes=supersedes,
            published=seconds(published),
            envelope=content,
        )
    )
    return digest


def _of(figures: Figures) -> tuple[ColumnElement[bool], ...]:
    """The rounds that add up these figures: as `privacy.estimate.figures.figures_of` their announcements, in SQL."""
    if isinstance(figures, CrossUseYear):
        return rounds.c.sketch_deadline.is_not(None), rounds.c.window_last.startswith(f"{figures.epoch}-")
    first, last = figures.first.isoformat(), figures.last.isoformat()
    return rounds.c.sketch_deadline.is_(None), rounds.c.window_first == first, rounds.c.window_last == last
