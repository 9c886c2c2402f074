"""From the store to what a release of a study would hold, exactly; and which window it covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from node.errors import UsageError
from node.store.cells import asked_of, exact_of
from node.store.span import month_end_before
from privacy.bounds.cells import Vectors as Vectors  # what `Exact` has
from privacy.bounds.tiers import TierFacts
from privacy.bounds.windows import Period, Window, is_month_end, is_quarter_end, window_of
from privacy.catalogue.measures import Measure
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, eq=False)
class Exact:
    """What a release of a study is made of, before any noise.

    `vectors`: the cells of every table but those that take the thresholds of tiers, within each one's bounds
    `tiers`: what gives the cells of these for any thresholds (`privacy.bounds.tiers.tier_vectors`); None without them
    `quantiles`: for each measure of which the study asks quantiles the counts of `privacy.bounds.quantiles`
    """

    vectors: Vectors
    tiers: TierFacts | None
    quantiles: Mapping[Measure, NDArray[np.int64]]


def release_window(last: date, now: date, period: Period = "year") -> Window:
    """The window of a release that ends on a day.

    Raises UsageError unless the day ends a month, or a quarter of the calendar where the study is of one, and is past.
    """
    if period == "quarter" and not is_quarter_end(last):
        raise UsageError(
            f"This study is of a quarter, which ends with March, June, September or December, and {last} is not the "
            f"last day of one. The newest quarter that is over ends on {quarter_end_before(now)}."
        )
    if not is_month_end(last):
        raise UsageError(f"A release covers whole months, and {last} is not the last day of one.")
    if last >= now:
        whole, ends = ("quarter", quarter_end_before(now)) if period == "quarter" else ("month", month_end_before(now))
        raise UsageError(f"{last} is not over yet. The newest whole {whole} ends on {ends}.")
    return window_of(period, last)


def newest_window(now: date, period: Period) -> Window:
    """The newest window of a study that is over."""
    return window_of(period, quarter_end_before(now) if period == "quarter" else month_end_before(now))


def quarter_end_before(day: date) -> date:
    """The last day of the newest quarter of the calendar that is over on a day."""
    end = month_end_before(day)
    while not is_quarter_end(end):
        end = month_end_before(end)
    return end


def exact(connection: "DuckDBPyConnection", study: Study, window: Window, zone: str, engine: str = "") -> Exact:
    """What a release of a study over a window is made of, by the study's own bounds: what its noise is made for.

    `zone` is the institution's time zone, by which a performance has its day and time of day; `engine` computes it
    (`node.store.elsewhere`), as the settings name it. Cells without bounds are
    made in `node.benchmark`, which nothing that makes or sends a release may import.
    """
    measures = tuple(dict.fromkeys(part.measure for part in study.quantiles))
    return Exact(*exact_of(connection, window, zone, asked_of(study), measures, engine))


def exact_vectors(connection: "DuckDBPyConnection", study: Study, window: Window, zone: str) -> Vectors:
    """The exact cells of the tables of a study that take no thresholds."""
    return exact(connection, study, window, zone).vectors
