"""The steps between the states of a round: what the store has is where a round stands, whoever was killed.

    open → collecting → closed → published
       ↘        ↘          ↘
                  aborted

`open` has been announced and nobody has answered; `collecting` has an answer; `closed` takes nothing any more and waits
for publication. Published and aborted are final: a correction is a further version of the benchmark, not of the round.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from coordinator.errors import StaleStage, UnknownRound
from coordinator.rounds.order import no_earlier
from coordinator.store.events import note, seconds
from coordinator.store.tables import rounds
from privacy.rounds.states import State

ALLOWED: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.COLLECTING, State.ABORTED}),
    State.COLLECTING: frozenset({State.CLOSED, State.ABORTED}),
    State.CLOSED: frozenset({State.PUBLISHED, State.ABORTED}),
    State.PUBLISHED: frozenset(),
    State.ABORTED: frozenset(),
}
"""The steps that there are."""

_STATE = select(rounds.c.state).where(rounds.c.id == bindparam("round"))


def state_of(connection: Connection, round_id: str) -> State:
    """Where a round stands. Raises UnknownRound."""
    found = connection.execute(_STATE, {"round": round_id}).scalar()
    if found is None:
        raise unknown(round_id)
    return State(found)


def step(connection: Connection, round_id: str, to: State, now: datetime, reason: str | None = None) -> bool:
    """Takes a round one step, in a transaction of its caller's. False where it stands there already: nothing changes.

    Its end is not dated before what it has. Raises UnknownRound, and StaleStage for a step that there is not.
    """
    state = state_of(connection, round_id)
    if state is to:
        return False
    if to not in ALLOWED[state]:
        raise StaleStage(
            f"Round {round_id} is {state}, and so cannot become {to}. See: kudos-coordinator round status {round_id}"
        )
    values: dict[str, str | int | None] = {"state": to}
    if to in (State.CLOSED, State.ABORTED):
        values |= {"ended": seconds(no_earlier(connection, round_id, now)), "reason": reason}
    connection.execute(update(rounds).where(rounds.c.id == round_id).values(**values))
    note(connection, now, f"round.{to}", round_id, reason)
    return True


def unknown(round_id: str) -> UnknownRound:
    """The refusal of a round that there is not."""
    return UnknownRound(f"There is no round {round_id[:64]!r}. Which there are: kudos-coordinator round list")
