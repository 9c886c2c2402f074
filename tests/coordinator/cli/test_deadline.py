"""Deadlines as people and programs write them."""

from datetime import UTC, datetime

import click
import pytest

from coordinator.cli.output import Deadline


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC)),
        ("2026-07-31", datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 11, 0, tzinfo=UTC)),
        ("2026-01-31T12:00:05", datetime(2026, 1, 31, 11, 0, 5, tzinfo=UTC)),
        ("2026-01-31T12:00:05Z", datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)),
        ("2026-01-31T12:00+02:00", datetime(2026, 1, 31, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_norwegian_time_where_no_zone_is_written(text: str, moment: datetime) -> None:
    assert Deadline().convert(text, None, None) == moment


@pytest.mark.parametrize(
    "text", ["soon", "2026-02-30", "2026-W05-1T12:00", "2026-01-31T25:00", "2026-01-31 12:00Z", ""]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(click.BadParameter, match="2026-01-31T12:00"):
        Deadline().convert(text, None, None)
