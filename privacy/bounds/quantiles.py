"""How many customers lie between the candidates of a quantile, exactly: what a mechanism of quantiles is handed."""

from collections.abc import Iterable

import narwhals as nw
import numpy as np

from privacy.bounds.base import Base
from privacy.bounds.cells import Vector, columns_of
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES


def quantile_counts_of(base: Base, measures: Iterable[Measure]) -> dict[Measure, Vector]:
    """For each measure the identified customers who bought in a base's window, by how much they have of it, unbounded.

    Shape (candidates + 1,): those below the first candidate, those from each candidate to below the next, and those at
    or above the last. A customer is one of them, in one place.
    """
    known = base.units.filter(nw.col("identified") == 1)
    columns = columns_of(known.select("orders", "tickets", revenue=nw.col("revenue_ore")))
    counts = {}
    for measure in measures:
        candidates = np.asarray(CANDIDATES[measure], dtype=np.int64)
        reached = np.searchsorted(candidates, columns[measure], side="right")
        counts[measure] = np.bincount(reached, minlength=len(candidates) + 1).astype(np.int64, copy=False)
    return counts
