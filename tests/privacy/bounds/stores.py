"""Small stores: what hypothesis draws, and by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from privacy.bounds.windows import Window, quarter_to, twelve_months_to
from privacy.catalogue.tables import Bounds


@dataclass(frozen=True)
class Line:
    """A row of `lines` of privacy.bounds.frames."""

    unit: int
    order_no: int
    line_no: int
    original_no: int | None
    ordered_on: date
    order_rank: int
    line_rank: int
    event: str | None
    event_no: int | None
    sold_as: str | None
    ticket_type: int
    channel: int
    tickets: int
    revenue_ore: int


@dataclass(frozen=True)
class Event:
    """What the institution says of a performance; the same in every store, for no customer has a say in it."""

    start_on: date | None
    genre: int
    weekday: int
    daypart: int


EVENTS = {
    1: Event(date(2026, 3, 1), 0, 6, 2),
    2: Event(date(2026, 10, 31), 8, 5, 0),
    3: Event(date(2025, 11, 1), 2, 5, 4),
    4: Event(None, 13, 7, 4),
    5: Event(date(2024, 2, 29), 5, 3, 3),
}


@dataclass(frozen=True)
class Customer:
    """A row of `customers` of privacy.bounds.frames."""

    unit: int
    identified: bool = True
    released: bool = True
    birth_year: int | None = None
    gender: int = 3
    county: int = 17
    segment: str | None = None


@dataclass(frozen=True)
class Store:
    """All lines and customers of one institution."""

    lines: tuple[Line, ...]
    customers: tuple[Customer, ...]

    @property
    def units(self) -> list[int]:
        """Everybody who has a row: customers, and sales without one."""
        return sorted({line.unit for line in self.lines} | {customer.unit for customer in self.customers})

    def without(self, unit: int) -> "Store":
        """The neighbouring store that lacks all rows of one unit."""
        return Store(
            tuple(line for line in self.lines if line.unit != unit),
            tuple(customer for customer in self.customers if customer.unit != unit),
        )


WINDOW = twelve_months_to(date(2026, 10, 31))

QUARTER = quarter_to(date(2024, 3, 31))

WINDOWS = (WINDOW, twelve_months_to(date(2024, 2, 29)), twelve_months_to(date(2025, 2, 28)))

LOOSE = Bounds(8, 20, 20, 1_000_000)

TIGHT = (
    Bounds(max_orders=2, max_lines=3, max_tickets=3, max_revenue_ore=500),
    Bounds(max_orders=1, max_lines=1, max_tickets=1, max_revenue_ore=1),
    Bounds(max_orders=3, max_lines=2, max_tickets=5, max_revenue_ore=150),
    Bounds(max_orders=1, max_lines=4, max_tickets=2, max_revenue_ore=10**12),
)

NO_LINE = 10**6
"""A line number that no store has."""


def sale(unit: int, order_no: int, line_no: int, ordered_on: date, **values: Any) -> Line:
    """A line by hand: one ordinary ticket for 1 kr on the web unless it is said otherwise."""
    plain = Line(unit, order_no, line_no, None, ordered_on, order_no, line_no, None, None, None, 0, 0, 1, 100)
    return replace(plain, **values)


def days(window: Window) -> st.SearchStrategy[date]:
    """Days at the edges of both windows, 36 months before, on leap days, and any."""
    first, last = window.first, window.last
    year = timedelta(days=365)
    edges = [first, last, last + timedelta(days=1), first - timedelta(days=1), first - year, first - year * 2]
    long_ago = [first - year * 3 + timedelta(days=step) for step in (-40, -1, 0, 1, 20)]
    within = [first + timedelta(days=step) for step in (0, 1, 28, 31, 59, 100, 200, 300)]
    return st.one_of(
        st.sampled_from(within),
        st.sampled_from(edges + long_ago + [date(2020, 2, 29), date(2024, 2, 29)]),
        st.dates(first - year * 5, last + timedelta(days=40)),
    )


@dataclass(frozen=True)
class _Order:
    unit: int
    order_no: int
    ordered_on: date
    rank: int
    channel: int
    lines: int


_AMOUNTS = st.sampled_from([0, 0, 1, 99, 100, 250, 499, 500, 501, 2_000, 4_999, 5_000, 5_100, 24_999, 100_000])
_TEXTS = st.sampled_from([None, "", "a", "b"])
_RANKS = st.integers(0, 2)  # so few that they tie


@st.composite
def stores(draw: st.DrawFn, window: Window = WINDOW, most_customers: int = 3, most_orders: int = 5) -> Store:
    """A store of a few customers and anonymous sales, with returns of every kind."""
    customers = tuple(
        Customer(
            unit,
            identified=draw(st.sampled_from([True, True, True, False])),
            released=draw(st.sampled_from([True, True, True, False])),
            birth_year=draw(st.sampled_from([None, 1900, *range(1953, 2013, 3), window.last.year])),
            gender=draw(st.integers(0, 3)),
            county=draw(st.sampled_from([0, 1, 17])),
            segment=draw(st.sampled_from([None, "", "essence", "entertainment", "Essens"])),
        )
        for unit in range(1, draw(st.integers(1, most_customers)) + 1)
    )
    orders = _orders(draw, window, len(customers), most_orders)
    numbers = count(1)
    sold = [
        _line(
            draw,
            order,
            next(numbers),
            tickets=draw(st.sampled_from([0, 1, 1, 2, 3, 4])),
            revenue_ore=draw(_AMOUNTS),
        )
        for order in orders
        for _ in range(order.lines)
    ]
    returned = [
        _line(
            draw,
            order,
            next(numbers),
            original_no=draw(st.sampled_from([None, None, NO_LINE, *(line.line_no for line in sold)])),
            tickets=-draw(st.integers(0, 5)),
            revenue_ore=-draw(_AMOUNTS),
        )
        for order in draw(st.lists(st.sampled_from(orders), max_size=5) if orders else st.just([]))
    ]
    return Store(tuple(sold + returned), customers)


def _orders(draw: st.DrawFn, window: Window, customers: int, most: int) -> list[_Order]:
    numbers = count(1)
    units = [unit for unit in range(1, customers + 1) for _ in range(draw(st.integers(0, most)))]
    anonymous = [0] * draw(st.integers(0, 2))
    orders = []
    for unit in units + anonymous:
        number = next(numbers)
        orders.append(
            _Order(
                unit or -number,
                number,
                draw(days(window)),
                draw(_RANKS),
                draw(st.integers(0, 5)),
                draw(st.sampled_from([0, 1, 1, 2, 3])),
            )
        )
    return orders


def _line(draw: st.DrawFn, order: _Order, line_no: int, **values: Any) -> Line:
    plain = Line(
        unit=order.unit,
        order_no=order.order_no,
        line_no=line_no,
        original_no=None,
        ordered_on=order.ordered_on,
        order_rank=order.rank,
        line_rank=draw(_RANKS),
        event=draw(_TEXTS),
        event_no=draw(st.sampled_from([None, *EVENTS])),
        sold_as=draw(_TEXTS),
        ticket_type=draw(st.sampled_from([0, 1, 10, 11])),
        channel=order.channel,
        tickets=0,
        revenue_ore=0,
    )
    return replace(plain, **values)


def heap(parts: Iterable[Store]) -> Store:
    """One store of several, with numbers of their own."""
    lines: list[Line] = []
    customers: list[Customer] = []
    for place, part in enumerate(parts):
        shift = place * 1_000
        lines += [_shifted(line, shift) for line in part.lines]
        customers += [replace(customer, unit=customer.unit + shift) for customer in part.customers]
    return Store(tuple(lines), tuple(customers))


def _shifted(line: Line, by: int) -> Line:
    known = line.original_no is not None and line.original_no != NO_LINE
    return replace(
        line,
        unit=line.unit + by if line.unit > 0 else line.unit - by,
        order_no=line.order_no + by,
        line_no=line.line_no + by,
        original_no=(line.original_no or 0) + by if known else line.original_no,
    )
