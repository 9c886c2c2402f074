"""What the coordinator dates itself comes in order: a clock that was set back must not let it contradict itself.

An auditor tells by these times that releases came while their round was open, and a benchmark after it was closed. So
nothing of a round is done by a clock that is behind what was dated of it before.
"""

from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, func, select

from coordinator.errors import ClockApart
from coordinator.store.events import moment, seconds
from coordinator.store.tables import declines, markets, rounds, sketches, submissions
from privacy.ledger.fields import format_time, whole_second

SLACK_S = 60
"""Seconds that a clock may be set back without anybody noticing; an auditor allows for more."""


def check_order(connection: Connection, round_id: str, now: datetime) -> None:
    """Raises ClockApart where anything of a round is dated after now, beyond the slack."""
    newest = newest_of(connection, round_id)
    if seconds(now) + SLACK_S < newest:
        raise clock_apart(moment(newest), now, f"of round {round_id}", "this can be done")


def newest_of(connection: Connection, round_id: str) -> int:
    """When the newest was that a round has, seconds since 1970: its opening, an answer, its market, its end."""
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
    return max(each or 0 for each in connection.execute(select(*times)).one())


def clock_apart(newest: datetime, now: datetime, what: str, done: str) -> ClockApart:
    """The refusal of what comes before the newest `what`; `done` says what is possible once that time has come."""
    return ClockApart(
        f"It is {format_time(whole_second(now))} here, and the newest {what} came at "
        f"{format_time(whole_second(newest))}: the coordinator's clock is behind now, or was ahead then. Set it if it "
        f"is wrong; if it is right, {done} when that time has come."
    )
