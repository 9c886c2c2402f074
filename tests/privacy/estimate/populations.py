"""Exact cells of made-up institutions in which everything adds up: customers with attributes, and what they bought.

Revenue has a heavy tail, and everything is cut to the bounds of its table, customer by customer, so that what narrow
and wide tables say differs as it does in truth.
"""

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.dimensions import TIERS, VALUE_LOWER_BOUNDS_KR, Dimension
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Part, Study

Column = NDArray[np.int64]
People = dict[str, Column]
"""By attribute, the category of each; and by measure, what each bought before any bound."""

_ORIGINS = (*TIERS, "recovered", "new")


def people_of(random: np.random.Generator, customers: int) -> People:
    """Active customers, a quarter as many anonymous sales, and a third as many lost customers."""
    anonymous, lost = customers // 4, customers // 3
    number = customers + anonymous + lost
    kind = np.repeat([0, 1, 2], [customers, anonymous, lost])  # active, anonymous, lost
    orders = np.where(kind == 1, 1, random.geometric(0.45, number))
    tickets = orders * random.integers(1, 4, number)
    revenue = (tickets * 20_000 * random.lognormal(0, 0.9, number)).astype(np.int64)
    for each in (orders, tickets, revenue):
        each[kind == 2] = 0
    rank = np.argsort(np.argsort(-np.where(kind == 0, revenue, 0))) / customers
    tier = np.searchsorted([0.05, 0.2, 0.7], rank, side="right")
    origin = np.where(
        kind == 2, random.integers(0, 4, number), random.choice(6, number, p=[0.1, 0.15, 0.2, 0.1, 0.2, 0.25])
    )
    flow = np.where(kind == 2, 3, np.where(origin < 4, 1, np.where(origin == 4, 2, 0)))
    return {
        "kind": kind,
        "all": np.zeros(number, dtype=np.int64),
        "identity": (kind == 1).astype(np.int64),
        "age_band": np.where(kind == 1, 7, random.choice(8, number, p=[0.02, 0.08, 0.15, 0.2, 0.2, 0.2, 0.1, 0.05])),
        "gender": np.where(kind == 1, 3, random.choice(4, number, p=[0.55, 0.38, 0.02, 0.05])),
        "flow": flow,
        "value_band": np.searchsorted(np.array(list(VALUE_LOWER_BOUNDS_KR.values())) * 100, revenue, side="right") - 1,
        "ticket_type": random.choice(12, number, p=np.array([30, 8, 6, 8, 12, 4, 4, 6, 6, 6, 5, 5]) / 100),
        "value_tier": tier,
        "migration": np.array(
            [_moved(one, two, three == 2) for one, two, three in zip(origin, tier, kind, strict=True)]
        ),
        "orders": orders,
        "tickets": tickets,
        "revenue": revenue,
    }


def _moved(origin: int, tier: int, lost: bool) -> int:
    return origin * 5 + 4 if lost and origin < 4 else 20 + (origin - 4) * 4 + tier if origin > 3 else origin * 5 + tier


def exact(study: Study, people: People) -> Column:
    """The vector of a study over one institution."""
    return np.concatenate([_of_part(part, people) for part in study.parts])


def _of_part(part: Part, people: People) -> Column:
    dimension, measure = part.table.dimension, part.measure
    cells = np.zeros(part.table.cells, dtype=np.int64)
    at = _category(dimension, people)
    if measure is Measure.CUSTOMERS:
        counted = people["kind"] == 0
        if dimension.name in ("flow", "migration"):
            counted = people["kind"] != 1
        np.add.at(cells, at[counted], 1)
        return cells
    limits = np.array([_limit(bounds, measure) for bounds in part.bounded.bounds])
    amounts = np.minimum(people[measure], limits[at] if part.bounded.by_cell else limits[0])
    identified = dimension.name in ("flow", "value_band", "value_tier", "migration")
    counted = people["kind"] == 0 if identified else people["kind"] != 2
    np.add.at(cells, at[counted], amounts[counted])
    return cells


def _category(dimension: Dimension, people: People) -> Column:
    if not dimension.parts:
        return people[dimension.name]
    first, second = dimension.parts
    return people[first.name] * len(second.categories) + people[second.name]


def _limit(bounds: Bounds, measure: Measure) -> int:
    return {
        Measure.ORDERS: bounds.max_orders,
        Measure.TICKETS: bounds.max_tickets,
        Measure.REVENUE: bounds.max_revenue_ore,
    }[measure]
