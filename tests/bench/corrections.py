"""What bounds have cut off, put back by what a release itself tells: never by an exact share.

1. Revenue above the wide bound: the Pareto tail of `privacy.estimate.tail`, through two limits of the value bands.
2. Within the narrow bounds: identified customers' cells times (wide total / narrow total) of identified sales; what
   anonymous sales lack is theirs. Where a table says how often people buy, or where they came from, and is told within
   wide bounds or cell by cell, a crossing with it is scaled category by category.

Customers are not cut where the table is of customers. All of it are functions of released figures, linear or nearly.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.dimensions import FLOW, VALUE_LOWER_BOUNDS_KR, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Table
from privacy.estimate.tail import limits
from privacy.studies.study import Study

Floats = NDArray[np.float64]
Figures = Mapping[tuple[str, Measure], Floats]
"""By table and measure: shape (cells, draws)."""


def corrected(study: Study, figures: Figures) -> dict[tuple[str, Measure], Floats]:
    """The figures with what was cut off put back. Needs totals and identity within wide bounds."""
    bounded = {each.table.name: each for each in study.bounded_tables}
    found = dict(figures)
    for measure in (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE):
        names = [name for name, its in figures if its is measure]
        if ("totals", measure) not in figures:
            continue
        wide_bounds = bounded["totals"].bounds[0]
        wide = _wide(figures, measure, wide_bounds.max_revenue_ore)
        narrow = [name for name in names if not bounded[name].by_cell and bounded[name].bounds[0] != wide_bounds]
        factor = _factor(figures, measure, narrow, wide)
        for name in names:
            table, cells = TABLES[name], figures[name, measure]
            if name in ("totals", "identity"):
                found[name, measure] = wide if name == "identity" else wide.sum(axis=0, keepdims=True)
            elif name in narrow:
                found[name, measure] = _scaled(table, cells, factor, wide)
            elif not bounded[name].by_cell:
                found[name, measure] = cells * (wide[0] / figures["identity", measure][0])
        _crossings(figures, found, measure, narrow, wide, factor)
    return found


def _wide(figures: Figures, measure: Measure, bound: int) -> Floats:
    """Identified and anonymous within the wide bounds, the tail put back. Shape (2, draws)."""
    wide = np.array(figures["identity", measure], dtype=np.float64)
    people = figures.get(("value_band", Measure.CUSTOMERS))
    through = limits(bound)
    if measure is not Measure.REVENUE or people is None or through is None:
        return wide
    lowest = list(VALUE_LOWER_BOUNDS_KR.values())
    above, far = (np.maximum(people[lowest.index(limit) :].sum(axis=0), 1.0) for limit in through)
    alpha = np.maximum(np.log(np.maximum(above / far, 1.0)) / np.log(through[1] / through[0]), 1.5)
    beyond = far * (bound / 100 / through[1]) ** -alpha
    wide[0] += beyond * bound / (alpha - 1)
    return wide


def _factor(figures: Figures, measure: Measure, narrow: list[str], wide: Floats) -> tuple[Floats, Floats, Floats]:
    """Of all sales and of identified ones, what the narrow bounds make smaller; and narrow anonymous sales."""
    every = next((figures[name, measure].sum(axis=0) for name in narrow if not _identified(TABLES[name])), None)
    known = next((figures[name, measure].sum(axis=0) for name in narrow if _identified(TABLES[name])), None)
    if every is None:
        return wide.sum(axis=0), wide[0], wide[1]
    if known is None:  # an anonymous sale is seldom beyond any bound
        known = every - wide[1]
    return wide.sum(axis=0) / every, wide[0] / known, every - known


def _scaled(table: Table, cells: Floats, factor: tuple[Floats, Floats, Floats], wide: Floats) -> Floats:
    by_all, by_known, anonymous = factor
    dimension = table.dimension
    parts = [part for part in dimension.parts or (dimension,) if part.level is Level.CUSTOMER]
    if not parts:
        return cells * by_all
    if _identified(table):
        return cells * by_known
    if dimension.level is not Level.CUSTOMER:
        nobody = np.array([name.endswith(f":{parts[0].unidentified}") for name in dimension.categories])
        return np.asarray(np.where(nobody[:, None], cells * by_all, cells * by_known))
    found = cells * by_known
    nobody_at = dimension.categories.index(dimension.unidentified or "")
    found[nobody_at] = (cells[nobody_at] - anonymous) * by_known + wide[1]
    return found


def _crossings(
    figures: Figures,
    found: dict[tuple[str, Measure], Floats],
    measure: Measure,
    narrow: list[str],
    wide: Floats,
    factor: tuple[Floats, Floats, Floats],
) -> None:
    """Segments by how often people buy, and flows by age: each category of the one by its own factor."""
    for name, along in (("segment-frequency_band", 1), ("flow-age_band", 0)):
        if name not in narrow:
            continue
        first, second = TABLES[name].dimension.parts
        cells = figures[name, measure]
        square = cells.reshape(len(first.categories), len(second.categories), -1)
        told = found.get(((first, second)[along].name, measure))
        if told is None:
            continue
        sums = square.sum(axis=1 - along)
        ratio = np.where(sums > 0, told / np.where(sums > 0, sums, 1.0), 1.0)
        scaled = square * (ratio[None, :, :] if along else ratio[:, None, :])
        found[name, measure] = scaled.reshape(cells.shape)
        own: Dimension = (first, second)[1 - along]
        if own.name in narrow:
            whole = scaled.sum(axis=along)
            nobody = own.categories.index(own.unidentified or "")
            whole[nobody] += (figures[own.name, measure][nobody] - square.sum(axis=along)[nobody] - factor[2]) * factor[
                1
            ] + wide[1]
            if own.name == "segment":
                found[own.name, measure] = whole


def _identified(table: Table) -> bool:
    """Whether anonymous sales are left out."""
    parts = table.dimension.parts or (table.dimension,)
    return any(part.level is Level.CUSTOMER and part.unidentified is None for part in parts) or FLOW in parts
