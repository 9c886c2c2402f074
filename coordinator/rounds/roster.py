"""Whom a round asks, and which network identity key its roster shows."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, select

from coordinator.members.members import State
from coordinator.store.tables import commitments, members
from privacy.rounds.announcement import Seat


def seated(connection: Connection) -> list[tuple[Seat, str]]:
    """The active members as a roster has them, by id, each with its ledger.

    The identity key is that of most: who commits to another is seated without one, so that no single member can make
    the nodes of all others refuse the round.
    """
    query = (
        select(members, commitments.c.commitment, commitments.c.epoch)
        .select_from(members.outerjoin(commitments, commitments.c.member == members.c.id))
        .where(members.c.state == State.ACTIVE)
    )
    rows = connection.execute(query).all()
    of_most = _of_most([(row.commitment, row.epoch) for row in rows if row.commitment is not None])
    seats = [
        Seat(
            member=row.id,
            name=row.name,
            industry=row.industry,
            county=row.county,
            size_class=row.size_class,
            signing_key=row.signing_key,
            sealing_key=row.sealing_key,
            identity_commitment=row.commitment if (row.commitment, row.epoch) == of_most else None,
            identity_epoch=row.epoch if (row.commitment, row.epoch) == of_most else None,
        )
        for row in rows
    ]
    ledgers = {row.id: row.ledger for row in rows}
    # Sorted here: a database sorts by its own collation, and the announcement by code points.
    return [(seat, ledgers[seat.member]) for seat in sorted(seats, key=lambda seat: seat.member)]


def _of_most(held: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """The commitment and epoch that most members hold; of equals that of the earlier epoch, then of lower digits."""
    counted = Counter(held)
    return min(counted, key=lambda each: (-counted[each], each[1], each[0]), default=None)
