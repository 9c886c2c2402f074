"""Times of exports: ISO 8601 and the formats of a profile, all of a chunk at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No ticketing system of today has older sales."""

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_LOCAL = f"{_DAY}({_CLOCK})?$"
_WITH_ZONE = f"{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$"

_ISO = {
    f"%Y-%m-%d{clock}": f"{_DAY}{digits}$"
    for clock, digits in {
        "": "",
        **{f"{mark}%H:%M": f"{mark}[0-9]{{2}}:[0-9]{{2}}" for mark in "T "},
        **{f"{mark}%H:%M:%S": f"{mark}[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}" for mark in "T "},
    }.items()
}
"""Formats that Arrow's parser of ISO 8601 reads too, and faster: of each the form of its texts."""

_NO_DATE = "is no date that I know"
_AFTER_SHORT_MONTHS = (3, 5, 7, 10, 12)


def times(texts: pa.Array, formats: Sequence[str], zone: str, latest: datetime) -> tuple[pa.Array, Mapping[int, str]]:
    """The moments of many texts, and the reasons of those that could not be read, by their index.

    `formats` are strptime's and come first, then ISO 8601; how one text is read never depends on another. Times
    without a zone are local times of `zone`; of the hour that stands twice in October the first is meant, and the
    hour that March leaves out ends at its end. The array is of timestamp[us, zone], null where unreadable.
    """
    local = pa.nulls(len(texts), pa.timestamp("us"))
    for pattern in formats:
        if local.null_count and pattern in _ISO:
            local = pc.coalesce(local, _by_iso(texts, _ISO[pattern], pa.timestamp("us")))
        if local.null_count:
            local = pc.coalesce(local, _by_format(texts, pattern))
    if local.null_count:
        local = pc.coalesce(local, _by_iso(texts, _LOCAL, pa.timestamp("us")))
    moments = pc.assume_timezone(_sane(local), zone, ambiguous="earliest", nonexistent="latest")
    if moments.null_count:
        aware = _by_iso(texts, _WITH_ZONE, pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone))
        moments = pc.coalesce(moments, aware)
    if moments.null_count:
        moments = pc.coalesce(moments, _by_python(texts, moments, zone))
    return _bounded(moments, zone, latest)


def _by_iso(texts: pa.Array, pattern: str, kind: pa.DataType) -> pa.Array:
    """Texts of one form, by Arrow's parser; null for all others, and for all where one of them is no date."""
    fitting = pc.if_else(pc.match_substring_regex(texts, pattern), texts, pa.scalar(None, pa.string()))
    try:
        return fitting.cast(kind)
    except pa.ArrowInvalid:
        return pa.nulls(len(texts), kind)


def _by_format(texts: pa.Array, pattern: str) -> pa.Array:
    """Local times by strptime. Arrow takes 31 February for 2 March, so such days are looked at again."""
    parsed = pc.strptime(texts, pattern, "us", error_is_null=True)
    early = pc.and_(
        pc.less_equal(pc.day(parsed), 3), pc.is_in(pc.month(parsed), pa.array(_AFTER_SHORT_MONTHS, pa.int64()))
    )
    places = pc.indices_nonzero(early.fill_null(False))
    doubtful = pc.not_equal(_written(parsed.take(places), pattern), texts.take(places))
    wrong: NDArray[np.bool_] = np.zeros(len(texts), dtype=bool)
    for position in places.filter(doubtful).to_pylist():
        try:
            datetime.strptime(texts[position].as_py(), pattern)  # noqa: DTZ007  only whether it is a date
        except ValueError:
            wrong[position] = True
    return pc.if_else(pa.array(wrong), pa.scalar(None, parsed.type), parsed) if wrong.any() else parsed


def _written(moments: pa.Array, pattern: str) -> pa.Array:
    """Moments in a format of strptime; a text that is equal to its moment's is that of a day that there is."""
    return pc.strftime(moments.cast(pa.timestamp("s"), safe=False), pattern)


def _by_python(texts: pa.Array, found: pa.Array, zone: str) -> pa.Array:
    """What is left, one by one: the rarer forms of ISO 8601, and all of them where one text is no date."""
    moments: list[datetime | None] = [None] * len(texts)
    for position in pc.indices_nonzero(pc.is_null(found)).to_pylist():
        try:
            moment = datetime.fromisoformat(texts[position].as_py())
            moments[position] = moment if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    naive = [moment if moment is not None and moment.tzinfo is None else None for moment in moments]
    aware = [moment if moment is not None and moment.tzinfo is not None else None for moment in moments]
    local = pc.assume_timezone(
        _sane(pa.array(naive, pa.timestamp("us"))), zone, ambiguous="earliest", nonexistent="latest"
    )
    return pc.coalesce(local, pa.array(aware, pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))


def _sane(local: pa.Array) -> pa.Array:
    """Local times with the years before 1800 moved there: the tables of zones begin later, and all are refused."""
    return pc.max_element_wise(local, pa.scalar(datetime(1800, 1, 1), pa.timestamp("us")), skip_nulls=False)  # noqa: DTZ001


def _bounded(moments: pa.Array, zone: str, latest: datetime) -> tuple[pa.Array, Mapping[int, str]]:
    reasons: dict[int, str] = {}
    kind = pa.timestamp("us", zone)
    for wrong, reason in (
        (pc.is_null(moments), _NO_DATE),
        (pc.less(moments, pa.scalar(EARLIEST, kind)).fill_null(False), "lies before 1990"),
        (pc.greater(moments, pa.scalar(latest, kind)).fill_null(False), "lies in the future"),
    ):
        if pc.any(wrong).as_py():
            reasons |= dict.fromkeys(pc.indices_nonzero(wrong).to_pylist(), reason)
    return moments, reasons
