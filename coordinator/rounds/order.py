"""What the coordinator dates itself comes in order: a clock that was set back must not let it contradict itself.

An auditor tells by these times that releases came while their round was open, and a benchmark after it was closed. So
nothing of a round is dated before what it has: as the witness does it with a ledger's checkpoints.
"""

from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, func, select

from coordinator.store.events import moment, seconds
from coordinator.store.tables import declines, markets, rounds, sketches, submissions

SLACK_S = 300
"""Seconds that a clock may be set back, or two coordinators' clocks be apart; an auditor allows for twice as much."""


def no_earlier(connection: Connection, round_id: str, now: datetime) -> datetime:
    """Now, UTC in whole seconds, or when the newest came that a round has, where that is later."""
    times: list[ScalarSelect[int | None]] = [
        select(each).where(of == round_id).scalar_subquery()
        for each, of in (
            (rounds.c.opened, rounds.c.id),
            (rounds.c.ended, rounds.c.id),
            (markets.c.made, markets.c.round),
            (func.max(submissions.c.received), submissions.c.round),
            (func.max(declines.c.received), declines.c.round),
            (func.max(sketches.c.received), sketches.c.round),
        )
    ]
    newest = max(each or 0 for each in connection.execute(select(*times)).one())
    return moment(max(seconds(now), newest))
