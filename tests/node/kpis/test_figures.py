"""The own figures against a count in plain Python, written from docs/kpis.md, over small stores."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.kpis.figures import Figures, figures, figures_of
from node.kpis.orders import people_of
from node.kpis.windows import before
from node.store.frames import Keeper, table
from privacy.bounds.windows import Window
from tests.node.kpis.stores import (
    BANDS,
    COMPLIMENTARY,
    FLOWS,
    ORDINARY,
    Order,
    Store,
    cases,
    flow,
    load,
    loaded,
    year_to,
)


def computed(store: Store, last: date, first: date | None = None) -> Figures:
    """The figures of twelve months, or of the days from `first`."""
    if first is not None:
        window = Window(first, last)
        with loaded(store) as (orders, keep):
            return figures_of(orders, people_of(orders, window, before(window), keep), window)
    connection = load(store)
    keep = Keeper(connection)
    try:
        return figures(table(connection, "sales"), table(connection, "customers"), last, keep)
    finally:
        keep.drop()


def expected(store: Store, last: date, first: date | None = None) -> dict[str, object]:
    """Every figure of twelve months, or of the days from `first`, by the definitions, one after the other."""
    first = first or year_to(last)
    yearly = first == year_to(last)
    earlier = year_to(first - timedelta(days=1))
    counted = [order for order in store.orders if sum(row[1] for row in order.rows) > 0]
    in_window = [order for order in counted if first <= order.day <= last]
    sold = [(order.unit, row) for order in store.orders if first <= order.day <= last for row in order.rows]
    flows, bands = dict.fromkeys(FLOWS, 0), dict.fromkeys(BANDS, 0)
    for unit in store.known:
        found = flow([order.day for order in counted if order.unit == unit], first, earlier, last)
        if found is not None:
            flows[found] += 1
        times = sum(order.unit == unit for order in in_window)
        for band, (least, most) in BANDS.items():
            bands[band] += least <= times <= most
    orders = len(in_window)
    known_orders = sum(order.unit in store.known for order in in_window)
    customers = len({order.unit for order in in_window} & store.known)
    tickets, ore = sum(row[1] for _, row in sold), sum(row[2] for _, row in sold)
    free = sum(row[1] for _, row in sold if row[0] == COMPLIMENTARY)
    known_ore = sum(row[2] for unit, row in sold if unit in store.known)
    active = flows["continuing"] + flows["lost"] if yearly else 0
    stay_or_return = flows["continuing"] + flows["recovered"]
    newcomers, rebooked = rebooking(store, earlier, first - timedelta(days=1)) if yearly else (None, None)
    return {
        "first": first,
        "last": last,
        "customers": customers,
        "orders": orders,
        "tickets": tickets,
        "revenue_ore": ore,
        "anonymous_orders": orders - known_orders,
        "complimentary_tickets": free,
        "identified_revenue_ore": known_ore,
        "flows": flows if yearly else {name: flows[name] for name in FLOWS[:3]},
        "frequency_bands": bands,
        "lost": flows["lost"] if yearly else None,
        "active_before": active if yearly else None,
        "newcomers": newcomers,
        "rebooked": rebooked,
        "rebooking_share": ratio(rebooked or 0, newcomers or 0),
        "retention": ratio(flows["continuing"], active),
        "duration_years": ratio(active, flows["lost"] if yearly else 0),
        "net_duration_years": ratio(active, active - stay_or_return) if yearly else None,
        "clv": Fraction(known_ore, customers) * Fraction(active, flows["lost"])
        if yearly and customers and flows["lost"]
        else None,
        "first_timer_share": ratio(flows["new"], customers),
        "purchase_frequency": ratio(known_orders, customers),
        "average_purchase_ore": ratio(ore, orders),
        "revenue_per_customer_ore": ratio(known_ore, customers),
        "average_ticket_price_ore": ratio(ore, tickets - free),
        "tickets_per_order": ratio(tickets, orders),
        "complimentary_share": ratio(free, tickets),
        "identified_share": ratio(known_orders, orders),
    }


def rebooking(store: Store, first: date, last: date) -> tuple[int, int]:
    """New customers of some days, and who of them came again, later, but before a year had gone."""
    newcomers = rebooked = 0
    for unit in store.known:
        days = sorted(
            order.day for order in store.orders if order.unit == unit and sum(row[1] for row in order.rows) > 0
        )
        if flow(days, first, year_to(first - timedelta(days=1)), last) != "new":
            continue
        newcomers += 1
        came = next(day for day in days if first <= day <= last)
        year_on = (came.year + 1, came.month, came.day)
        rebooked += any(day > came and (day.year, day.month, day.day) < year_on for day in days)
    return newcomers, rebooked


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def shown(found: Figures) -> dict[str, object]:
    """Every field and every property of the figures, by name."""
    derived = {name: getattr(found, name) for name, value in vars(Figures).items() if isinstance(value, property)}
    fields = {name: value for name, value in vars(found).items() if name != "window"}
    return {"first": found.window.first, "last": found.window.last} | fields | derived


@settings(max_examples=25)
@given(cases())
@example((Store((), frozenset()), date(2025, 12, 31)))
def test_every_figure_is_that_of_a_plain_count(case: tuple[Store, date]) -> None:
    store, last = case
    found = computed(store, last)
    assert shown(found) == expected(store, last)
    assert found.customers == sum(count for name, count in found.flows.items() if name != "lost")


@settings(max_examples=15)
@given(cases(), st.integers(0, 800))
def test_so_is_every_figure_of_any_other_window(case: tuple[Store, date], days: int) -> None:
    store, last = case
    first = last - timedelta(days=days)
    assert shown(computed(store, last, first)) == expected(store, last, first)


def test_an_empty_store_has_zeros_and_no_ratios() -> None:
    found = shown(computed(Store((), frozenset()), date(2025, 12, 31)))
    assert {name for name, value in found.items() if value is None} == {
        "retention",
        "duration_years",
        "net_duration_years",
        "clv",
        "rebooking_share",
        "first_timer_share",
        "purchase_frequency",
        "average_purchase_ore",
        "revenue_per_customer_ore",
        "average_ticket_price_ore",
        "tickets_per_order",
        "complimentary_share",
        "identified_share",
    }
    assert found["customers"] == found["orders"] == found["tickets"] == found["revenue_ore"] == 0


def test_the_ratios_of_a_small_year_by_hand() -> None:
    paid, free = (ORDINARY, 2, 80_000), (COMPLIMENTARY, 2, 0)
    orders = (
        Order(1, date(2024, 6, 1)),
        Order(1, date(2025, 3, 1), (paid,)),
        Order(1, date(2025, 4, 1), (free,)),
        Order(2, date(2024, 1, 1)),
        Order(0, date(2025, 5, 1), (paid,)),
        Order(3, date(2025, 5, 2), (paid,)),
    )
    found = computed(Store(orders, frozenset({1, 2}), frozenset({3})), date(2025, 12, 31))
    assert (found.customers, found.orders, found.anonymous_orders) == (1, 4, 2)
    assert found.flows == {"new": 0, "continuing": 1, "recovered": 0, "lost": 1}
    assert (found.tickets, found.complimentary_tickets, found.revenue_ore) == (8, 2, 240_000)
    assert found.average_ticket_price_ore == 40_000  # the two free ones pay nothing and are not counted
    assert found.revenue_per_customer_ore == 80_000  # neither the anonymous order nor the placeholder's is in it
    assert (found.retention, found.duration_years) == (0.5, 2.0)
    assert (found.purchase_frequency, found.average_purchase_ore, found.tickets_per_order) == (2.0, 60_000, 2.0)
    assert (found.complimentary_share, found.identified_share, found.first_timer_share) == (0.25, 0.5, 0.0)


def test_duration_is_unknown_while_nobody_is_lost_and_retention_while_nobody_was_there() -> None:
    stays = (Order(1, date(2024, 6, 1)), Order(1, date(2025, 6, 1)))
    found = computed(Store(stays, frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years) == (1.0, None)
    found = computed(Store(stays[1:], frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years, found.first_timer_share) == (None, None, 1.0)
    found = computed(Store(stays[:1], frozenset({1})), date(2025, 12, 31))
    assert (found.retention, found.duration_years, found.first_timer_share) == (0.0, 1.0, None)


def test_a_return_without_its_sale_lowers_the_sums_and_makes_no_customer() -> None:
    back = (Order(1, date(2025, 5, 1), ((ORDINARY, -1, -30_000),)), Order(2, date(2025, 6, 1)))
    found = computed(Store(back, frozenset({1, 2})), date(2025, 12, 31))
    assert (found.tickets, found.revenue_ore, found.identified_revenue_ore) == (0, -20_000, -20_000)
    assert (found.customers, found.orders) == (1, 1)
    assert found.average_ticket_price_ore is None


@pytest.mark.parametrize(
    ("left", "back", "what"),
    [
        (date(2022, 3, 15), date(2025, 3, 14), "recovered"),
        (date(2022, 3, 15), date(2025, 3, 15), "new"),
        (date(2020, 2, 29), date(2023, 2, 28), "recovered"),
        (date(2020, 2, 29), date(2023, 3, 1), "new"),
    ],
)
def test_who_stayed_away_for_36_months_is_new_again(left: date, back: date, what: str) -> None:
    found = computed(Store((Order(1, left), Order(1, back)), frozenset({1})), date(back.year, 12, 31))
    assert {name for name, count in found.flows.items() if count} == {what}


WINDOWS = [
    (date(2025, 2, 28), date(2024, 3, 1), date(2023, 3, 1)),
    (date(2024, 2, 29), date(2023, 3, 1), date(2022, 3, 1)),
    (date(2024, 2, 28), date(2023, 3, 1), date(2022, 3, 1)),  # there is no 29 February 2023
    (date(2025, 12, 31), date(2025, 1, 1), date(2024, 1, 1)),
]


@pytest.mark.parametrize(("last", "first", "earlier"), WINDOWS)
def test_the_edges_of_both_windows(last: date, first: date, earlier: date) -> None:
    day = timedelta(days=1)
    orders = (
        Order(1, first),
        Order(2, last),
        Order(3, last + day),
        Order(4, first - day),
        Order(5, earlier),
        Order(6, earlier - day),
    )
    found = computed(Store(orders, frozenset(range(1, 7))), last)
    assert (found.window.first, found.window.last) == (first, last)
    assert found.orders == found.customers == 2
    assert found.flows == {"new": 2, "continuing": 0, "recovered": 0, "lost": 2}


def test_the_bands_of_frequency() -> None:
    times = (1, 2, 4, 5, 7, 8, 30)
    orders = tuple(
        Order(unit, date(2025, 1, 1) + timedelta(days=step))
        for unit, number in enumerate(times, start=1)
        for step in range(number)
    )
    found = computed(Store(orders, frozenset(range(1, 8))), date(2025, 12, 31))
    assert found.frequency_bands == {"1": 1, "2-4": 2, "5-7": 2, "8+": 2}


@pytest.mark.parametrize(
    ("came", "again", "rebooked"),
    [
        (date(2024, 3, 15), date(2024, 3, 15), 0),  # two orders of one day are one visit to the box office
        (date(2024, 3, 15), date(2024, 3, 16), 1),
        (date(2024, 3, 15), date(2025, 3, 14), 1),
        (date(2024, 3, 15), date(2025, 3, 15), 0),
        (date(2024, 2, 29), date(2025, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 3, 1), 0),
    ],
)
def test_rebooking_ends_the_day_before_the_year_is_over(came: date, again: date, rebooked: int) -> None:
    found = computed(Store((Order(1, came), Order(1, again)), frozenset({1})), date(2025, 12, 31))
    assert (found.newcomers, found.rebooked) == (1, rebooked)


def test_who_was_there_before_is_no_newcomer_and_a_free_ticket_is_one() -> None:
    orders = (
        Order(1, date(2022, 5, 1)),
        Order(1, date(2024, 5, 1)),
        Order(1, date(2024, 6, 1)),
        Order(2, date(2024, 5, 1), ((COMPLIMENTARY, 1, 0),)),
        Order(2, date(2024, 6, 1), ((ORDINARY, -1, -100),)),
    )
    found = computed(Store(orders, frozenset({1, 2})), date(2025, 12, 31))
    assert (found.newcomers, found.rebooked) == (1, 0)


def test_a_month_has_new_and_continuing_customers_and_nobody_lost() -> None:
    orders = (
        Order(1, date(2024, 10, 1)),
        Order(1, date(2025, 9, 30)),
        Order(2, date(2025, 9, 1)),
        Order(3, date(2025, 8, 1)),
    )
    found = computed(Store(orders, frozenset({1, 2, 3})), date(2025, 9, 30), date(2025, 9, 1))
    assert found.flows == {"new": 1, "continuing": 1, "recovered": 0}
    assert (found.retention, found.duration_years, found.net_duration_years, found.clv) == (None,) * 4


def test_both_durations_of_a_year() -> None:
    stays = [Order(unit, date(year, 5, 1)) for unit in (1, 2) for year in (2024, 2025)]
    lost = [Order(unit, date(2024, 5, 1)) for unit in (3, 4)]
    back = [Order(5, date(year, 5, 1)) for year in (2023, 2025)]
    found = computed(Store((*stays, *lost, *back), frozenset(range(1, 6))), date(2025, 12, 31))
    assert (found.retention, found.duration_years, found.net_duration_years) == (0.5, 2.0, 4.0)
    more = Order(6, date(2023, 5, 1)), Order(6, date(2025, 5, 1))
    found = computed(Store((*stays, *lost, *back, *more), frozenset(range(1, 7))), date(2025, 12, 31))
    assert (found.duration_years, found.net_duration_years) == (2.0, None)
