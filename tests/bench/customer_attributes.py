"""What the customers, orders and lines of the simulated base are like: shares as houses have them, some by spending."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue import dimensions
from privacy.catalogue.dimensions import (
    BASKET_LOWER_BOUNDS,
    FREQUENCY_LOWER_BOUNDS,
    MIGRATION,
    PRICE_LOWER_BOUNDS_ORE,
    TIER_QUANTILES,
    TIERS,
    VALUE_LOWER_BOUNDS_KR,
)
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES

Ints = NDArray[np.int64]
Shares = Sequence[Sequence[float]]

AGE = (
    (0.2, 2, 6, 12, 22, 31, 25, 2),
    (0.3, 4, 10, 16, 23, 26, 19, 2),
    (0.5, 8, 16, 19, 20, 20, 14, 3),
    (0.8, 13, 20, 18, 17, 16, 11, 4),
    (0.8, 12, 20, 18, 17, 16, 12, 4),
)
"""Percent by tier, those that were lost last, in the order of the categories; so below."""

SEGMENT = (
    (20, 14, 10, 8, 6, 5, 7, 4, 26),
    (16, 14, 11, 8, 8, 6, 8, 5, 24),
    (10, 12, 12, 8, 11, 7, 8, 8, 24),
    (6, 9, 11, 6, 14, 6, 8, 14, 26),
    (7, 10, 11, 7, 13, 6, 8, 12, 26),
)
GENDER = ((58, 36, 0.5, 5.5),)
COUNTY_ELSEWHERE = (13, 9, 4.5, 4, 5.5, 12, 4.5, 6.5, 4.5, 5.5, 3, 12, 8.5, 4.2, 1.3, 0.1, 1.9, 6)
HOMES = ("03", "03", "03", "46", "46", "50", "11", "34", "15", "55")
HOME_SHARE = 0.62
MONTH = ((9, 9.5, 10, 8, 7, 5, 2.5, 7, 11, 11.5, 11.5, 8),)
CHANNEL = ((70, 12, 7, 5, 4, 2), (76, 9, 5, 6, 3, 1), (80, 7, 3, 7, 2, 1), (80, 7, 2, 8, 2, 1), (80, 7, 2, 8, 2, 1))
ORDER_WEEKDAY = ((16, 15, 15, 16, 15, 11, 12),)
LEAD_TIME = ((5, 16, 22, 34, 22, 1), (8, 21, 25, 28, 17, 1), (12, 26, 26, 23, 12, 1), (16, 29, 26, 19, 9, 1)) * 2
TICKET_TYPE = (
    (40, 2, 1, 1, 12, 3, 1, 22, 9, 5, 3, 1),
    (48, 4, 2, 2, 11, 3, 1, 12, 7, 6, 3, 1),
    (55, 7, 4, 5, 8, 3, 1, 4, 3, 6, 3, 1),
    (50, 10, 7, 9, 6, 2, 1, 1, 1, 8, 4, 1),
    (50, 10, 7, 9, 6, 2, 1, 1, 1, 8, 4, 1),
)
GENRE = (
    (34, 14, 6, 6, 8, 6, 3, 6, 8, 2, 2, 2, 2, 1),
    (6, 6, 4, 3, 40, 14, 9, 4, 6, 2, 2, 2, 1, 1),
    (18, 8, 12, 10, 14, 12, 6, 6, 6, 2, 2, 2, 1, 1),
)
"""By the kind of house: every third member is of one."""
WEEKDAY = ((3, 9, 12, 17, 22, 25, 11, 1),)
DAYPART = ((3, 20, 70, 6, 1),)


def of_units(
    member: Ints, tier: Ints, origin: Ints, orders: Ints, ore: Ints, random: np.random.Generator
) -> dict[str, Ints]:
    """The attributes of each unit: customers and lost ones by tier (4 of the lost) and origin, then anonymous sales.

    member, tier, origin: of customers and lost ones. orders and ore: of every unit.
    """
    people, units = len(member), len(orders)
    found = {
        "age_band": _by(AGE, tier, random),
        "gender": _by(GENDER, np.zeros(people, dtype=np.int64), random),
        "county": _counties(member, random),
        "segment": _by(SEGMENT, tier, random),
    }
    every = {}
    for name, values in found.items():
        nobody = dimensions.DIMENSIONS[name].categories.index(dimensions.UNKNOWN)
        every[name] = np.concatenate([values, np.full(units - people, nobody)])
    flow = np.where(origin < 4, 1, np.where(origin == 4, 2, 0))
    every["flow"] = _padded(np.where(tier == 4, 3, flow), units)
    every["frequency_band"] = _band(orders, list(FREQUENCY_LOWER_BOUNDS.values()))
    every["value_band"] = _band(ore, [100 * kroner for kroner in VALUE_LOWER_BOUNDS_KR.values()])
    every["identity"] = (np.arange(units) >= people).astype(np.int64)
    every["all"] = np.zeros(units, dtype=np.int64)
    return every


def tiers(member: Ints, origin: Ints, ore: Ints, active: int) -> dict[str, Ints]:
    """The tiers of value of each unit by its own member's quantiles, and from which tier or from where it came.

    member, origin: of customers and lost ones, of whom the first `active` are customers. ore: of every unit.
    """
    bought, whose = ore[:active], member[:active]
    to = np.full(len(ore), len(TIERS), dtype=np.int64)
    for each in np.unique(whose):
        points = np.quantile(bought[whose == each], [float(at) for at in TIER_QUANTILES])
        grid = np.array(CANDIDATES[Measure.REVENUE])
        limits = grid[np.searchsorted(grid, points)]
        there = np.flatnonzero(whose == each)
        to[there] = (bought[there, None] < limits).sum(axis=1)
    names = [*TIERS, "recovered", "new"]
    places = np.array(
        [
            [
                MIGRATION.categories.index(f"{one}:{other}") if f"{one}:{other}" in MIGRATION.categories else 0
                for other in (*TIERS, "lost")
            ]
            for one in names
        ]
    )
    migration = np.zeros(len(ore), dtype=np.int64)
    migration[: len(origin)] = places[origin, to[: len(origin)]]
    return {"value_tier": np.where(to == len(TIERS), 0, to), "migration": migration}


def of_orders(spender: Ints, tickets: Ints, random: np.random.Generator) -> dict[str, Ints]:
    """The attributes of each order, by the tier of whoever ordered."""
    plain = np.zeros(len(spender), dtype=np.int64)
    return {
        "month": _by(MONTH, plain, random),
        "channel": _by(CHANNEL, spender, random),
        "order_weekday": _by(ORDER_WEEKDAY, plain, random),
        "basket_size": _band(tickets, list(BASKET_LOWER_BOUNDS.values())),
        "lead_time": _by(LEAD_TIME, spender, random),
    }


def of_lines(member: Ints, spender: Ints, tickets: Ints, ore: Ints, random: np.random.Generator) -> dict[str, Ints]:
    """The attributes of each line. A complimentary one has the price band of what is free."""
    plain = np.zeros(len(member), dtype=np.int64)
    ticket_type = _by(TICKET_TYPE, spender, random)
    free = ticket_type == dimensions.TICKET_TYPE.categories.index("complimentary")
    return {
        "ticket_type": ticket_type,
        "genre": _by(GENRE, member % len(GENRE), random),
        "price_band": np.where(free, 0, _band(ore // tickets, list(PRICE_LOWER_BOUNDS_ORE.values()))),
        "weekday": _by(WEEKDAY, plain, random),
        "daypart": _by(DAYPART, plain, random),
    }


def _by(shares: Shares, group: Ints, random: np.random.Generator) -> Ints:
    """A category for each, by the shares of its group."""
    uniform = random.random(len(group))
    found = np.zeros(len(group), dtype=np.int64)
    for index, row in enumerate(shares):
        cumulative = np.cumsum(row) / np.sum(row)
        there = group == index
        found[there] = np.searchsorted(cumulative, uniform[there], side="right")
    return np.minimum(found, len(shares[0]) - 1)


def _counties(member: Ints, random: np.random.Generator) -> Ints:
    """The home county of the member, for most of its customers."""
    home = np.array([dimensions.COUNTY.categories.index(code) for code in HOMES])[member % len(HOMES)]
    elsewhere = _by((COUNTY_ELSEWHERE,), np.zeros(len(member), dtype=np.int64), random)
    return np.where(random.random(len(member)) < HOME_SHARE, home, elsewhere)


def _band(values: Ints, lowest: list[int]) -> Ints:
    return np.maximum(np.searchsorted(lowest, values, side="right") - 1, 0).astype(np.int64)


def _padded(values: Ints, units: int) -> Ints:
    return np.concatenate([values, np.zeros(units - len(values), dtype=np.int64)])
