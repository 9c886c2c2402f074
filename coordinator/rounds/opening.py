"""The words with which a round can be opened."""

import re
from datetime import date, datetime

from coordinator.errors import UsageError
from privacy.bounds.windows import is_month_end, is_quarter_end
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.shelf import AnyStudy

FEWEST_SKETCHES = 2
"""Of a market: with one there is nobody to count against."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def check_words(
    study: AnyStudy, window_last: date, deadline: datetime, now: datetime, quorum: int, round_id: str | None
) -> None:
    """Raises UsageError for a window, deadline, quorum or name that no round of a study can have."""
    if not is_month_end(window_last):
        raise UsageError(f"A window ends with a month, and {window_last} is no month's last day.")
    if study.period == "quarter" and not is_quarter_end(window_last):
        raise UsageError(
            f"{study.name} is a study of quarters, and {window_last} is not the last day of one. Name the last day of "
            "March, June, September or December."
        )
    if window_last >= now.date():
        raise UsageError(f"The window to {window_last} is not over yet. Name an earlier month, or wait.")
    if deadline <= now:
        raise UsageError(f"The deadline, {deadline:%Y-%m-%d %H:%M} UTC, is over already. Name a later one.")
    if quorum < 1:
        raise UsageError("A quorum is 1 or more.")
    if round_id is not None and not _ID.fullmatch(round_id):
        raise UsageError(f"{round_id!r} is no name of a round. Write 1 to 61 of a-z, 0-9 and the hyphen.")


def check_stages(
    study: AnyStudy, window_last: date, sketch_deadline: datetime | None, deadline: datetime, now: datetime, quorum: int
) -> None:
    """Raises UsageError unless a round of cross-use, and no other, has a time for sketches and one to count.

    Its window ends in the year of its deadline or in the one before: nodes forget who is in older sketches.
    """
    name = study.name
    if not isinstance(study, CrossUseStudy):
        if sketch_deadline is not None:
            raise UsageError(f"{name} is no study of cross-use and takes no sketches: leave --sketch-deadline out.")
        return
    if sketch_deadline is None:
        raise UsageError(
            f"{name} is a study of cross-use: say until when it takes sketches, and give members days to count "
            "afterwards: --sketch-deadline …"
        )
    if not now < sketch_deadline < deadline:
        raise UsageError(
            f"Sketches are taken until {sketch_deadline:%Y-%m-%d %H:%M} UTC, which is not between now and the "
            f"deadline, {deadline:%Y-%m-%d %H:%M} UTC."
        )
    if window_last.year < deadline.year - 1:
        raise UsageError(
            f"A round of cross-use that ends in {deadline.year} asks for {deadline.year - 1} at the earliest, and this "
            f"window is one of {window_last.year}: members have deleted who is in a sketch of that year, and could not "
            "count. Name a later month."
        )
    if quorum < FEWEST_SKETCHES:
        raise UsageError(f"A quorum of cross-use is {FEWEST_SKETCHES} or more: it takes somebody to count against.")
