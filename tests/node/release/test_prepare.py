"""Which windows a release may have."""

from datetime import date

import pytest

from node.errors import UsageError
from node.release.prepare import newest_window, quarter_end_before, release_window
from privacy.bounds.windows import Period

NOW = date(2026, 11, 22)


def test_whole_months_and_quarters_that_are_over() -> None:
    assert str(release_window(date(2026, 10, 31), NOW)) == "2025-11-01/2026-10-31"
    assert str(release_window(date(2024, 2, 29), NOW, "year")) == "2023-03-01/2024-02-29"
    assert str(release_window(date(2026, 9, 30), NOW, "quarter")) == "2026-07-01/2026-09-30"


@pytest.mark.parametrize(
    ("last", "period", "said"),
    [
        (date(2026, 10, 30), "year", "not the last day"),
        (date(2026, 11, 30), "year", "newest whole month ends on 2026-10-31"),
        (date(2026, 10, 31), "quarter", "newest quarter that is over ends on 2026-09-30"),
        (date(2026, 9, 29), "quarter", "newest quarter that is over ends on 2026-09-30"),
        (date(2026, 12, 31), "quarter", "newest whole quarter ends on 2026-09-30"),
    ],
)
def test_another_day_is_refused_with_what_to_do(last: date, period: Period, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        release_window(last, NOW, period)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), date(2023, 12, 31)),
    ],
)
def test_the_newest_quarter(now: date, ends: date) -> None:
    assert quarter_end_before(now) == ends
    assert newest_window(now, "quarter") == release_window(ends, now, "quarter")
    assert newest_window(now, "year").last < now
