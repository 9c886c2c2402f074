"""The state machine of a round, exhaustively."""

from itertools import product

import pytest

from coordinator.errors import StaleStage, UnknownRound
from coordinator.office import Office
from coordinator.rounds.states import ALLOWED, state_of, step
from privacy.rounds.states import State
from tests.coordinator.house import NOW, a_round, contents, joined

WAY = {
    State.OPEN: [],
    State.COLLECTING: [State.COLLECTING],
    State.CLOSED: [State.COLLECTING, State.CLOSED],
    State.PUBLISHED: [State.COLLECTING, State.CLOSED, State.PUBLISHED],
    State.ABORTED: [State.ABORTED],
}
SPECIFIED = {
    ("open", "collecting"),
    ("collecting", "closed"),
    ("closed", "published"),
    ("open", "aborted"),
    ("collecting", "aborted"),
    ("closed", "aborted"),
}


def test_the_steps_are_those_of_the_protocol() -> None:
    assert {(start, to) for start, ends in ALLOWED.items() for to in ends} == SPECIFIED
    assert set(ALLOWED) == set(State)


@pytest.mark.parametrize(("start", "to"), list(product(State, State)))
def test_every_step_is_taken_once_or_refused(office: Office, start: State, to: State) -> None:
    joined(office, "museum")
    name = a_round(office).id
    for way in WAY[start]:
        with office.store.transaction() as connection:
            assert step(connection, name, way, NOW)
    before = contents(office.store)
    if to is not start and (start, to) not in SPECIFIED:
        with pytest.raises(StaleStage), office.store.transaction() as connection:
            step(connection, name, to, NOW)
        assert contents(office.store) == before
        return
    for _ in range(2):
        with office.store.transaction() as connection:
            step(connection, name, to, NOW, "why")
    after = contents(office.store)
    assert len(after["events"]) == len(before["events"]) + (to is not start)
    with office.store.reading() as connection:
        assert state_of(connection, name) is to


def test_a_round_that_nobody_knows(office: Office) -> None:
    with pytest.raises(UnknownRound), office.store.transaction() as connection:
        step(connection, "nothing", State.CLOSED, NOW)
