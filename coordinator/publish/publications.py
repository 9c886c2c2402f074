"""What is published, version by version, as it was signed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from coordinator.errors import UnknownBenchmark
from coordinator.store.engine import Store
from coordinator.store.events import moment, seconds
from coordinator.store.tables import benchmarks


@dataclass(frozen=True)
class Publication:
    """A version of a benchmark. `digest` is the SHA-256 of its envelope, hexadecimal."""

    round: str
    version: int
    digest: str
    published: datetime


def listed(store: Store) -> tuple[Publication, ...]:
    """Every publication, the newest first."""
    columns = (benchmarks.c.round, benchmarks.c.version, benchmarks.c.digest, benchmarks.c.published)
    query = select(*columns).order_by(benchmarks.c.published.desc(), benchmarks.c.round, benchmarks.c.version.desc())
    with store.reading() as connection:
        rows = connection.execute(query).all()
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
