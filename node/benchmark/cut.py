"""What the bounds of a study cut off, exactly: for the institution's own eyes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw

from node.benchmark.unbounded import NO_BOUNDS
from node.store.cells import base_in
from privacy.bounds.base import Base
from privacy.bounds.cells import Columns, columns_of
from privacy.bounds.cut import beyond
from privacy.bounds.frames import Frame, int64
from privacy.bounds.people import crowded_in_turn, limits, within_limits
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Part, Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_UTC = "UTC"
"""Totals have no time of day."""


@dataclass(frozen=True)
class Cut:
    """What some bounds cut off, exactly: for the institution's own eyes.

    `customers` counts identified customers above any of them; the shares are of the totals of the window.
    """

    customers: int
    orders: float
    tickets: float
    revenue: float


@dataclass(frozen=True)
class CutByEach:
    """What the narrow or the wide bounds of a study cut off, all four together, and each as if the others were none.

    `alone` is by the name of the bound: max_orders, max_lines, max_tickets, max_revenue_ore. What two bounds cut off
    the same customers counts for each of them, so these may add up to more than `together`.
    """

    wide: bool
    bounds: Bounds
    together: Cut
    alone: Mapping[str, Cut]


def cut_by_each(connection: "DuckDBPyConnection", study: Study, window: Window) -> tuple[CutByEach, ...]:
    """What the narrow and then the wide bounds of a study cut off, each where some figure is within them.

    Tables whose categories have bounds of their own are not in this; nor are quantiles, and customers by what they
    are, whom no bound cuts.
    """
    used = {part.bounded.bounds[0] for part in study.parts if not part.bounded.by_cell and _is_cut(part)}
    if not used:
        return ()
    with base_in(connection, window, _UTC) as base:
        found = (_by_each(base, bounds, wide=bounds != study.bounds) for bounds in used)
        return tuple(sorted(found, key=lambda each: each.wide))


def _is_cut(part: Part) -> bool:
    """Whether bounds take anything from a part: a customer lies in one cell by what he is, and is never cut there."""
    return part.measure is not Measure.CUSTOMERS or part.table.dimension.level is not Level.CUSTOMER


def _by_each(base: Base, bounds: Bounds, *, wide: bool) -> CutByEach:
    alone = {name: replace(NO_BOUNDS, **{name: value}) for name, value in asdict(bounds).items()}
    every = [bounds, *alone.values()]
    placed = crowded_in_turn(base, base.units, map(limits, every), every)
    whole = _totals(base.units)
    together, *others = (_cut(base, placed, whole, each) for each in every)
    return CutByEach(wide, bounds, together, dict(zip(alone, others, strict=True)))


def _cut(base: Base, placed: Frame, whole: Columns, bounds: Bounds) -> Cut:
    kept = _totals(within_limits(base.units, placed, limits(bounds)))
    names = (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)
    orders, tickets, revenue = (_share(int(whole[name][0]), int(kept[name][0])) for name in names)
    return Cut(_above(base, bounds), orders, tickets, revenue)


def _totals(units: Frame) -> Columns:
    """What all units have together, in one row."""
    revenue = int64(nw.col("revenue_ore").sum().fill_null(0))
    return columns_of(
        units.select(
            orders=int64(nw.col("orders").sum().fill_null(0)),
            tickets=int64(nw.col("tickets").sum().fill_null(0)),
            revenue=revenue,
        )
    )


def _above(base: Base, bounds: Bounds) -> int:
    """Identified customers that have more than any of some bounds allow."""
    above = base.units.filter((nw.col("identified") == 1) & beyond(bounds))
    return int(columns_of(above.select(found=int64(nw.len())))["found"][0])


def _share(whole: int, kept: int) -> float:
    """The share that is gone; 0 of nothing."""
    return 1 - kept / whole if whole else 0.0
