"""A simulated base of customers like a published one, to measure what bounds cut off and how noise weighs.

Tier by tier and origin by origin it has the customers, orders and revenue of a published customer portfolio (Elinder,
"Dina nycklar till framgångsrikare CRM", 2018), scaled to the members' sizes. Within such a cell revenue is a power law
between the tier's limits with the cell's mean (the super tier has no practical upper limit, so its tail is a Pareto
one), and orders are one plus a gamma-mixed Poisson number that grows with the square root of revenue. Attributes have
shares as houses have them; flow and frequency follow from the cells, age, segment, ticket type, channel and price lean
on what is spent. All of it is drawn from one seed.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue import dimensions
from privacy.catalogue.dimensions import TIERS
from privacy.planning import portfolio
from privacy.planning.portfolio import S12
from tests.bench.customer_attributes import of_lines, of_orders, of_units, tiers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LOST = tuple(portfolio.LOST[tier][0] for tier in TIERS)
"""Customers who did not come back, by their tier of the twelve months before."""

LIMITS_KR = {"super": (8_000, 500_000), "top": (3_600, 8_000), "middle": (750, 3_600), "bottom": (50, 750)}
"""Between which amounts a tier's customers are. Our choice: the source prints means alone."""

PRICE_LEVELS = (0.8, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.1, 1.1, 1.2)
"""What ten members' customers spend, against the source's."""

ANONYMOUS_SHARE = 0.12
"""Of all orders."""

PAID_SHARE = 0.969
"""Of all tickets: the others are complimentary, and what others pay makes up for them."""


@dataclass(frozen=True, eq=False)
class Base:
    """The base of all members together. Every array holds indices of categories or amounts; money in øre.

    Units are customers first (identified and active), then the lost, then anonymous sales. Lines stand unit by unit in
    the order in which a release would keep them (a random one), order by order.

    unit: of each line; order: of each line, rising. tickets, revenue: of each line. of_units, of_orders, of_lines: the
    category of each by dimension.
    """

    customers: int
    lost: int
    units: int
    unit: Ints
    order: Ints
    tickets: Ints
    revenue: Ints
    of_units: dict[str, Ints]
    of_orders: dict[str, Ints]
    of_lines: dict[str, Ints]


def base(members: int = 10, size: int = 20_000, seed: int = 6) -> Base:
    """The customers of so many members, each of one size: active customers of twelve months."""
    random = np.random.default_rng(seed)
    people = _people(members, size, random)
    orders = _orders(people, random)
    return _put_together(people, orders, random)


def months(whole: Base, first: int, last: int) -> Base:
    """What was bought in these calendar months alone, 1 to 12."""
    month = whole.of_orders["month"] + 1
    orders = (month >= first) & (month <= last)
    lines = orders[whole.order]
    return replace(
        whole,
        unit=whole.unit[lines],
        order=(np.cumsum(orders) - 1)[whole.order[lines]],
        tickets=whole.tickets[lines],
        revenue=whole.revenue[lines],
        of_orders={name: values[orders] for name, values in whole.of_orders.items()},
        of_lines={name: values[lines] for name, values in whole.of_lines.items()},
    )


@dataclass(frozen=True, eq=False)
class _People:
    member: Ints
    tier: Ints
    origin: Ints
    orders: Ints
    kroner: Floats
    active: int


@cache
def power(low: float, high: float, mean: float) -> float:
    """The exponent a of the density x^-a on [low, high] that has this mean; by bisection, for the mean falls with a."""
    below, above = -20.0, 20.0
    for _ in range(80):
        a = (below + above) / 2
        below, above = (a, above) if _mean(low, high, a) > mean else (below, a)
    return (below + above) / 2


def _mean(low: float, high: float, a: float) -> float:
    return low * _moment(low, high, 1 - a) / _moment(low, high, -a)


def _moment(low: float, high: float, k: float) -> float:
    """The integral of x^k, in units of low^(k + 1)."""
    ratio = high / low
    return float(np.log(ratio)) if abs(k + 1) < 1e-9 else float((ratio ** (k + 1) - 1) / (k + 1))


def _power_law(low: float, high: float, mean: float, number: int, random: np.random.Generator) -> Floats:
    """Draws by the inverse of the distribution function, one from each of as many equal parts of it."""
    a = power(low, high, mean)
    uniform = (random.permutation(number) + random.random(number)) / max(number, 1)
    k = 1 - a
    ratio = high / low
    drawn = low * (ratio**uniform if abs(k) < 1e-9 else (1 + uniform * (ratio**k - 1)) ** (1 / k))
    return np.asarray(drawn, dtype=np.float64)


