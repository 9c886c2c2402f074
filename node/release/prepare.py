"""From the store to what a release of a study would hold, exactly; and which window it covers."""

from datetime import date
from typing import TYPE_CHECKING

from node.errors import UsageError
from node.store.cells import Vectors as Vectors  # what `exact_vectors` gives
from node.store.cells import cells_within
from node.store.span import month_end_before
from privacy.bounds.windows import Window, is_month_end, twelve_months_to
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def release_window(last: date, now: date) -> Window:
    """The window of a release that ends on a day. Raises UsageError unless the day ends a month and is past."""
    if not is_month_end(last):
        raise UsageError(f"A release covers whole months, and {last} is not the last day of one.")
    if last >= now:
        raise UsageError(f"{last} is not over yet. The newest whole month ends on {month_end_before(now)}.")
    return twelve_months_to(last)


def exact_vectors(connection: "DuckDBPyConnection", study: Study, window: Window) -> Vectors:
    """The exact cells of every table of a study, by its own bounds: what its noise is made for.

    Cells without bounds are made in `node.benchmark`, which nothing that makes or sends a release may import.
    """
    return cells_within(connection, study, window, study.bounds)
