"""Sealed sketches on their way out: to the members of their market, and each to who sent it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from coordinator.authority.peer import Role
from coordinator.errors import UnknownSketch
from coordinator.members.callers import Caller
from coordinator.rounds.asked import check_live, check_seat
from coordinator.rounds.stages import market_for
from coordinator.store.engine import Store
from coordinator.store.tables import sketch_chunks, sketches


def sketch(store: Store, caller: Caller, round_id: str, member: str, now: datetime) -> Iterator[bytes]:
    """The header's envelope of a sealed sketch, then its chunks in order, each read when the one before is taken.

    A member's own is there for it at any time; another's for who is in the market with it, while the round is live.
    Raises RoleNotAllowed, UnknownRound, NotInRoster, RoundClosed, NotYet, NotInMarket and UnknownSketch.
    """
    caller.require(Role.MEMBER)
    mine = (sketches.c.round == round_id, sketches.c.member == member)
    with store.reading() as connection:
        check_seat(connection, round_id, caller.id)
        shared = True
        if member != caller.id:
            check_live(connection, round_id, now)
            shared = member in market_for(connection, round_id, caller.id).members
        envelope = connection.execute(select(sketches.c.envelope).where(*mine)).scalar() if shared else None
        if envelope is None:
            raise UnknownSketch(f"Round {round_id} has no sketch of that member for you. Look at its market.")
        counted = select(func.count()).where(sketch_chunks.c.round == round_id, sketch_chunks.c.member == member)
        many: int = connection.execute(counted).scalar_one()
    yield bytes(envelope)
    for number in range(many):
        yield _chunk(store, round_id, member, number)


def _chunk(store: Store, round_id: str, member: str, number: int) -> bytes:
    """A look of its own: chunks never change, and who takes them slowly keeps nobody waiting."""
    key = (sketch_chunks.c.round == round_id, sketch_chunks.c.member == member, sketch_chunks.c.number == number)
    with store.reading() as connection:
        return bytes(connection.execute(select(sketch_chunks.c.chunk).where(*key)).scalar_one())
