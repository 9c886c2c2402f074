"""From when to when the store has sales, and the newest whole month of them."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from privacy.bounds.windows import is_month_end

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def today(zone: str) -> date:
    """The institution's local day."""
    return datetime.now(ZoneInfo(zone)).date()


def month_end_before(day: date) -> date:
    """The last day of the month before a day's."""
    return date.fromordinal(day.replace(day=1).toordinal() - 1)


def newest_month_end(connection: "DuckDBPyConnection", now: date) -> date:
    """The end of the newest whole month that the store has sales of; for an empty store, of the past."""
    ((last,),) = connection.execute("SELECT max(ordered_on) FROM sales").fetchall()
    if last is None or last >= now:
        return month_end_before(now)
    return last if is_month_end(last) else month_end_before(last)


def oldest_day(connection: "DuckDBPyConnection") -> date | None:
    """The day of the oldest sale; None for an empty store."""
    ((first,),) = connection.execute("SELECT min(ordered_on) FROM sales").fetchall()
    return None if first is None else date.fromisoformat(str(first))
