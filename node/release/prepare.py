"""From the store to what a release of a study would hold, exactly; and which window it covers."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from node.errors import UsageError
from node.store.above import customers_above
from node.store.frames import Keeper, table
from node.store.span import month_end_before
from privacy.bounds.cells import Vector, exact_cells
from privacy.bounds.windows import Window, is_month_end, twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Vectors = dict[tuple[str, Measure], Vector]


def release_window(last: date, now: date) -> Window:
    """The window of a release that ends on a day. Raises UsageError unless the day ends a month and is past."""
    if not is_month_end(last):
        raise UsageError(f"A release covers whole months, and {last} is not the last day of one.")
    if last >= now:
        raise UsageError(f"{last} is not over yet. The newest whole month ends on {month_end_before(now)}.")
    return twelve_months_to(last)


def exact_vectors(
    connection: "DuckDBPyConnection", study: Study, window: Window, bounds: Bounds | None = None
) -> Vectors:
    """The exact cells of every table of a study; with other bounds than the study's where given."""
    keep = Keeper(connection)
    try:
        return exact_cells(
            table(connection, "sales"),
            table(connection, "customers"),
            study.tables,
            window,
            bounds or study.bounds,
            keep,
        )
    finally:
        keep.drop()


@dataclass(frozen=True)
class Cut:
    """What the bounds of a study cut off, exactly: for the institution's own eyes.

    `customers` counts identified customers above any bound; the shares are of the totals of the window.
    """

    customers: int
    orders: float
    tickets: float
    revenue: float


UNBOUNDED = Bounds(10**12, 10**12, 10**12, 10**12)


def cut_by_bounds(connection: "DuckDBPyConnection", study: Study, window: Window, bounded: Vectors) -> Cut:
    """What a study's bounds cut off from the totals of a window."""
    whole = exact_vectors(connection, study, window, UNBOUNDED)
    customers = customers_above(connection, window, study.bounds)
    share = {measure: _share(whole, bounded, measure) for measure in (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)}
    return Cut(customers, share[Measure.ORDERS], share[Measure.TICKETS], share[Measure.REVENUE])


def _share(whole: Vectors, bounded: Vectors, measure: Measure) -> float:
    """The share of a measure that is gone, by the first table that holds all of it; 0 where none does."""
    for name in ("totals", "month", "channel", "age_band"):
        if (name, measure) in whole:
            everything = int(whole[name, measure].sum())
            return 1 - int(bounded[name, measure].sum()) / everything if everything else 0.0
    return 0.0