def _people(members: int, size: int, random: np.random.Generator) -> _People:
    """The customers cell by cell of the source's table, shared out over the members by chance."""
    total, whole = members * size, sum(cell[0] for row in S12.values() for cell in row)
    tier, origin, orders, kroner = [], [], [], []
    for row, name in enumerate(TIERS):
        for column, (people, all_orders, all_kroner) in enumerate(S12[name]):
            number = round(people * total / whole)
            amounts = _power_law(*LIMITS_KR[name], all_kroner / people, number, random)
            lean = np.sqrt(amounts) / np.sqrt(amounts).mean()
            more = random.poisson((all_orders / people - 1) * lean * random.gamma(1.5, 1 / 1.5, number))
            tier.append(np.full(number, row))
            origin.append(np.full(number, column))
            orders.append(1 + more)
            kroner.append(amounts)
    active = sum(map(len, tier))
    for column, people in enumerate(LOST):
        number = round(people * total / whole)
        tier.append(np.full(number, len(TIERS)))
        origin.append(np.full(number, column))
        orders.append(np.zeros(number))
        kroner.append(np.zeros(number))
    everybody = sum(map(len, tier))
    member = np.concatenate([random.permutation(active) % members, random.permutation(everybody - active) % members])
    spent = np.concatenate(kroner) / PAID_SHARE * np.resize(PRICE_LEVELS, members)[member]
    return _People(
        member,
        np.concatenate(tier).astype(np.int64),
        np.concatenate(origin).astype(np.int64),
        np.concatenate(orders).astype(np.int64),
        spent,
        active,
    )


@dataclass(frozen=True, eq=False)
class _Orders:
    unit: Ints
    ore: Ints
    tickets: Ints
    member: Ints
    spender: Ints
    """0 to 3: the tier of whoever ordered; 2 for somebody unknown."""


def _orders(people: _People, random: np.random.Generator) -> _Orders:
    """Each customer's revenue, split over the orders, and the tickets that it buys at a price of its own."""
    unit = np.repeat(np.arange(len(people.orders)), people.orders)
    weight = random.gamma(3.0, 1.0, len(unit))
    kroner = people.kroner[unit] * weight / np.bincount(unit, weight, len(people.orders))[unit]
    nobody = round(len(unit) * ANONYMOUS_SHARE / (1 - ANONYMOUS_SHARE))
    members = int(people.member.max()) + 1
    unit = np.concatenate([unit, len(people.orders) + np.arange(nobody)])
    kroner = np.concatenate([kroner, random.lognormal(6.2, 0.8, nobody)])
    member = np.concatenate([people.member, random.integers(0, members, nobody)])[unit]
    spender = np.concatenate([people.tier, np.full(nobody, 2)])[unit]
    price = np.resize(PRICE_LEVELS, members)[member] * random.lognormal(5.89, 0.45, len(unit))
    tickets = np.clip(np.rint(kroner / price), 1, 400).astype(np.int64)
    return _Orders(unit, np.rint(kroner * 100).astype(np.int64), tickets, member, spender)


def _put_together(people: _People, orders: _Orders, random: np.random.Generator) -> Base:
    """Lines of the orders, all in the order in which they would be kept, with their attributes."""
    turn = np.lexsort((random.random(len(orders.unit)), orders.unit))
    orders = _Orders(*(column[turn] for column in vars(orders).values()))
    lines = 1 + (orders.tickets > 1) * (random.random(len(turn)) < 0.3)
    order = np.repeat(np.arange(len(turn)), lines)
    second = np.concatenate([[False], order[1:] == order[:-1]])
    first_tickets = np.where(lines == 2, np.maximum(1, orders.tickets * 2 // 3), orders.tickets)
    tickets = np.where(second, (orders.tickets - first_tickets)[order], first_tickets[order])
    first_ore = orders.ore * first_tickets // orders.tickets
    revenue = np.where(second, (orders.ore - first_ore)[order], first_ore[order])

    line_attributes = of_lines(orders.member[order], orders.spender[order], tickets, revenue, random)
    free = line_attributes["ticket_type"] == dimensions.TICKET_TYPE.categories.index("complimentary")
    revenue = np.where(free, 0, revenue)
    units = int(orders.unit.max()) + 1
    bought = np.bincount(orders.unit, minlength=units)
    spent = np.bincount(orders.unit[order], revenue, units).astype(np.int64)
    return Base(
        customers=people.active,
        lost=len(people.orders) - people.active,
        units=units,
        unit=orders.unit[order],
        order=order,
        tickets=tickets,
        revenue=revenue,
        of_units=of_units(people.member, people.tier, people.origin, bought, spent, random)
        | tiers(people.member, people.origin, spent, people.active),
        of_orders=of_orders(orders.spender, orders.tickets, random),
        of_lines=line_attributes,
    )
