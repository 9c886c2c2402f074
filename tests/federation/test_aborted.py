"""A round that the coordinator ends early: what its members are told, and what they are kept from doing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coordinator.rounds.rounds import abort, announcement, close
from node.membership.settings import membership
from node.network import rounds
from privacy.rounds.states import LONGEST_REASON
from tests.federation.house import Federation, agree_by_itself, good, now, spent, submitted
from tests.federation.liar import Stage, lying

WHO = "fjord"
WHY = "Two tills were missing."


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    with lying(joined.copied(tmp_path / "federation")) as found:
        found.open_round("round")
        yield found


def _shown(stage: Stage) -> tuple[dict[str, Any], str]:
    """The one round at the member: for programs, and what people read, wherever its lines are broken."""
    node = stage.federation.node(WHO)
    (listed,) = good(node("rounds", "--json")).json["rounds"]
    return listed, " ".join(good(node("rounds")).out.split())


def test_a_member_that_waits_is_told_once_and_from_then_on_shown_why(stage: Stage) -> None:
    stage.turn(WHO)
    listed, shown = _shown(stage)
    assert (listed["status"], listed["state"], listed["reason"]) == ("waiting", "open", None)
    assert "kudos-node" in shown
    stage.federation.coordinator.good("round", "abort", "round", "--reason", WHY)
    done = stage.turn(WHO)
    assert done.did == ['round round was aborted by npu.example: "Two tills were missing"']
    assert (done.waiting, done.faults) == ([], [])
    assert stage.turn(WHO).did == []
    listed, shown = _shown(stage)
    assert (listed["status"], listed["state"], listed["reason"]) == ("missed", "aborted", WHY)
    assert shown.count("aborted") == 2
    assert "missed" not in shown
    assert 'aborted by npu.example: "Two tills were missing".' in shown
    assert "review" not in shown  # nothing waits any more
    assert "paid for" not in shown


@pytest.mark.parametrize("told_before", [True, False], ids=["told before", "not told before"])
def test_approve_refuses_with_the_reason_and_spends_nothing(stage: Stage, *, told_before: bool) -> None:
    stage.turn(WHO)
    abort(stage.office.store, "round", WHY, now())
    if told_before:
        stage.turn(WHO)
    stage.heard.clear()
    ended = stage.federation.node(WHO)("approve", "round", "--yes", "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (3, "ROUND_OVER")
    assert "Two tills were missing" in ended.json["error"]["message"]
    assert "Nothing was spent." in ended.json["error"]["message"]
    assert "Submit" not in stage.heard
    assert spent(stage.federation.home(WHO)) == []
    assert _shown(stage)[0]["reason"] == WHY  # learnt on the way


def test_an_agent_that_needs_nobody_sends_nothing_to_it(stage: Stage) -> None:
    agree_by_itself(stage.federation.home(WHO))
    abort(stage.office.store, "round", WHY, now())
    assert "aborted" in stage.turn(WHO).did[0]
    assert "Submit" not in stage.heard
    assert spent(stage.federation.home(WHO)) == []


def test_what_was_sent_stays_paid_for(stage: Stage) -> None:
    """And goes, for free, into another round of the same months."""
    agree_by_itself(stage.federation.home(WHO))
    stage.turn(WHO)
    before = spent(stage.federation.home(WHO))
    assert len(before) == 1
    abort(stage.office.store, "round", WHY, now())
    stage.turn(WHO)
    listed, shown = _shown(stage)
    assert (listed["status"], listed["state"], listed["reason"]) == ("sent", "aborted", WHY)
    assert "sent, aborted" in shown
    assert "What you sent stays paid for" in shown
    ended = stage.federation.node(WHO)("approve", "round", "--yes", "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (3, "ROUND_OVER")
    assert "another round of the same study and months" in ended.json["error"]["message"]
    stage.open_round("again")
    assert stage.turn(WHO).did == ["round again: the release was sent"]
    assert spent(stage.federation.home(WHO)) == before
    assert submitted(stage.federation.coordinator, "again") == submitted(stage.federation.coordinator, "round")


@pytest.mark.parametrize("words", [("approve", "round", "--yes"), ("decline", "round")], ids=lambda words: words[0])
def test_where_nobody_answers_no_word_on_a_round_that_is_known_to_be_aborted_is_kept(
    stage: Stage, tmp_path: Path, words: tuple[str, ...]
) -> None:
    stage.turn(WHO)
    abort(stage.office.store, "round", WHY, now())
    stage.turn(WHO)
    away = stage.federation.copied(tmp_path / "away")
    ended = away.node(WHO)(*words, "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (3, "ROUND_OVER")
    assert "Two tills were missing" in ended.json["error"]["message"]
    assert not (away.folder / WHO / "rounds" / "round" / "decision").exists()


@pytest.mark.parametrize("state", ["closed", "published"])
def test_a_round_that_is_over_is_shown_as_such(stage: Stage, state: str) -> None:
    stage.turn(WHO)

    def lie(answer: Any) -> Any:
        answer.rounds[0].state = state
        return answer

    stage.lies["ListRounds"] = lie
    assert stage.turn(WHO).did == []
    listed, shown = _shown(stage)
    assert (listed["status"], listed["state"], listed["reason"]) == ("missed", state, None)
    assert f"missed, {state}" in shown
    ended = stage.federation.node(WHO)("approve", "round", "--yes", "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (3, "ROUND_OVER")
    assert f"is {state} at the coordinator" in ended.json["error"]["message"]


_REASONS = {
    "a terminal is steered": "gone\x1b[2J\x1b[1;1Hkudos-node approve other",
    "two lines": "one\ntwo",
    "read from the right": "a\u202eb",
    "too long": "x" * (LONGEST_REASON + 1),
    "as long as a message": "x" * 1_000_000,
    "none": "",
}


@pytest.mark.parametrize("reason", _REASONS.values(), ids=_REASONS)
def test_a_reason_that_cannot_be_shown_is_not_kept_and_the_end_is_told_all_the_same(stage: Stage, reason: str) -> None:
    stage.turn(WHO)
    _says(stage, "aborted", reason)
    done = stage.turn(WHO)
    assert done.did == ["round round was aborted by npu.example, without a reason that can be shown"]
    assert done.faults == []
    listed, shown = _shown(stage)
    assert (listed["state"], listed["reason"]) == ("aborted", None)
    assert "without a reason that can be shown." in shown
    kept = (stage.federation.folder / WHO / "rounds" / "round" / "told").read_bytes()
    assert len(kept) < 200
    ended = stage.federation.node(WHO)("approve", "round", "--yes")
    assert ended.status == 3
    assert ended.err.strip().isprintable()
    assert len(ended.err) < 400


def test_the_longest_reason_that_the_coordinator_takes_is_shown_whole(stage: Stage) -> None:
    why = ("Å" * 49 + " ") * (LONGEST_REASON // 50 - 1) + "Ø" * 50
    assert len(why) == LONGEST_REASON
    stage.federation.coordinator.good("round", "abort", "round", "--reason", why)
    stage.turn(WHO)
    listed, shown = _shown(stage)
    assert listed["reason"] == why
    assert why in shown


def test_a_state_that_there_is_not_is_neither_kept_nor_shown_nor_answered(stage: Stage) -> None:
    agree_by_itself(stage.federation.home(WHO))
    _says(stage, "\x1b]0;open", "why")
    assert stage.turn(WHO).did == []
    listed, shown = _shown(stage)
    assert (listed["status"], listed["state"], listed["reason"]) == ("waiting", None, None)
    assert "why" not in shown
    ended = stage.federation.node(WHO)("approve", "round", "--yes")
    assert ended.status == 3
    assert ended.err.strip().isprintable()
    assert spent(stage.federation.home(WHO)) == []


def test_a_reason_of_a_round_that_goes_on_is_not_shown(stage: Stage) -> None:
    _says(stage, "open", "send your figures by e-mail instead")
    stage.turn(WHO)
    listed, shown = _shown(stage)
    assert (listed["state"], listed["reason"]) == ("open", None)
    assert "e-mail" not in shown


def _says(stage: Stage, state: str, reason: str) -> None:
    def lie(answer: Any) -> Any:
        answer.rounds[0].state = state
        answer.rounds[0].reason = reason
        return answer

    stage.lies["ListRounds"] = lie


def test_what_is_paid_for_is_never_said_to_have_cost_nothing(stage: Stage) -> None:
    """Paid for in a round that was aborted, and asked for by another that closed before it was sent there."""
    agree_by_itself(stage.federation.home(WHO))
    stage.turn(WHO)
    before = spent(stage.federation.home(WHO))
    assert len(before) == 1
    abort(stage.office.store, "round", WHY, now())
    stage.open_round("again")
    stage.lies["Submit"] = _unconfirmed
    assert [fault.reason for fault in stage.turn(WHO).faults] == ["COORDINATOR_CONTRADICTS"]
    close(stage.office.store, "again", now() + timedelta(days=2))
    del stage.lies["Submit"]
    ended = good(stage.federation.node(WHO)("approve", "again", "--yes", "--json"))
    assert (ended.json["status"], ended.json["already"]) == ("sent", True)
    assert "Nothing was spent" not in ended.out + ended.err
    assert spent(stage.federation.home(WHO)) == before


def test_a_closed_round_that_never_got_what_is_paid_for_refuses_it_in_its_own_words(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    agree_by_itself(home)
    stage.turn(WHO)
    before = spent(home)
    abort(stage.office.store, "round", WHY, now())
    stage.open_round("again")
    known = rounds.take_in(home, membership(home), announcement(stage.office.store, "again"), live=True)
    assert known.name == "again"
    close(stage.office.store, "again", now() + timedelta(days=2))
    ended = stage.federation.node(WHO)("approve", "again", "--yes", "--json")
    assert "ROUND_CLOSED" in ended.json["error"]["message"]
    assert "Nothing was spent" not in ended.out + ended.err
    assert spent(home) == before


def _unconfirmed(answer: Any) -> Any:
    answer.release_digest = "00" * 32
    return answer
