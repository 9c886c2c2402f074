"""Numbers, moments and names as they are printed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.terminal.wording import count, json_time, percent, printable, things, utc


@given(st.integers())
def test_a_count_reads_back_and_has_a_space_every_third_digit(number: int) -> None:
    assert int(count(number).replace(" ", "")) == number
    assert all(len(group) == 3 for group in count(number).split(" ")[1:])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (things(1, "entry", "entries"), "1 entry"),
        (things(2, "entry", "entries"), "2 entries"),
        (things(0, "member"), "0 members"),
        (things(1200, "member"), "1 200 members"),
    ],
)
def test_a_noun_follows_its_number(said: str, expected: str) -> None:
    assert said == expected


def test_a_share_is_in_per_cent_and_a_dash_where_there_is_none() -> None:
    assert (percent(0.125), percent(0.125, 1), percent(None)) == ("12 %", "12.5 %", "–")


def test_a_moment_is_written_for_people_and_for_programs() -> None:
    moment = datetime(2026, 1, 31, 11, 5, 7, tzinfo=UTC)
    assert (utc(moment), json_time(moment)) == ("2026-01-31 11:05 UTC", "2026-01-31T11:05:07Z")
    assert (utc(None), json_time(None)) == ("–", None)


@given(st.text())
def test_nothing_printed_steers_a_terminal(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert shown == text or not text.replace("\n", "").isprintable()
