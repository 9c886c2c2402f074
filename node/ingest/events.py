"""Events, from a file of events or from the columns of one of sales."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import values
from node.ingest.column import Flags, combined
from node.ingest.reading import Reading

LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_OF_SALES = ("event_id", "event_title", "event_start")


def events_of(reading: Reading) -> pa.Table:
    """One row per row of a file of events."""
    event_id = reading.code("event_id")
    reading.required("event_id", event_id)
    start = reading.time("event_start", LATEST)[0]
    return pa.table(
        {
            "row": pa.array(np.arange(reading.rows)),
            "event_id": event_id,
            "event_title": reading.label("event_title"),
            "production": reading.label("production"),
            "genre": reading.label("genre"),
            "event_start": start,
            "listed_start": start,
            "venue": reading.label("venue"),
            "capacity": reading.parsed("capacity", values.whole_number, pa.int64()),
            "cancelled": reading.parsed("cancelled", values.truth, pa.bool_()),
        }
    )


def events_of_sales(reading: Reading, rows: Flags) -> pa.Table:
    """What some rows of a file of sales tell of the events themselves, each combination once."""
    first, places = combined(reading.columns(_OF_SALES), reading.rows)
    last = np.full(len(first), -1, dtype=np.int64)
    told = np.flatnonzero(rows)
    np.maximum.at(last, places[told], told)
    distinct = reading.at(first)
    table = pa.table(
        {
            "row": pa.array(last),
            "event_id": distinct.code("event_id"),
            "event_title": distinct.label("event_title"),
            "event_start": distinct.time("event_start", LATEST)[0],
        }
    )
    return table.filter(pc.and_(pa.array(last >= 0), pc.is_valid(table.column("event_id"))))
