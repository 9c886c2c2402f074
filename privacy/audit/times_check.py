"""The times of a ledger's entries, held against those at which the witness cosigned the checkpoints around them."""

from datetime import datetime, timedelta
from itertools import pairwise

from privacy.audit.ledgers import Checking, Placed, Point
from privacy.audit.paths import checkpoint_path
from privacy.audit.records import Header

SLACK = timedelta(minutes=10)
"""How far the clocks of a node and its witness may be apart."""

LATE = timedelta(days=7)
"""Beyond it, an entry that waited for its cosignature is worth a note."""


def check_dates(checking: Checking, points: tuple[Point, ...], header: Header) -> None:
    """Entries against the times of the checkpoints before and after them, which the witness's clock gave."""
    timed = [(point.size, point.time) for point in points if point.time is not None]
    for (_, earlier), (size, time) in pairwise(timed):
        if time < earlier:
            said = f"The checkpoint was cosigned at {time:%Y-%m-%d %H:%M:%S} UTC, before a smaller one."
            checking.find("WITNESS_TIME_BACK", said, file=checkpoint_path(checking.member, size))
    ahead = next(((size, time) for size, time in timed if time > header.made + SLACK), None)
    if ahead is not None:
        said = (
            f"The checkpoint was cosigned at {ahead[1]:%Y-%m-%d %H:%M} UTC, after the bundle was made at "
            f"{header.made:%Y-%m-%d %H:%M}: a clock that was set forward."
        )
        checking.find("POSTDATED", said, file=checkpoint_path(checking.member, ahead[0]))
    at = 0
    for each in checking.placed:
        while at < len(timed) and timed[at][0] < each.line:
            at += 1
        before = timed[at - 1][1] if at else None
        after = timed[at][1] if at < len(timed) else None
        _check_time(checking, each, before, after, header.made)
    if timed and timed[-1][0] < len(checking.hashes):
        size = timed[-1][0]
        said = f"No checkpoint covers the entries from {size} on: they could still be taken back."
        checking.find("NOT_COVERED", said, size + 1, entry=size)
    elif not timed and checking.placed:  # what the ledger's own key signs alone, that key can sign anew
        said = "No checkpoint of a witness seals this ledger: whoever holds its key could write it anew."
        checking.find("NO_CHECKPOINT", said)


def _check_time(
    checking: Checking, each: Placed, before: datetime | None, after: datetime | None, made: datetime
) -> None:
    time, seq = each.entry.time, each.entry.seq
    if before is not None and time < before - SLACK:
        said = (
            f"This entry is dated {time:%Y-%m-%d %H:%M} UTC, but a checkpoint cosigned at {before:%Y-%m-%d %H:%M} has "
            "it not."
        )
        checking.find("BACKDATED", said, each.line, entry=seq)
    end = made if after is None else min(after, made)
    if time > end + SLACK:
        what = "its checkpoint was cosigned" if end == after else "the bundle was made"
        said = f"This entry is dated {time:%Y-%m-%d %H:%M} UTC, and {what} at {end:%Y-%m-%d %H:%M}."
        checking.find("POSTDATED", said, each.line, entry=seq)
    elif after is not None and after - time > LATE:
        days = (after - time).days
        said = f"This entry is dated {time:%Y-%m-%d %H:%M} UTC and was cosigned {days} days later."
        checking.find("WITNESSED_LATE", said, each.line, entry=seq)
