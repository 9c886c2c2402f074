"""Gaps and jumps in the series of sales: days without any, weeks and months that are unlike those around them.

A gap or a jump may be the summer, or an export that was forgotten. Whether the year before had the same is told.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import TypeVar

LEAST_GAP_DAYS = 7
"""Shorter silences are weekends and holidays of a small house."""

UNUSUAL = 3.0
"""A silence is told of where it lasts so many times as long as nearly all others (the 95th of a hundred)."""

WEEKS_AROUND = 4
WEEK_FACTOR, MONTH_FACTOR = 5.0, 2.5
LEAST_TICKETS = 100
"""Weeks and months that are small, and stay small, jump by chance."""

MOST = 12
"""So many of each are told of, the largest ones."""


@dataclass(frozen=True)
class Gap:
    """Days without a sale, both inclusive. `as_before`: there were few or none on these days a year before either."""

    first: date
    last: date
    as_before: bool

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Jump:
    """A week or month with other tickets than `usual`. `as_before`: the year before had the like."""

    unit: str
    first: date
    tickets: int
    usual: float
    as_before: bool


@dataclass(frozen=True)
class Series:
    """Gaps and jumps, in the order of time."""

    gaps: tuple[Gap, ...] = ()
    jumps: tuple[Jump, ...] = ()


Found = TypeVar("Found", Gap, Jump)


def examine(days: Mapping[date, tuple[int, int]]) -> Series:
    """Looks at orders and tickets by day; days without a sale are not in it."""
    if not days:
        return Series()
    tickets = {day: count for day, (_, count) in days.items()}
    gaps = _gaps(sorted(tickets))
    weeks = [jump for jump in _weeks(tickets) if not _silent(jump.first + timedelta(3), gaps)]
    months = [
        jump
        for jump in _months(tickets)
        if not (_silent(jump.first + timedelta(14), gaps) or _silent(_year_before(jump.first) + timedelta(14), gaps))
    ]
    return Series(gaps, (*weeks, *months))


def _silent(middle: date, gaps: Sequence[Gap]) -> bool:
    """Whether the middle of a week or a month lies in a gap, which is told of already."""
    return any(gap.first <= middle <= gap.last for gap in gaps)


def _gaps(days: Sequence[date]) -> tuple[Gap, ...]:
    there = set(days)
    silences = [(one, other) for one, other in pairwise(days) if (other - one).days > 1]
    lengths = sorted((other - one).days - 1 for one, other in pairwise(days))
    usual = lengths[int(0.95 * (len(lengths) - 1))] if lengths else 0
    longest = max(LEAST_GAP_DAYS, UNUSUAL * usual)
    found = [
        Gap(one + timedelta(1), other - timedelta(1), _silent_before(one, other, there, days[0]))
        for one, other in silences
        if (other - one).days - 1 >= longest
    ]
    return _largest(found, lambda gap: gap.days)


def _silent_before(one: date, other: date, there: set[date], first: date) -> bool:
    """Whether a year before, give or take the weekday, fewer than one day in seven of a gap had sales."""
    inside = [one + timedelta(1 + place - 364) for place in range((other - one).days - 1)]
    return inside[0] >= first and sum(day in there for day in inside) * 7 <= len(inside)


def _weeks(tickets: Mapping[date, int]) -> list[Jump]:
    """Whole weeks, from Monday, beside the median of the four before and the four after."""
    sums = _sums(tickets, lambda day: day - timedelta(day.weekday()))
    found = []
    for week, count in sums.items():
        around = [sums[week + timedelta(7 * off)] for off in _around(week, sums)]
        if len(around) < WEEKS_AROUND:
            continue
        usual = median(around)
        if _jumps(count, usual, WEEK_FACTOR):
            before = sums.get(week - timedelta(364))
            found.append(
                Jump("week", week, count, usual, before is not None and not _jumps(count, before, WEEK_FACTOR))
            )
    return list(_largest(found, _size))


def _around(week: date, sums: Mapping[date, int]) -> list[int]:
    return [off for off in range(-WEEKS_AROUND, WEEKS_AROUND + 1) if off and week + timedelta(7 * off) in sums]


def _months(tickets: Mapping[date, int]) -> list[Jump]:
    """Whole months beside the same month a year before."""
    sums = _sums(tickets, lambda day: day.replace(day=1))
    whole = sorted(sums)[1:-1]
    ratios = {month: (sums[month], sums[_year_before(month)]) for month in whole if _year_before(month) in sums}
    found = [
        Jump("month", month, now, before, as_before=False)
        for month, (now, before) in ratios.items()
        if _jumps(now, before, MONTH_FACTOR)
    ]
    return list(_largest(found, _size))


def _year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def _sums(tickets: Mapping[date, int], begin: Callable[[date], date]) -> dict[date, int]:
    """Tickets by week or month, also of those without any between the first and the last."""
    sums: dict[date, int] = defaultdict(int)
    first, last = min(tickets), max(tickets)
    for place in range((last - first).days + 1):
        day = first + timedelta(place)
        sums[begin(day)] += tickets.get(day, 0)
    return dict(sums)


def _jumps(count: float, usual: float, factor: float) -> bool:
    if max(count, usual) < LEAST_TICKETS:
        return False
    return count > factor * usual or count * factor < usual


def _size(jump: Jump) -> float:
    return abs(jump.tickets - jump.usual)


def _largest(found: Sequence[Found], size: Callable[[Found], float]) -> tuple[Found, ...]:
    return tuple(sorted(sorted(found, key=size)[-MOST:], key=lambda each: each.first))
