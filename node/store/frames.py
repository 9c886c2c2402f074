"""The store's tables as Narwhals frames, and how DuckDB keeps an intermediate result."""

from itertools import count
from typing import TYPE_CHECKING

import narwhals as nw

from privacy.bounds.frames import Frame
from privacy.catalogue.dimensions import DAYPART, GENRE, WEEKDAY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def sold(connection: "DuckDBPyConnection", performances: Frame, starts: Frame) -> Frame:
    """The net sales with what each line's performance is: `sales` of `privacy.bounds.frames`.

    `performances`: event_no and genre; `starts`: event_start, start_on, weekday and daypart; as
    `node.store.performances` frames them. When a line's performance starts, the line itself says, or a file of events:
    never the sale of somebody else.
    """
    unknown = {dimension.name: len(dimension.categories) - 1 for dimension in (WEEKDAY, DAYPART, GENRE)}
    return (
        table(connection, "sales")
        .join(performances.select("event_no", "genre"), on="event_no", how="left")
        .join(starts, on="event_start", how="left")
        .with_columns(*(nw.col(name).fill_null(index) for name, index in unknown.items()))
    )


def table(connection: "DuckDBPyConnection", name: str) -> Frame:
    """A table of the store, read when it is needed."""
    return nw.from_native(connection.table(name)).lazy()


class Keeper:
    """Keeps frames as temporary tables of a connection; `drop` takes them all away."""

    def __init__(self, connection: "DuckDBPyConnection") -> None:
        self._connection = connection
        self._numbers = count()
        self._names: list[str] = []

    def __call__(self, frame: Frame) -> Frame:
        """Computes a frame now and returns one that reads the result."""
        name = f"kept_{id(self):x}_{next(self._numbers)}"
        relation = nw.to_native(frame)
        self._connection.execute(f"CREATE TEMP TABLE {name} AS {relation.sql_query()}")
        self._names.append(name)
        return table(self._connection, name)

    def drop(self) -> None:
        """Removes every kept frame."""
        for name in self._names:
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        self._names.clear()
