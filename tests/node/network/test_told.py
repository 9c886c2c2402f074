"""What is kept and shown of the coordinator's word on a round, whatever it says."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.home import Home
from node.network import rounds
from node.network.told import LONGEST_REASON, STATES, Told, checked
from tests.node.network.test_rounds import NETWORK, OPENED, announcement, home, taken

__all__ = ["home"]  # a fixture

LATER = OPENED + timedelta(days=21)


@given(st.sampled_from(sorted(STATES)), st.text(max_size=LONGEST_REASON + 20))
def test_what_is_shown_can_steer_no_terminal_and_is_not_long(state: str, reason: str) -> None:
    told = checked(state, reason)
    assert told is not None
    assert told.state == state
    if told.reason is not None:
        assert state == "aborted"
        assert told.reason == reason
        assert reason.isprintable()
        assert 0 < len(reason) <= LONGEST_REASON


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "   ",
        "x" * (LONGEST_REASON + 1),
        "a\x1b[2Jb",
        "two\nlines",
        "a\tb",
        "right\u202eleft",
        "no\u200bwidth",
        None,
        5,
    ],
    ids=ascii,
)
def test_a_reason_that_cannot_be_shown_is_left_out_whole(reason: object) -> None:
    assert checked("aborted", reason) == Told("aborted", None)
    assert checked("aborted", reason) != checked("aborted", "Ærlig grunn, på norsk: – «ja».")


@pytest.mark.parametrize(
    "state", ["", "open ", "OPEN", "done", "\x1b", None, 3, "x" * 10_000], ids=lambda each: ascii(each)[:9]
)
def test_a_state_that_there_is_not_is_not_kept(home: Home, state: str) -> None:
    known = rounds.note_told(home, taken(home, announcement(home)), "open", "")
    assert rounds.note_told(home, known, state, "why") == known
    assert rounds.find(home, NETWORK, known.name).told == Told("open", None)


def test_the_last_word_is_kept_and_a_round_that_is_over_is_missed_before_its_deadline(home: Home) -> None:
    known = taken(home, announcement(home))
    assert known.told is None
    for state, status in (
        ("open", "waiting"),
        ("closed", "missed"),
        ("collecting", "waiting"),
        ("published", "missed"),
    ):
        assert rounds.note_told(home, known, state, "").told == Told(state, None)
        found = rounds.find(home, NETWORK, known.name)
        assert (found.told, found.status(OPENED)) == (Told(state, None), status)
    rounds.decide(home, known.name, rounds.APPROVED)
    assert rounds.find(home, NETWORK, known.name).status(OPENED) == "missed"
    rounds.mark_sent(home, known.name, "ab" * 32)
    rounds.note_told(home, known, "aborted", "a wrong window")
    found = rounds.find(home, NETWORK, known.name)
    assert (found.status(OPENED), found.told) == ("sent", Told("aborted", "a wrong window"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"state": "aborted"}', b'{"state": 3, "reason": null}', b"\xff"]
)
def test_a_damaged_note_is_as_good_as_none(home: Home, content: bytes) -> None:
    """Unlike a damaged decision: nothing rests on it, and the coordinator says it again."""
    known = rounds.note_told(home, taken(home, announcement(home)), "closed", "")
    (home.path / "rounds" / known.name / "told").write_bytes(content)
    found = rounds.find(home, NETWORK, known.name)
    assert (found.told, found.status(OPENED), found.status(LATER)) == (None, "waiting", "missed")


def test_the_same_word_again_writes_nothing(home: Home, tmp_path: Path) -> None:
    known = rounds.note_told(home, taken(home, announcement(home)), "open", "")
    file = home.path / "rounds" / known.name / "told"
    before = file.stat().st_mtime_ns, file.stat().st_ino
    assert rounds.note_told(home, known, "open", "") == known
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_an_aborted_round_is_quoted_and_not_spoken_for() -> None:
    assert Told("aborted", "Two tills were missing.").ended("npu.example") == (
        'aborted by npu.example: "Two tills were missing"'
    )
    assert Told("aborted", None).ended("npu.example") == "aborted by npu.example, without a reason that can be shown"
