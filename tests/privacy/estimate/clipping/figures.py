"""Figures of `benchmark-year` in which all adds up: identified and anonymous sales, by every table, within both bounds.

What a category has is a part of the whole, the same in every measure, but for what narrow bounds cut: all of it by one
factor of identified sales, and by another of anonymous ones.
"""

import numpy as np

from privacy.catalogue.dimensions import Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.estimate.clipping.told import Bools, Floats
from privacy.estimate.equalities import nothings_of
from privacy.studies.study import Study, find

YEAR = find("benchmark-year")
IDENTIFIED, ANONYMOUS = 1_000_000.0, 200_000.0
"""What is bought without bounds, in every measure; and of revenue a hundred thousand times that, in øre."""
CUT = {"identified": 0.8, "anonymous": 0.95}
"""What the narrow bounds leave of it, but for tickets all of the anonymous. The wide ones leave all of it."""
UNIT = {Measure.CUSTOMERS: 1.0, Measure.ORDERS: 1.0, Measure.TICKETS: 3.0, Measure.REVENUE: 100_000.0}

Cells = dict[tuple[str, str, Measure], int]


def places(study: Study) -> Cells:
    """Where each figure lies."""
    names = [(part.table.name, name, part.measure) for part in study.parts for name in part.table.dimension.categories]
    return {name: index for index, name in enumerate(names)}


def everything(study: Study, columns: int = 1) -> tuple[Floats, Floats]:
    """What a release tells within its bounds, and what is true without any. Shape (cells, columns), columns alike."""
    bounded = {each.table.name: each for each in study.bounded_tables}
    wide = bounded["totals"].bounds
    told, true = [], []
    for part in study.parts:
        known, nobody = _parts_of(part.table.dimension)
        customers = part.measure is Measure.CUSTOMERS
        whole = bounded[part.table.name].by_cell or bounded[part.table.name].bounds == wide or customers
        cut = {"identified": 1.0, "anonymous": 1.0} if whole else CUT
        if part.measure is Measure.TICKETS:
            cut = cut | {"anonymous": 1.0}
        unit, without = UNIT[part.measure], 0.0 if customers else ANONYMOUS
        true.append(unit * (IDENTIFIED * known + without * nobody))
        told.append(unit * (IDENTIFIED * cut["identified"] * known + without * cut["anonymous"] * nobody))
    vectors = [np.concatenate(each) for each in (told, true)]
    for vector in vectors:
        vector[list(nothings_of(study))] = 0
    one, other = (np.repeat(vector[:, None], columns, axis=1) for vector in vectors)
    return one, other


def all_seen(study: Study, columns: int = 1) -> Bools:
    """Every category shown."""
    return np.ones((study.cells, columns), dtype=np.bool_)


def _parts_of(dimension: Dimension) -> tuple[Floats, Floats]:
    """Of each category its part of identified sales, and its part of anonymous ones."""
    if dimension.parts:
        first, second = (_parts_of(part) for part in dimension.parts)
        known, nobody = (np.outer(one, other).ravel() for one, other in zip(first, second, strict=True))
        return known, nobody
    names = dimension.categories
    weights = np.arange(1.0, len(names) + 1)
    weights[[index for index, name in enumerate(names) if name in ("lost", "anonymous")]] = 0
    known = weights / weights.sum()
    if dimension.level is not Level.CUSTOMER:
        return known, known
    return known, np.array([float(name == dimension.unidentified) for name in names])
