"""Which months or quarters lie before an event, and which after it."""

from dataclasses import dataclass
from datetime import date, timedelta

from node.kpis.windows import Named, Period, begin, periods
from privacy.bounds.windows import Window, months_before


@dataclass(frozen=True)
class Around:
    """Periods before and after an event's first day, each oldest first. `partly`: those that it covers in part alone.

    Of an event that has ended, the periods that it touches are among those after, though it did not last all of them.
    Of one that lasts, the period in which it began is left out unless it began on its first day: half of it is before.
    """

    before: tuple[Named, ...]
    after: tuple[Named, ...]
    partly: tuple[Named, ...]


def around(on: date, until: date | None, by: Period, before: int, after: int | None) -> Around:
    """The periods around an event.

    before, after: how many; after None is for one that has ended as many as it touches, and otherwise three months.
    """
    first = begin(by, on)
    start = first
    if until is None and first != on:
        start = _next(by, first)
    if after is None:
        last = until if until is not None else start
        number = _count(by, start, last) if until is not None else 3 // by.months
    else:
        number = after
    later = _run(by, start, number)
    earlier = _run(by, months_before(first, before * by.months), before)
    touched = [each for each in later if until is not None and _partly(each.window, on, until)]
    halves = [] if start == first else _run(by, first, 1)
    return Around(tuple(earlier), tuple(later), (*halves, *touched))


def _partly(window: Window, on: date, until: date) -> bool:
    touched = on <= window.last and until >= window.first
    return touched and (on > window.first or until < window.last)


def _count(by: Period, first: date, last: date) -> int:
    """How many periods from the one that begins on a day to the one with the last day."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months // by.months + 1


def _run(by: Period, first: date, number: int) -> list[Named]:
    end = months_before(first, -number * by.months) - timedelta(days=1)
    return periods(by, Window(first, end))


def _next(by: Period, first: date) -> date:
    return months_before(first, -by.months)
