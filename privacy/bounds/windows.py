"""The windows of studies: S12, the twelve months up to a day, F12, the twelve months before, and calendar quarters."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Period = Literal["year", "quarter"]
"""How long a study's window is: twelve months, or a quarter of the calendar."""


@dataclass(frozen=True)
class Window:
    """Whole local days, first and last included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier; where that month lacks the day, the first of the next."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    if day.day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day.day)
    return months_before(date(day.year, day.month, 1), months - 1)


def twelve_months_to(last: date) -> Window:
    """S12 for a last day: the twelve months that end with it."""
    return Window(months_before(last + timedelta(days=1), 12), last)


def year_before(window: Window) -> Window:
    """F12 for an S12: the twelve months that end the day before it begins."""
    return twelve_months_to(window.first - timedelta(days=1))


def quarter_to(last: date) -> Window:
    """The three months that end with a day; a quarter of the calendar where that is the last day of one."""
    return Window(months_before(last + timedelta(days=1), 3), last)


def window_of(period: Period, last: date) -> Window:
    """The window of a study that ends on a day."""
    return twelve_months_to(last) if period == "year" else quarter_to(last)


def is_quarter_end(day: date) -> bool:
    """Whether a day is the last of March, June, September or December."""
    return is_month_end(day) and day.month % 3 == 0


def is_month_end(day: date) -> bool:
    """Whether a day is the last of its month, as the windows of releases must be."""
    return (day + timedelta(days=1)).day == 1


def month_end_after(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
