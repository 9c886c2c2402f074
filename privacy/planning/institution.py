"""A typical institution: how its customers, orders, tickets and revenue lie in the categories of the catalogue.

Published figures where there are any, and else the neutral assumption that categories are equally large:

- customers, orders, revenue, flow, tiers and migration: the customer portfolio of Elinder 2018
  (`privacy.planning.portfolio`), in kroner of its year (101 811 customers of twelve months);
- frequency bands: 68, 26, 4 and 2 % of a theatre's bookers, with 1, 2.7, 5.8 and 11 orders each;
- counties: by inhabitants (Statistics Norway, 1 January 2024), as of a network of all counties;
- value bands, and tickets by tier: bounded power laws within the portfolio's tiers, as tests/bench simulates them.

Assumed: 2.5 tickets an order; an eighth of the orders anonymous; a quarter of a year's sales, by half of the customers,
in three months; every other dimension equal shares, but 1 % for what is unknown, other or abroad. Two dimensions of a
crossing do not depend on each other. A real institution differs, and its small categories have larger errors.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.dimensions import FLOW, MIGRATION, UNKNOWN, Dimension, Level
from privacy.catalogue.institutions import COUNTIES
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Table
from privacy.planning.portfolio import LOST, ORIGINS, S12, TIERS, Cell, summed

Floats = NDArray[np.float64]

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure

PER_CUSTOMER: Final[Mapping[Measure, float]] = {CUSTOMERS: 1.0, ORDERS: 2.63, TICKETS: 6.6, REVENUE: 253_100.0}
"""Of an identified customer in twelve months; revenue in øre."""

ANONYMOUS_SHARE = 0.125
"""Of the orders, tickets and revenue."""

QUARTER: Final[Mapping[Measure, float]] = {CUSTOMERS: 0.5, ORDERS: 0.25, TICKETS: 0.25, REVENUE: 0.25}
"""Of what is in twelve months, in three."""

_ALL = summed(cell for row in S12.values() for cell in row)

LOST_SHARE = sum(customers for customers, _ in LOST.values()) / _ALL[0]
"""Lost customers, to those of the window."""

RARE_SHARE = 0.01
_RARE = frozenset({UNKNOWN, "other", "svalbard", "abroad", "no-ticket", "free"})


def _shares(divided: Sequence[Cell], lost: float | None = None) -> dict[Measure, tuple[float, ...]]:
    """Parts of all by measure; of tickets as of orders, for the source has none. lost: customers, last of all."""
    more = ((), ()) if lost is None else ((lost,), (0.0,))
    customers, orders, revenue = (tuple(cell[place] / _ALL[place] for cell in divided) for place in range(3))
    return {
        CUSTOMERS: (*customers, *more[0]),
        ORDERS: (*orders, *more[1]),
        TICKETS: (*orders, *more[1]),
        REVENUE: (*revenue, *more[1]),
    }


_FROM = {origin: summed(S12[tier][place] for tier in TIERS) for place, origin in enumerate(ORIGINS)}
_FLOW = _shares([_FROM["new"], summed(_FROM[tier] for tier in TIERS), _FROM["recovered"]], LOST_SHARE)
_FREQUENCY = {
    CUSTOMERS: (0.68, 0.26, 0.04, 0.02),
    ORDERS: (0.376, 0.388, 0.128, 0.108),
    TICKETS: (0.376, 0.388, 0.128, 0.108),
    REVENUE: (0.376, 0.388, 0.128, 0.108),
}
_VALUE = {
    CUSTOMERS: (0.1, 0.105, 0.172, 0.203, 0.238, 0.129, 0.038, 0.0087, 0.0049, 0.0016, 0.0005),
    ORDERS: (0.046, 0.054, 0.106, 0.17, 0.255, 0.225, 0.091, 0.026, 0.018, 0.0077, 0.0035),
    TICKETS: (0.019, 0.021, 0.055, 0.122, 0.263, 0.282, 0.131, 0.044, 0.034, 0.0173, 0.0115),
    REVENUE: (0.005, 0.016, 0.05, 0.117, 0.268, 0.289, 0.14, 0.047, 0.037, 0.0185, 0.0124),
}
_TIER = _shares([summed(S12[tier]) for tier in TIERS]) | {TICKETS: (0.223, 0.319, 0.391, 0.066)}
_PUBLISHED: Final[Mapping[str, Mapping[Measure, tuple[float, ...]]]] = {
    "flow": _FLOW,
    "frequency_band": _FREQUENCY,
    "value_band": _VALUE,
    "value_tier": _TIER,
}
_MIGRATION_CUSTOMERS = [
    [*(S12[tier][place][0] for tier in TIERS), *([LOST[origin][0]] if origin in LOST else [])]
    for place, origin in enumerate(ORIGINS)
]
"""From super, top, middle, bottom, recovered and new; to the four tiers, and lost."""


def cells(table: Table, measure: Measure, customers: int, period: str = "year") -> Floats:
    """What a table of a measure would hold at an institution with so many customers in twelve months.

    float64, shape (cells,); revenue in øre.
    """
    scale = QUARTER[measure] if period == "quarter" else 1.0
    return customers * scale * PER_CUSTOMER[measure] * _relative(table.dimension, measure)


def _relative(dimension: Dimension, measure: Measure) -> Floats:
    """The cells, to all that identified customers have of the measure."""
    if dimension.parts:
        first, second = dimension.parts
        known = measure is CUSTOMERS or _identified_only(first) or _identified_only(second)
        shares = np.outer(_marginal(first, measure), _marginal(second, measure)).reshape(-1)
        return shares if known else shares / (1 - ANONYMOUS_SHARE)
    found = _marginal(dimension, measure)
    return found if measure is CUSTOMERS or _identified_only(dimension) else found / (1 - ANONYMOUS_SHARE)


def _marginal(dimension: Dimension, measure: Measure) -> Floats:
    """The shares of the categories of one dimension."""
    if dimension is MIGRATION:
        counts = np.array([count for row in _MIGRATION_CUSTOMERS for count in row], dtype=np.float64)
        shares: Floats = counts / _ALL[0]
        if measure is not CUSTOMERS:
            shares = np.where([name.endswith(":lost") for name in dimension.categories], 0.0, shares)
        return shares
    if dimension.name in _PUBLISHED:
        return np.array(_PUBLISHED[dimension.name][measure])
    if dimension.name in ("all", "identity"):
        known = 1.0 if measure is CUSTOMERS else 1 - ANONYMOUS_SHARE
        return np.array([1.0]) if dimension.name == "all" else np.array([known, 1 - known])
    return _of_level(_equal(dimension), dimension, measure)


def _equal(dimension: Dimension) -> Floats:
    """Equal shares but for the rare; of counties by inhabitants."""
    people = [float(COUNTIES[name].inhabitants) if name in COUNTIES else 1.0 for name in dimension.categories]
    rare = np.array([name in _RARE for name in dimension.categories])
    usual = np.where(rare, 0.0, people if dimension.name == "county" else 1.0)
    return np.where(rare, RARE_SHARE, (1 - RARE_SHARE * rare.sum()) * usual / usual.sum())


def _of_level(shares: Floats, dimension: Dimension, measure: Measure) -> Floats:
    """Customers are in every category of orders and lines in which one of their orders falls."""
    if measure is CUSTOMERS and dimension.level is not Level.CUSTOMER:
        return np.asarray(1 - (1 - shares) ** PER_CUSTOMER[ORDERS])
    return shares


def _identified_only(dimension: Dimension) -> bool:
    """Whether sales without a customer are left out."""
    return dimension.name not in ("all", "identity") and (
        dimension is FLOW or (dimension.level is Level.CUSTOMER and dimension.unidentified is None)
    )
