"""The list of events: kept as said, by its owner alone, and refused in a sentence where it cannot be."""

import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.errors import FileDamaged, UsageError
from node.events.event import LONGEST_NAME, Event, Kind, NoSuchEvent, tidied
from node.events.file import MOST, add, events, file_of, find, remove
from node.home import Home

PREMIERE = Event("Premiere Peer Gynt", date(2025, 3, 1), None, Kind.PREMIERE)
CAMPAIGN = Event("Våren", date(2024, 4, 1), date(2024, 4, 30), Kind.CAMPAIGN, "buses and trams")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_they_come_back_as_they_were_said_oldest_first(home: Home) -> None:
    assert events(home) == ()
    add(home, PREMIERE)
    add(home, CAMPAIGN)
    assert events(home) == (CAMPAIGN, PREMIERE)
    assert stat.S_IMODE(file_of(home).stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in home.path.iterdir()} == {0o600}
    assert remove(home, "VÅREN") == CAMPAIGN
    assert events(home) == (PREMIERE,)


def test_a_name_is_there_once_however_it_is_written(home: Home) -> None:
    add(home, CAMPAIGN)
    before = file_of(home).read_bytes()
    for name in ("våren", "VA\u030aREN"):
        with pytest.raises(UsageError, match="already"):
            add(home, Event(tidied(name), date(2025, 1, 1)))
        assert find(home, name) == CAMPAIGN
    assert file_of(home).read_bytes() == before


def test_an_unknown_name_says_what_there_is(home: Home) -> None:
    for change in (find, remove):
        with pytest.raises(NoSuchEvent, match="None is registered"):
            change(home, "x")
    add(home, PREMIERE)
    with pytest.raises(NoSuchEvent, match="Premiere Peer Gynt"):
        remove(home, "x")
    assert events(home) == (PREMIERE,)


@pytest.mark.parametrize(
    ("name", "on", "until", "note", "says"),
    [
        ("", date(2025, 1, 1), None, "", "1 to 120"),
        ("x" * (LONGEST_NAME + 1), date(2025, 1, 1), None, "", "1 to 120"),
        ("two\nlines", date(2025, 1, 1), None, "", "one line"),
        ("\x1b[31mred", date(2025, 1, 1), None, "", "printable"),
        (" spaced ", date(2025, 1, 1), None, "", "1 to 120"),
        ("x", date(2025, 1, 1), date(2024, 12, 31), "", "later day"),
        ("x", date(1899, 12, 31), None, "", "1900"),
        ("x", date(2025, 1, 1), date(3000, 1, 1), "", "2999"),
        ("x", date(2025, 1, 1), None, "n" * 1001, "1000"),
        ("x", date(2025, 1, 1), None, "a\tb", "one line"),
    ],
)
def test_what_cannot_be_is_refused(name: str, on: date, until: date | None, note: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Event(name, on, until, Kind.OTHER, note)


def test_there_is_an_end_to_the_list(home: Home) -> None:
    add(home, PREMIERE)
    whole = file_of(home).read_text(encoding="utf-8")
    one = whole[whole.index("    {") : whole.rindex("  ]")].rstrip()
    many = ",\n".join(one.replace("Premiere", f"{number}") for number in range(MOST))
    file_of(home).write_text(f'{{"v": 1, "events": [{many}]}}', encoding="utf-8")
    assert len(events(home)) == MOST
    with pytest.raises(UsageError, match="no room"):
        add(home, CAMPAIGN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"v": 2, "events": []}',
        b'{"v": 1, "events": [{"name": "x"}]}',
        b'{"v": 1, "events": [{"name": "x", "on": "2025-02-30", "until": null, "kind": "other", "note": ""}]}',
        b'{"v": 1, "events": [{"name": "x", "on": "2025-02-01", "until": "2025-01-01", "kind": "other", "note": ""}]}',
        b'{"v": 1, "events": [{"name": "x", "on": "2025-02-01", "until": null, "kind": "party", "note": ""}]}',
    ],
)
def test_a_damaged_file_is_said_and_not_written_over(home: Home, content: bytes) -> None:
    file_of(home).write_bytes(content)
    with pytest.raises(FileDamaged, match="backup"):
        events(home)
    with pytest.raises(FileDamaged):
        add(home, PREMIERE)
    assert file_of(home).read_bytes() == content


@given(
    st.text(max_size=40),
    st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    st.none() | st.integers(0, 400),
    st.sampled_from(Kind),
    st.text(max_size=60),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_whatever_is_taken_comes_back(home: Home, name: str, on: date, days: int | None, kind: Kind, note: str) -> None:
    until = None if days is None else date.fromordinal(min(on.toordinal() + days, date(2999, 12, 31).toordinal()))
    try:
        event = Event(tidied(name), on, until, kind, tidied(note))
    except UsageError:
        return
    add(home, event)
    assert find(home, name) == event
    assert remove(home, name) == event
