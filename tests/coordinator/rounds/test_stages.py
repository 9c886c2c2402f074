"""What a round of cross-use takes, moment by moment: nothing while its market is still to be made."""

from datetime import timedelta

import pytest

from coordinator.cross_use import markets
from coordinator.errors import StaleStage
from coordinator.office import Office
from coordinator.rounds import submissions
from coordinator.rounds.stages import Stage, stage_at
from privacy.rounds.states import LIVE, State
from tests.coordinator.cross_use.house import SKETCHES_UNTIL, a_cross_round, members, put, sealed, sketched
from tests.coordinator.house import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("state", sorted(LIVE))
def test_a_live_round_takes_sketches_until_their_deadline_and_counts_from_its_market_on(state: State) -> None:
    def found(seconds: int, *, has_market: bool) -> Stage | None:
        return stage_at(state, SKETCHES_UNTIL, has_market=has_market, now=SKETCHES_UNTIL + seconds * SECOND)

    assert [found(at, has_market=False) for at in (-9, -1, 0, 1)] == [Stage.SKETCH, Stage.SKETCH, None, None]
    assert {found(at, has_market=True) for at in (-9, -1, 0, 1)} == {Stage.COUNT}


def test_other_rounds_and_those_that_are_over_have_no_stage() -> None:
    for has_market in (False, True):
        assert {stage_at(state, None, has_market=has_market, now=NOW) for state in State} == {None}
        over = set(State) - LIVE
        assert {stage_at(state, SKETCHES_UNTIL, has_market=has_market, now=NOW) for state in over} == {None}


def test_members_and_the_operator_are_told_what_is_refused(office: Office) -> None:
    """Whether sketches are taken is said as it is done, in every place."""
    aker, bryggen, late = members(office, "aker", "bryggen", "late")
    a_cross_round(office, "cross")
    for member in (aker, bryggen):
        who = sketched(office, member)
        put(office, who, "cross", sealed(office, who, "cross"))
    mine = sketched(office, late)

    def told(now: timedelta) -> tuple[Stage | None, Stage | None]:
        (own,) = submissions.rounds_of(office.store, late.caller, SKETCHES_UNTIL + now)
        answers = submissions.answers(office.store, "cross", SKETCHES_UNTIL + now)
        return own.stage, next(each.late_for for each in answers if each.member == late.id)

    assert told(-SECOND) == (Stage.SKETCH, None)
    assert told(0 * SECOND) == (None, Stage.SKETCH)
    with pytest.raises(StaleStage, match="no sketches any more"):
        put(office, mine, "cross", sealed(office, mine, "cross"), SKETCHES_UNTIL)
    markets.form(office, "cross", SKETCHES_UNTIL)
    assert told(0 * SECOND) == (Stage.COUNT, Stage.SKETCH)
