"""The coordinator's copies of the members' ledgers: every leaf that it has cosigned, and the notes.

Leaves and notes are only ever added, and a leaf never without the note that covers it (`coordinator.ledgers.witness`).
So what is read in pieces, up to a size that was cosigned once, is one state of the ledger, without a transaction that
writers would wait for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from coordinator.store.engine import Store
from coordinator.store.events import moment
from coordinator.store.tables import ledger_checkpoints, ledger_leaves, submissions
from privacy.ledger.checkpoint import Checkpoint, parse_text
from privacy.ledger.note import parse as parse_note

PIECE = 256
"""Rows that are read at a time: whoever reads slowly keeps nobody waiting."""

# Statements that every answer takes are put together once.
_LEAF = select(ledger_leaves.c.leaf).where(
    ledger_leaves.c.member == bindparam("member"), ledger_leaves.c.seq == bindparam("seq")
)
_COSIGNED = (
    select(ledger_checkpoints.c.time)
    .where(ledger_checkpoints.c.member == bindparam("member"), ledger_checkpoints.c.size > bindparam("seq"))
    .order_by(ledger_checkpoints.c.size)
    .limit(1)
)
_HEAD = (
    select(ledger_checkpoints.c.note, ledger_checkpoints.c.time)
    .where(ledger_checkpoints.c.member == bindparam("member"))
    .order_by(ledger_checkpoints.c.size.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Head:
    """A cosigned checkpoint. `note` is what the member got, `time` when it was cosigned."""

    checkpoint: Checkpoint
    time: datetime
    note: bytes

    @property
    def size(self) -> int:
        """How many leaves it covers."""
        return self.checkpoint.size


def head(connection: Connection, member: str) -> Head | None:
    """The newest checkpoint of a member's ledger; None where nothing is cosigned yet."""
    row = connection.execute(_HEAD, {"member": member}).first()
    if row is None:
        return None
    note = bytes(row.note)
    return Head(parse_text(parse_note(note).text), moment(row.time), note)


def leaf(connection: Connection, member: str, seq: int) -> bytes | None:
    """One leaf of a member's ledger; None where the witness does not have it."""
    found = connection.execute(_LEAF, {"member": member, "seq": seq}).scalar()
    return None if found is None else bytes(found)


def cosigned(connection: Connection, member: str, seq: int) -> int | None:
    """When a leaf of a member's ledger was first cosigned, seconds since 1970; None where it is not."""
    found = connection.execute(_COSIGNED, {"member": member, "seq": seq}).scalar()
    return None if found is None else int(found)


def newest(store: Store, member: str) -> Head | None:
    """As `head`, in a look of its own."""
    with store.reading() as connection:
        return head(connection, member)


def leaves(store: Store, member: str, size: int) -> Iterator[bytes]:
    """The first `size` leaves, in order, read piece by piece."""
    columns = ledger_leaves.c
    for begin in range(0, size, PIECE):
        query = (
            select(columns.leaf)
            .where(columns.member == member, columns.seq >= begin, columns.seq < min(begin + PIECE, size))
            .order_by(columns.seq)
        )
        with store.reading() as connection:
            found = connection.execute(query).scalars().all()
        yield from map(bytes, found)


def notes(store: Store, member: str, size: int) -> Iterator[tuple[int, bytes]]:
    """The cosigned checkpoints of up to `size` leaves, smallest first, each with its size; read piece by piece."""
    columns = ledger_checkpoints.c
    after = 0
    while True:
        query = (
            select(columns.size, columns.note)
            .where(columns.member == member, columns.size > after, columns.size <= size)
            .order_by(columns.size)
            .limit(PIECE)
        )
        with store.reading() as connection:
            found = connection.execute(query).all()
        yield from ((row.size, bytes(row.note)) for row in found)
        if len(found) < PIECE:
            return
        after = found[-1].size


def release(store: Store, member: str, release_digest: str) -> bytes:
    """The bytes of a release that the member has sent, by the digest that its entry names; none where it has not."""
    digest = release_digest.removeprefix("sha256:")
    query = select(submissions.c.envelope).where(submissions.c.member == member, submissions.c.digest == digest)
    with store.reading() as connection:
        found = connection.execute(query.limit(1)).scalar()
    return b"" if found is None else bytes(found)
