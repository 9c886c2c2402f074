"""Performances as the own figures need them: local day and time of day, genre, and seats on sale."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from node.kpis.dimensions import DAYPART, DAYPART_FIRST_HOURS, WEEKDAY
from node.store.frames import Keeper, table
from privacy.bounds.frames import Frame
from privacy.catalogue.dimensions import UNKNOWN, Dimension, Level

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SCHEMA = pa.schema(
    [("event_no", pa.int64()), ("start_on", pa.date32())]
    + [(name, pa.int64()) for name in ("weekday", "daypart", "genre", "capacity")]
    + [("cancelled", pa.bool_())]
)


@dataclass(frozen=True)
class Performances:
    """The events of a store.

    `frame`: event_no, start_on date or null, weekday, daypart and genre int64 (categories), capacity int64 or null,
        cancelled bool
    `genre`: the institution's own names of genres, in the order of the alphabet
    """

    frame: Frame
    genre: Dimension


def performances_of(connection: "DuckDBPyConnection", zone: str, keep: Keeper) -> Performances:
    """The events of the store; `zone` names the institution's time zone."""
    found = connection.execute(
        "SELECT event_no, genre, event_start, capacity, cancelled FROM performances ORDER BY event_no"
    ).fetchall()
    genres = Dimension("genre", Level.LINE, (*sorted({genre for _, genre, *_ in found if genre} - {UNKNOWN}), UNKNOWN))
    at = {genre: index for index, genre in enumerate(genres.categories)}
    columns = [
        (event_no, *_when(start, ZoneInfo(zone)), at.get(genre, len(at) - 1), capacity, cancelled)
        for event_no, genre, start, capacity, cancelled in found
    ]
    rows = pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in columns], schema=_SCHEMA)
    connection.register("arriving", rows)
    frame = keep(table(connection, "arriving"))
    connection.unregister("arriving")
    return Performances(frame, genres)


def _when(start: datetime | None, zone: ZoneInfo) -> tuple[object, int, int]:
    """Local day, weekday and part of the day of a moment in UTC.

    Midnight is how an export without times writes a day: then the part of the day is unknown.
    """
    if start is None:
        return None, len(WEEKDAY.categories) - 1, len(DAYPART.categories) - 1
    local = start.replace(tzinfo=UTC).astimezone(zone)
    if local.time() == time():
        return local.date(), local.weekday(), len(DAYPART.categories) - 1
    return local.date(), local.weekday(), _part(local.hour)


def _part(hour: int) -> int:
    """The last part of the day that has begun; before the first one it is still night."""
    begun = [index for index, first in enumerate(DAYPART_FIRST_HOURS.values()) if first <= hour]
    return begun[-1] if begun else len(DAYPART_FIRST_HOURS) - 1
