"""Windows of the own figures beyond S12 and F12: any days, what came before them, and the periods of a series."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from privacy.bounds.windows import Window, months_before, twelve_months_to

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""No ticketing system has sales before or after, and the calendar has room for the years on either side."""

_SEASON_BEGINS = 8
"""A season is August to July."""


class Period(StrEnum):
    """What a series goes by."""

    MONTH = "month"
    QUARTER = "quarter"
    SEASON = "season"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months one of them has."""
        return {"month": 1, "quarter": 3, "season": 12, "year": 12}[self.value]


@dataclass(frozen=True)
class Named:
    """A period of a series: 2025-03, 2025-Q1, 2024/25 or 2025, and its days."""

    label: str
    window: Window


def is_twelve_months(window: Window) -> bool:
    """Whether a window has exactly twelve months: only then there are lost customers, retention and lifetime value."""
    return window == twelve_months_to(window.last)


def before(window: Window) -> Window:
    """The twelve months before a window, however long that is: F12, where the window is an S12."""
    return twelve_months_to(window.first - timedelta(days=1))


def year_earlier(window: Window) -> Window:
    """The same days of the year before, which ends where the window begins if that has twelve months."""
    return Window(
        months_before(window.first, 12), months_before(window.last + timedelta(days=1), 12) - timedelta(days=1)
    )


def periods(by: Period, span: Window) -> list[Named]:
    """The periods that lie whole within some days, oldest first."""
    found = []
    first = begin(by, span.first)
    while (last := _end(by, first)) <= span.last:
        if first >= span.first:
            found.append(Named(_label(by, first), Window(first, last)))
        first = last + timedelta(days=1)
    return found


def begin(by: Period, day: date) -> date:
    """The first day of the period in which a day lies."""
    if by is Period.SEASON:
        return date(day.year - (day.month < _SEASON_BEGINS), _SEASON_BEGINS, 1)
    return date(day.year, (day.month - 1) // by.months * by.months + 1, 1)


def _end(by: Period, first: date) -> date:
    year, month = divmod(first.year * 12 + first.month - 2 + by.months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def _label(by: Period, first: date) -> str:
    match by:
        case Period.MONTH:
            return f"{first:%Y-%m}"
        case Period.QUARTER:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case Period.SEASON:
            return f"{first.year}/{(first.year + 1) % 100:02d}"
        case Period.YEAR:
            return f"{first.year}"
