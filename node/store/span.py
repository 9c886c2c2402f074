"""From when to when the store has sales, and the newest whole month of them."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from privacy.bounds.windows import month_end_after, twelve_months_to

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HOLIDAYS = 3
"""So many days without a sale end a month of any institution: a weekend, a New Year's Eve."""

_USUAL = 3
"""So many quiet spells as long, in the twelve months to the newest sale, make one at a month's end nothing unusual."""


@dataclass(frozen=True)
class Newest:
    """The newest month of which the sales seem whole, by its last day, and what that was told by.

    newest_sale: the day of the newest one that is no later than today; None for an empty store, or where all are later
    left_out: the last day of the month after `end`, which has sales and does not seem whole; None where there is none
    """

    end: date
    newest_sale: date | None
    left_out: date | None


def today(zone: str) -> date:
    """The institution's local day."""
    return datetime.now(ZoneInfo(zone)).date()


def month_end_before(day: date) -> date:
    """The last day of the month before a day's."""
    return date.fromordinal(day.replace(day=1).toordinal() - 1)


def newest_month(connection: "DuckDBPyConnection", now: date) -> Newest:
    """The newest whole month that the store has sales of; for an empty store, the month that is over.

    A month that is not over is never whole, nor is one that no import came after. Else the sales tell: it is whole
    where there are later ones, or where they end as they do otherwise. A spell without sales at the end of the month
    is usual where it is short, where several were as long in the twelve months before, or where the month is the
    first of all: then there is nothing else to show.
    """
    days = [day for (day,) in connection.execute(_DAYS, [now]).fetchall()]
    if not days:
        return Newest(month_end_before(now), None, None)
    last = days[-1]
    end = month_end_after(last)
    if end >= now:
        return Newest(month_end_before(now), last, None)
    if _newest_import(connection, now) > end and _ends_as_usual(days, end):
        return Newest(end, last, None)
    return Newest(month_end_before(last), last, end)


_DAYS = "SELECT DISTINCT ordered_on FROM sales WHERE ordered_on <= ? ORDER BY ordered_on"


def _newest_import(connection: "DuckDBPyConnection", now: date) -> date:
    """The day, in UTC, of the newest import; `now` where none is known, as after an upgrade of the store."""
    ((moment,),) = connection.execute("SELECT max(imported_at) FROM imports").fetchall()
    return now if moment is None else cast("datetime", moment).date()


def _ends_as_usual(days: list[date], end: date) -> bool:
    """Whether no more than usual is missing between the newest of some days with sales and the end of its month."""
    last = days[-1]
    quiet = (end - last).days
    if quiet <= _HOLIDAYS or days[0] > month_end_before(last):
        return True
    year = [day for day in days if day >= twelve_months_to(last).first]
    spells = [(later - earlier).days - 1 for earlier, later in pairwise(year)]
    return sum(spell >= quiet for spell in spells) >= _USUAL


def oldest_day(connection: "DuckDBPyConnection") -> date | None:
    """The day of the oldest sale; None for an empty store."""
    ((first,),) = connection.execute("SELECT min(ordered_on) FROM sales").fetchall()
    return None if first is None else date.fromisoformat(str(first))
