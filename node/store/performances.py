"""The events of the store as figures need them: local day and time of day, genre, and seats on sale."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from node.store.frames import Keeper, table
from node.store.genres import harmonised
from privacy.bounds.frames import Frame
from privacy.catalogue.dimensions import DAYPART, DAYPART_FIRST_HOURS, GENRE, UNKNOWN, WEEKDAY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SCHEMA = pa.schema(
    [("event_no", pa.int64()), ("start_on", pa.date32())]
    + [(name, pa.int64()) for name in ("weekday", "daypart", "genre")]
    + [("own_genre", pa.string()), ("capacity", pa.int64()), ("cancelled", pa.bool_())]
)


_STARTS = pa.schema(
    [("event_start", pa.timestamp("us")), ("start_on", pa.date32()), ("weekday", pa.int64()), ("daypart", pa.int64())]
)


@dataclass(frozen=True)
class Performance:
    """One event. Day and time are local; weekday, daypart and genre are categories; `own_genre` is as it was told."""

    event_no: int
    start_on: date | None
    weekday: int
    daypart: int
    genre: int
    own_genre: str | None
    capacity: int | None
    cancelled: bool


def performances(connection: "DuckDBPyConnection", zone: str) -> list[Performance]:
    """The events of the store; `zone` names the institution's time zone."""
    found = connection.execute(
        "SELECT event_no, genre, event_start, capacity, cancelled FROM performances ORDER BY event_no"
    ).fetchall()
    local = ZoneInfo(zone)
    genres = {genre: GENRE.categories.index(harmonised(genre)) for genre in {genre for _, genre, *_ in found}}
    return [
        Performance(event_no, *_when(start, local), genres[genre], genre, capacity, cancelled)
        for event_no, genre, start, capacity, cancelled in found
    ]


def framed(connection: "DuckDBPyConnection", events: Iterable[Performance], keep: Keeper) -> Frame:
    """Events as a frame of the connection, with the columns of a `Performance`."""
    return _kept(connection, pa.Table.from_pylist([asdict(event) for event in events], schema=_SCHEMA), keep)


def starts(connection: "DuckDBPyConnection", zone: str, keep: Keeper) -> Frame:
    """When performances start that something was sold of: event_start in UTC, with its local day and time of day.

    Columns: event_start, start_on date, weekday and daypart int64 (categories); one row for each moment.
    """
    found = connection.execute("SELECT DISTINCT event_start FROM sales WHERE event_start IS NOT NULL").fetchall()
    local = ZoneInfo(zone)
    rows = [dict(zip(_STARTS.names, (start, *_when(start, local)), strict=True)) for (start,) in found]
    return _kept(connection, pa.Table.from_pylist(rows, schema=_STARTS), keep)


def _kept(connection: "DuckDBPyConnection", rows: pa.Table, keep: Keeper) -> Frame:
    connection.register("arriving", rows)
    frame = keep(table(connection, "arriving"))
    connection.unregister("arriving")
    return frame


def _when(start: datetime | None, zone: ZoneInfo) -> tuple[date | None, int, int]:
    """Local day, weekday and part of the day of a moment in UTC.

    Midnight is how an export without times writes a day: then the part of the day is unknown.
    """
    no_part = DAYPART.categories.index(UNKNOWN)
    if start is None:
        return None, WEEKDAY.categories.index(UNKNOWN), no_part
    local = start.replace(tzinfo=UTC).astimezone(zone)
    return local.date(), local.weekday(), no_part if local.time() == time() else _part(local.hour)


def _part(hour: int) -> int:
    """The last part of the day that has begun; before the first one it is still night."""
    begun = [index for index, first in enumerate(DAYPART_FIRST_HOURS.values()) if first <= hour]
    return begun[-1] if begun else len(DAYPART_FIRST_HOURS) - 1
