"""Another engine for the cells of a release: the institution's own Spark, over Spark Connect.

The expressions are the same as on DuckDB, and so are the cells, to the last integer. What goes there is the net sales
and the customers as `privacy.bounds.frames` has them: numbers that this store has given to customers and orders, dates,
amounts, years of birth, categories, and the order in which bounds keep sales (the beginnings of hashes over the names
of orders and lines, under a key of this node's own); customers who object go too, marked as such. No match id, and no
text but the name of a segment. The store itself, the
import, own figures, noise, ledger and keys stay here. A session's tables there go when it ends.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import narwhals as nw

from node.engine import shown
from node.errors import EngineFailed
from privacy.bounds.frames import Frame, Keep

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROWS = 500_000
"""Rows that are handed over at a time: memory here does not grow with the store."""

_CUSTOMERS = ("unit", "identified", "released", "birth_year", "gender", "county", "segment")
_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
"""With the latter a whole number that does not fit is an error, as on DuckDB, and is not wrapped around."""


@contextmanager
def session(url: str) -> "Iterator[SparkSession]":
    """A session of our own there. Raises EngineFailed, also for whatever fails within, and quotes no row."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
        from pyspark.sql.connect.client.retries import DefaultPolicy
    except ImportError:
        raise EngineFailed("`engine` in settings.toml wants Spark's client: pip install 'kudos[spark]'") from None
    opened = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of retries, and of versions of pandas, which nothing here uses
            opened = SparkSession.builder.remote(url).create()
            opened.client.set_retry_policies([DefaultPolicy(max_retries=4)])
            for name, value in _SETTINGS.items():
                opened.conf.set(name, value)
            yield opened
    except PySparkException as error:
        raise EngineFailed(
            f"The engine {shown(url)} failed ({_kind(error)}). See there what is wrong and try again, or take `engine` "
            "out of settings.toml: then DuckDB on this machine computes the same figures. Nothing was spent."
        ) from None
    finally:
        if opened is not None:
            _ended(opened)


@contextmanager
def moved(url: str, sales: Frame, customers: Frame) -> Iterator[tuple[Frame, Frame, Keep]]:
    """Sales and customers as frames of the engine, and how it keeps what is computed. Raises EngineFailed."""
    with session(url) as there:
        yield _lifted(there, sales), _lifted(there, customers.select(*_CUSTOMERS)), _kept


def version(url: str) -> str:
    """The engine's version. Raises EngineFailed where it does not answer."""
    with session(url) as there:
        return str(there.version)


def _lifted(there: "SparkSession", frame: Frame) -> Frame:
    """A frame of DuckDB's, handed over in pieces."""
    import pyarrow as pa

    reader = nw.to_native(frame).to_arrow_reader(_ROWS)
    pieces = (pa.Table.from_batches([batch]) for batch in reader if batch.num_rows)
    frames = [_kept(nw.from_native(there.createDataFrame(piece)).lazy()) for piece in pieces]
    return nw.concat(frames, how="vertical") if frames else _empty(there, reader.schema)


def _empty(there: "SparkSession", schema: Any) -> Frame:
    """No rows: of a table without any Spark does not take the columns, so it gets one of nulls, which is left out."""
    import pyarrow as pa

    frame: Frame = nw.from_native(there.createDataFrame(pa.Table.from_pylist([{}], schema=schema)).limit(0)).lazy()
    return frame


def _kept(frame: Frame) -> Frame:
    """Computed once, where the engine keeps it for the session."""
    kept: Frame = nw.from_native(nw.to_native(frame).localCheckpoint(eager=True)).lazy()
    return kept


def _kind(error: BaseException) -> str:
    """What sort of error it is: names of Spark's and gRPC's own, never a message, which may quote rows."""
    condition = getattr(error, "getCondition", lambda: None)()
    code = getattr(getattr(error, "code", lambda: None)(), "name", None)
    return str(condition or code or type(error).__name__)


def _ended(there: "SparkSession") -> None:
    """Releases the session; where the engine is gone, it ends it by itself."""
    try:
        there.stop()
    except Exception:  # noqa: BLE001  whatever it was, nothing more is asked of it
        return
