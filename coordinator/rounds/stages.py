"""The two stages of a round of cross-use: it takes sketches until their deadline, and then counts against its market.

Every other round has one stage, which has no name.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from coordinator.errors import NotInMarket, NotYet
from coordinator.store.tables import markets
from privacy.rounds.market import Market, own_market
from privacy.rounds.states import LIVE, State


class Stage(StrEnum):
    """What a round of cross-use takes now."""

    SKETCH = "sketch"
    COUNT = "count"


def stage(state: State, *, cross_use: bool, has_market: bool) -> Stage | None:
    """The stage that a live round is in, which ends as the next begins; None for every other study.

    So the first one lasts until the market is made, a little longer than sketches are taken: `stage_at`.
    """
    if not cross_use or state not in LIVE:
        return None
    return Stage.COUNT if has_market else Stage.SKETCH


def stage_at(state: State, sketch_deadline: datetime | None, *, has_market: bool, now: datetime) -> Stage | None:
    """What a round takes: sketches before their deadline, unless its market was made earlier, and counts after that.

    None where it takes neither: it is over, its market is still to be made, or it is not of cross-use, and so has no
    `sketch_deadline`.
    """
    if sketch_deadline is None:
        return None
    found = stage(state, cross_use=True, has_market=has_market)
    return None if found is Stage.SKETCH and now >= sketch_deadline else found


def market_envelope(connection: Connection, round_id: str) -> bytes | None:
    """The signed market of a round; None where it has none."""
    found = connection.execute(select(markets.c.envelope).where(markets.c.round == round_id)).scalar()
    return None if found is None else bytes(found)


def market_for(connection: Connection, round_id: str, member: str) -> Market:
    """The market that a member counts against. Raises NotYet, and NotInMarket where it has no sketch there.

    It is what this coordinator has put into its own store: its signature is for others.
    """
    envelope = market_envelope(connection, round_id)
    if envelope is None:
        raise NotYet(
            f"Round {round_id} still takes sketches. Count when it has its market: look at the list of your rounds."
        )
    market = own_market(envelope)
    if member not in market.members:
        raise NotInMarket(
            f"Round {round_id} goes on without you: no sketch of yours was there in time, or you had declined. "
            "The next round will ask you again."
        )
    return market
