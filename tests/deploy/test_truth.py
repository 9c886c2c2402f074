"""The truth is what somebody would count by hand, ticket by ticket."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from deploy.demo.playbill import TYPE
from deploy.demo.sales import ANONYMOUS, DESK
from deploy.demo.world import Truth, World, truth
from tests.deploy.worlds import world


def _by_hand(of: World, last: date) -> Truth:
    """The figures counted order by order, with dates as Python has them."""
    first = date(last.year - 1, last.month + 1, 1)
    before = date(last.year - 2, last.month + 1, 1)
    people = of.orders.person.tolist()
    days = [moment.date() for moment in of.orders.time.tolist()]
    net: Counter[int] = Counter()
    money: Counter[int] = Counter()
    free: Counter[int] = Counter()
    columns = (of.lines.order, of.lines.quantity, of.lines.returned, of.lines.price_ore, of.lines.ticket_type)
    for order, quantity, returned, price, kind in zip(*(column.tolist() for column in columns), strict=True):
        if not of.orders.reserved[order]:
            net[order] += quantity - returned
            free[order] += (quantity - returned) * (kind == TYPE["Fribillett"])
            money[order] += (quantity - returned) * price
    history: dict[int, list[date]] = {}
    for order, tickets in net.items():
        if tickets > 0 and people[order] >= 0 and days[order] <= last:
            history.setdefault(people[order], []).append(days[order])
    flows, bands = Counter[str](), Counter[str]()
    for bought in history.values():
        recent = sorted(day for day in bought if first <= day)
        earlier = sorted(day for day in bought if day < first)
        year_before = [day for day in earlier if before <= day]
        if recent:
            bands[_band(len(recent))] += 1
            flows[_flow(recent[0], earlier, bought_the_year_before=bool(year_before))] += 1
        elif year_before:
            flows["lost"] += 1
    counted = [order for order, tickets in net.items() if tickets > 0 and first <= days[order] <= last]
    return Truth(
        customers=bands.total(),
        orders=len(counted),
        tickets=sum(tickets for order, tickets in net.items() if first <= days[order] <= last),
        revenue_ore=sum(ore for order, ore in money.items() if first <= days[order] <= last),
        anonymous_orders=sum(people[order] in (ANONYMOUS, DESK) for order in counted),
        complimentary_tickets=sum(free[order] for order in counted),
        identified_revenue_ore=sum(money[order] for order in counted if people[order] >= 0),
        flows={flow: flows[flow] for flow in ("new", "continuing", "recovered", "lost")},
        frequency_bands={band: bands[band] for band in ("1", "2-4", "5-7", "8+")},
    )


def _band(orders: int) -> str:
    return "1" if orders == 1 else "2-4" if orders < 5 else "5-7" if orders < 8 else "8+"


def _flow(first: date, earlier: list[date], *, bought_the_year_before: bool) -> str:
    if bought_the_year_before:
        return "continuing"
    if not earlier:
        return "new"
    last = earlier[-1]
    away = (first.year - last.year) * 12 + first.month - last.month
    return "new" if (away, first.day) >= (36, last.day) else "recovered"


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2026, 3, 31), date(2025, 10, 31)])
def test_truth_is_what_counting_by_hand_gives(last: date) -> None:
    for seed in (1, 2):
        small = world(1_500, seed)
        assert truth(small, last) == _by_hand(small, last)


def test_long_absence_makes_some_people_new_again() -> None:
    """The world is long enough that the rule of 36 months decides about somebody, and not about everybody."""
    large = world(12_000)
    person, time = large.orders.person, large.orders.time
    known = (person >= 0) & ~large.orders.reserved
    first, before = np.datetime64("2025-11-01"), np.datetime64("2024-11-01")
    recent = set(person[known & (time >= first)].tolist())
    year_before = set(person[known & (time >= before) & (time < first)].tolist())
    long_ago = set(person[known & (time < before)].tolist())
    back_after_a_pause = len((recent & long_ago) - year_before)
    assert 0 < truth(large).flows["recovered"] < back_after_a_pause


def test_people_without_any_contact_are_anonymous_where_no_key_is_exported() -> None:
    small = world(1_500)
    with_keys, without = truth(small), truth(small, keys_are_known=False)
    assert (with_keys.orders, with_keys.tickets, with_keys.revenue_ore) == (
        without.orders,
        without.tickets,
        without.revenue_ore,
    )
    assert without.customers < with_keys.customers
    moved = without.anonymous_orders - with_keys.anonymous_orders
    assert 0 < moved < 0.05 * with_keys.orders


def test_a_window_ends_with_a_month() -> None:
    with pytest.raises(ValueError, match="last day of a month"):
        truth(world(1_500), date(2026, 10, 30))
