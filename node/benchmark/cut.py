"""What the bounds of a study cut off, exactly: for the institution's own eyes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.benchmark.unbounded import unbounded_vectors
from node.store.above import customers_above
from node.store.cells import Vectors
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Cut:
    """What the bounds of a study cut off, exactly: for the institution's own eyes.

    `customers` counts identified customers above any bound; the shares are of the totals of the window.
    """

    customers: int
    orders: float
    tickets: float
    revenue: float


def cut_by_bounds(connection: "DuckDBPyConnection", study: Study, window: Window, bounded: Vectors) -> Cut:
    """What a study's bounds cut off from the totals of a window."""
    whole = unbounded_vectors(connection, study, window)
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
