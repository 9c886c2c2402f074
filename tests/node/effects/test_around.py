"""Which periods are before an event, and which after."""

from datetime import date

import pytest

from node.effects.around import around
from node.kpis.windows import Named, Period


def labels(periods: tuple[Named, ...]) -> list[str]:
    return [each.label for each in periods]


def test_what_lasts_from_the_first_of_a_month_is_followed_for_three() -> None:
    found = around(date(2025, 3, 1), None, Period.MONTH, 4, None)
    assert labels(found.before) == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert labels(found.after) == ["2025-03", "2025-04", "2025-05"]
    assert not found.partly


def test_the_month_in_which_something_lasting_began_is_on_neither_side() -> None:
    found = around(date(2025, 3, 15), None, Period.MONTH, 2, 2)
    assert labels(found.before) == ["2025-01", "2025-02"]
    assert labels(found.after) == ["2025-04", "2025-05"]
    assert labels(found.partly) == ["2025-03"]


@pytest.mark.parametrize(
    ("on", "until", "after", "partly"),
    [
        (date(2025, 3, 1), date(2025, 3, 31), ["2025-03"], []),
        (date(2025, 3, 10), date(2025, 3, 20), ["2025-03"], ["2025-03"]),
        (date(2025, 3, 10), date(2025, 5, 31), ["2025-03", "2025-04", "2025-05"], ["2025-03"]),
        (date(2024, 2, 29), date(2024, 3, 1), ["2024-02", "2024-03"], ["2024-02", "2024-03"]),
        (date(2025, 12, 1), date(2026, 1, 31), ["2025-12", "2026-01"], []),
    ],
)
def test_what_ends_is_followed_as_long_as_it_lasts(on: date, until: date, after: list[str], partly: list[str]) -> None:
    found = around(on, until, Period.MONTH, 3, None)
    assert labels(found.after) == after
    assert labels(found.partly) == partly
    assert found.before[-1].window.last < on


def test_what_ends_can_be_followed_longer() -> None:
    found = around(date(2025, 3, 1), date(2025, 3, 31), Period.MONTH, 2, 4)
    assert labels(found.after) == ["2025-03", "2025-04", "2025-05", "2025-06"]
    assert not found.partly


def test_quarters() -> None:
    found = around(date(2025, 4, 1), None, Period.QUARTER, 2, None)
    assert (labels(found.before), labels(found.after)) == (["2024-Q4", "2025-Q1"], ["2025-Q2"])
    found = around(date(2025, 5, 20), None, Period.QUARTER, 4, 2)
    assert labels(found.before) == ["2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"]
    assert (labels(found.partly), labels(found.after)) == (["2025-Q2"], ["2025-Q3", "2025-Q4"])
