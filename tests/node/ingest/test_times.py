"""Times agree with Python's own zones, in every form, on both sides of the change of clocks."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ingest.times import times

OSLO = ZoneInfo("Europe/Oslo")
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LOCAL = st.datetimes(datetime(1990, 1, 2), datetime(2037, 1, 1)).map(  # noqa: DTZ001  local times
    lambda moment: moment.replace(microsecond=0)
)
FORMATS = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"]


def one(text: str, formats: list[str] | None = None, zone: str = "Europe/Oslo") -> datetime | str:
    """The moment of a text in UTC, or why it has none."""
    moments, reasons = times(pa.array([text]), FORMATS if formats is None else formats, zone, LATEST)
    if 0 in reasons:
        return reasons[0]
    moment = moments.cast(pa.timestamp("us", "UTC"))[0].as_py()
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)


def exists(local: datetime) -> bool:
    """Whether clocks in Oslo ever showed a time."""
    aware = local.replace(tzinfo=OSLO)
    return aware.astimezone(UTC).astimezone(OSLO).replace(tzinfo=None) == local


@given(LOCAL.filter(exists), st.sampled_from(["iso", "iso with T", "Norwegian"]), st.sampled_from(["", "00", "250000"]))
def test_local_times_are_the_institutions(local: datetime, form: str, fraction: str) -> None:
    text = local.strftime("%d.%m.%Y %H:%M:%S") if form == "Norwegian" else local.isoformat("T" if "T" in form else " ")
    if fraction and form != "Norwegian":
        text += f".{fraction}"
        local += timedelta(microseconds=int(fraction.ljust(6, "0")))
    assert one(text) == local.replace(tzinfo=OSLO).astimezone(UTC)


@given(LOCAL.filter(exists), st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]))
def test_a_format_of_iso_reads_its_own_texts(local: datetime, form: str) -> None:
    text = local.strftime(form)
    assert one(text, [form]) == datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%d %H", "%Y-%m-%d %H:%M:%S"])
def test_a_format_of_iso_reads_no_other_text(form: str) -> None:
    """Then the next one has its turn: here it takes the day for the month."""
    assert one("2025-03-01 12:00", [form, "%Y-%d-%m %H:%M"]) == datetime(2025, 1, 3, 11, tzinfo=UTC)


@given(LOCAL, st.integers(-14 * 4, 14 * 4), st.sampled_from(["iso", "without colon", "Z"]))
def test_times_with_a_zone_are_what_they_say(local: datetime, quarters: int, form: str) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    text = moment.isoformat()
    if form == "without colon":
        text = text[:-3] + text[-2:]
    if form == "Z":
        moment = local.replace(tzinfo=UTC)
        text = local.isoformat() + "Z"
    assert one(text) == moment.astimezone(UTC)


@given(
    st.lists(LOCAL.filter(exists), min_size=1, max_size=5),
    st.lists(st.sampled_from(["x", "2024-02-30", "", "31.04.2024"]), max_size=3),
)
def test_bad_ones_among_many_do_no_harm_to_the_others(good: list[datetime], bad: list[str]) -> None:
    texts = [*bad, *(local.isoformat() for local in good), *bad]
    moments, reasons = times(pa.array(texts), FORMATS, "Europe/Oslo", LATEST)
    assert sorted(reasons) == [place for place, text in enumerate(texts) if text in bad]
    found = moments.cast(pa.timestamp("us", "UTC")).to_pylist()
    expected = [local.replace(tzinfo=OSLO, fold=0).astimezone(UTC) for local in good]
    assert [moment for moment in found if moment is not None] == expected


def test_the_hour_that_stands_twice_is_its_first() -> None:
    assert one("2024-10-27 02:30") == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


def test_an_hour_that_never_was_ends_where_it_would_have() -> None:
    assert one("2024-03-31 02:30") == datetime(2024, 3, 31, 1, 0, tzinfo=UTC)
    assert one("31.03.2024 02:00") == datetime(2024, 3, 31, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["31.02.2024", "29.02.2023 10:00", "31.04.2024", "31.06.2024", "31.09.2024", "31.11.2024 12:00", "2024-02-30"],
)
def test_days_that_no_month_has_are_no_dates(text: str) -> None:
    assert one(text) == "is no date that I know"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0000-00-00 00:00:00", "is no date that I know"),
        ("0000-00-00", "is no date that I know"),
        ("1899-12-30", "lies before 1990"),
        ("01.01.1900", "lies before 1990"),
        ("0001-01-01", "lies before 1990"),
        ("0001-01-01T00:00:00+05:00", "lies before 1990"),
        ("2999-12-31 23:59", "lies in the future"),
        ("9999-12-31T23:59:59-05:00", "lies in the future"),
        ("45321.5", "is no date that I know"),
        ("i går", "is no date that I know"),
        ("", "is no date that I know"),
    ],
)
def test_what_is_no_time_of_a_sale(text: str, reason: str) -> None:
    assert one(text) == reason


def test_the_first_format_that_reads_a_text_counts() -> None:
    assert one("03.04.05", ["%d.%m.%y", "%m.%d.%y"]) == datetime(2005, 4, 2, 22, tzinfo=UTC)


def test_years_of_two_digits_need_a_format_that_says_so() -> None:
    assert one("31.05.14") == "lies before 1990"
    assert one("31.05.14", ["%d.%m.%y"]) == datetime(2014, 5, 30, 22, tzinfo=UTC)


@given(LOCAL.filter(exists))
def test_another_zone(local: datetime) -> None:
    assert one(local.isoformat(), zone="UTC") == local.replace(tzinfo=UTC)
