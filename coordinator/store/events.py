"""The log of what has happened, which an operator and an auditor read."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from coordinator.store.tables import events

_NOTE = insert(events)


def seconds(moment: datetime) -> int:
    """A moment as the store keeps it: whole seconds since 1970, cut. Raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return int(moment.timestamp() // 1)


def moment(stored: int) -> datetime:
    """The moment that `seconds` gives so, UTC."""
    return datetime.fromtimestamp(stored, UTC)


def note(connection: Connection, now: datetime, what: str, subject: str, detail: str | None = None) -> None:
    """Adds a line, such as ("member.suspended", "fjordteatret"), to the transaction that it tells of."""
    connection.execute(_NOTE, {"time": seconds(now), "what": what, "subject": subject, "detail": detail})
