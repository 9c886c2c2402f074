"""Breakdowns of every dimension, and of two, against a count in plain Python over small stores."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from node.kpis import tables
from node.kpis.cell import Cell
from node.kpis.facts import Facts, Source, facts_of
from node.kpis.orders import orders_of, people_of
from node.kpis.performances import performances_of
from node.kpis.tables import Breakdown, breakdown
from node.kpis.windows import before
from node.store.frames import Keeper, table
from privacy.bounds.windows import Window, twelve_months_to
from privacy.catalogue.dimensions import AGE_BAND, CHANNEL, COUNTY, GENDER, PRICE_BAND, TICKET_TYPE, Dimension
from tests.node.kpis.stores import (
    BANDS,
    EVENTS,
    LASTS,
    ORDINARY,
    SEGMENTS,
    Order,
    Row,
    Store,
    birth_year,
    cases,
    event_of,
    flow,
    load,
    year_to,
)

ALONE: tuple[Dimension, ...] = (*tables.CUSTOMERS, *tables.ORDERS, *tables.LINES, *tables.PERFORMANCES)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def broken_down(
    store: Store, window: Window, choose: Callable[[Facts], list[tuple[Dimension, ...]]]
) -> list[Breakdown]:
    connection = load(store)
    keep = Keeper(connection)
    sales, customers = table(connection, "sales"), table(connection, "customers")
    orders = orders_of(sales, customers, keep)
    people = people_of(orders, window, before(window), keep)
    performances = performances_of(connection, "Europe/Oslo", keep)
    try:
        facts = facts_of(Source(sales, customers, orders, people, performances), window, keep)
        return [breakdown(facts, *dimensions) for dimensions in choose(facts)]
    finally:
        keep.drop()


class Plain:
    """The categories of everything, one after the other, from docs/kpis.md."""

    def __init__(self, store: Store, window: Window) -> None:
        self.store, self.window = store, window
        self.orders = [
            (number, order)
            for number, order in enumerate(store.orders, start=1)
            if window.first <= order.day <= window.last
        ]

    def known(self, order: Order) -> bool:
        return order.unit in self.store.known

    def counts(self, order: Order) -> bool:
        return sum(tickets for _, tickets, _ in order.rows) > 0

    def start(self, number: int, row: Row) -> datetime | None:
        event = event_of(number, row[0])
        text = EVENTS[event][1] if event else None
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
        return moment.astimezone(ZoneInfo("Europe/Oslo")) if moment else None

    def of_customer(self, name: str, unit: int) -> str | None:
        known = unit in self.store.known
        days = [order.day for order in self.store.orders if order.unit == unit and self.counts(order)]
        match name:
            case "age_band":
                born = birth_year(unit) if known else None
                return age(self.window.last.year - born) if born else "unknown"
            case "gender":
                return GENDER.categories[unit % 4] if known else "unknown"
            case "county":
                return COUNTY.categories[unit % 18] if known else "unknown"
            case "segment":
                return (SEGMENTS[unit % 3] if known else None) or "unknown"
            case "frequency_band":
                times = sum(self.window.first <= day <= self.window.last for day in days) if known else 0
                return next((band for band, (least, most) in BANDS.items() if least <= times <= most), None)
        earlier = before(self.window)
        return flow(days, self.window.first, earlier.first, self.window.last) if known else None

    def of_order(self, name: str, number: int, order: Order) -> str | None:
        tickets = sum(row[1] for row in order.rows)
        match name:
            case "month":
                return f"{order.day.month:02d}"
            case "order_weekday":
                return DAYS[order.day.weekday()]
            case "channel":
                return CHANNEL.categories[number % 6]
            case "basket_size":
                bands = [(10, "10+"), (5, "5-9"), (3, "3-4"), (2, "2"), (1, "1")]
                return next((band for least, band in bands if tickets >= least), None)
        starts = [self.start(number, row) for row in order.rows if row[1] > 0]
        first = min((start.date() for start in starts if start), default=None)
        if first is None:
            return "unknown"
        bands = [(91, "91+"), (31, "31-90"), (8, "8-30"), (1, "1-7")]
        return next((band for least, band in bands if (first - order.day).days >= least), "same-day")

    def of_line(self, name: str, number: int, row: Row) -> str:
        kind, tickets, ore = row
        match name:
            case "ticket_type":
                return TICKET_TYPE.categories[kind]
            case "price_band":
                bands = [(800_00, "800+"), (500_00, "500-799"), (300_00, "300-499"), (200_00, "200-299")]
                bands += [(100_00, "100-199"), (1, "1-99"), (-(10**9), "free")]
                return next(band for least, band in bands if ore // tickets >= least) if tickets > 0 else "no-ticket"
            case "genre":
                event = event_of(number, kind)
                return (EVENTS[event][0] if event else None) or "unknown"
        start = self.start(number, row)
        if start is None:
            return "unknown"
        if name == "weekday":
            return DAYS[start.weekday()]
        parts = [(22, "night"), (17, "evening"), (12, "afternoon"), (5, "morning"), (0, "night")]
        return next(part for hour, part in parts if start.hour >= hour)


def age(years: int) -> str:
    bands = [(67, "67+"), (55, "55-66"), (45, "45-54"), (35, "35-44"), (25, "25-34"), (16, "16-24")]
    return next((band for least, band in bands if years >= least), "0-15")


def by_hand(plain: Plain, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    """The cells of one dimension, or of two: customers, and each order and row, put where they belong."""
    names = [dimension.name for dimension in dimensions]
    own = [name for name in names if name in CUSTOMER_NAMES]
    cells: dict[tuple[str, ...], Cell] = defaultdict(Cell)
    buyers: set[tuple[tuple[str, ...], int]] = set()

    def category(name: str, number: int, order: Order, row: Row) -> str | None:
        if name in own:
            return plain.of_customer(name, order.unit)
        if name in ORDER_NAMES:
            return plain.of_order(name, number, order)
        return plain.of_line(name, number, row)

    for number, order in plain.orders:
        at = [tuple(category(name, number, order, row) for name in names) for row in order.rows]
        if "flow" in names and at[0][names.index("flow")] == "lost":
            continue
        tickets: dict[tuple[str, ...], int] = defaultdict(int)
        for place, row in zip(at, order.rows, strict=True):
            if None in place:
                continue
            key = tuple(str(each) for each in place)
            cells[key] += Cell(0, 0, row[1], row[2])
            tickets[key] += row[1]
            if plain.known(order) and plain.counts(order) and (row[1] > 0 or names[0] not in LINE_NAMES):
                buyers.add((key, order.unit))
        if plain.counts(order) and tickets:
            ranked = sorted(tickets, key=lambda key: (-tickets[key], dimensions[0].categories.index(key[0])))
            cells[ranked[0]] += Cell(0, 1, 0, 0)
    if "flow" in names:
        for unit in plain.store.known:
            if plain.of_customer("flow", unit) == "lost":
                buyers.add((tuple(str(plain.of_customer(name, unit)) for name in names), unit))
    for key, _ in buyers:
        cells[key] += Cell(1, 0, 0, 0)
    return cells


CUSTOMER_NAMES = {dimension.name for dimension in tables.CUSTOMERS}
ORDER_NAMES = {dimension.name for dimension in tables.ORDERS}
LINE_NAMES = {"ticket_type", "price_band", "weekday", "daypart", "genre"}


def choose(facts: Facts) -> list[tuple[Dimension, ...]]:
    return [*((dimension,) for dimension in (*ALONE, facts.genre)), *tables.CROSSED, (facts.genre, AGE_BAND)]


@settings(max_examples=6)
@given(cases(), st.booleans())
def test_every_cell_is_that_of_a_plain_count(case: tuple[Store, date], short: bool) -> None:
    store, last = case
    window = Window(year_to(last) if not short else date(last.year, last.month, 1), last)
    plain = Plain(store, window)
    for found in broken_down(store, window, choose):
        expected = by_hand(plain, found.dimensions)
        assert {key: cell for key, cell in found.cells.items() if cell != Cell()} == {
            key: cell for key, cell in expected.items() if cell != Cell()
        }, found.name


def test_every_category_is_there_in_its_order_also_where_nothing_was_sold() -> None:
    found = {each.name: each for each in broken_down(Store((), frozenset()), twelve_months_to(LASTS[0]), choose)}
    assert set(found) == {*(each.name for each in ALONE), "genre"} | {
        *("age_band × gender", "age_band × county", "segment × frequency_band"),
        *("flow × age_band", "ticket_type × month", "genre × age_band"),
    }
    assert list(found["gender"].cells) == [("female",), ("male",), ("other",), ("unknown",)]
    assert list(found["genre"].cells) == [("Dans",), ("Teater",), ("unknown",)]
    assert len(found["ticket_type × month"].cells) == 144
    assert all(cell == Cell() for each in found.values() for cell in each.cells.values())


def test_price_bands_at_their_edges() -> None:
    rows = [
        (1, 0, "free"),
        (2, -100, "free"),
        (1, 1, "1-99"),
        (1, 99_99, "1-99"),
        (2, 200_00, "100-199"),
        (3, 899_99, "200-299"),
        (3, 900_00, "300-499"),
        (1, 799_99, "500-799"),
        (1, 800_00, "800+"),
        (0, 500_00, "no-ticket"),
        (-1, -500_00, "no-ticket"),
    ]
    store = Store(tuple(Order(1, date(2025, 5, 1), ((ORDINARY, *row[:2]),)) for row in rows), frozenset({1}))
    (found,) = broken_down(store, twelve_months_to(date(2025, 12, 31)), lambda _: [(PRICE_BAND,)])
    expected: dict[tuple[str, ...], Cell] = dict.fromkeys(found.cells, Cell())
    for tickets, ore, band in rows:
        expected[band,] += Cell(0, int(tickets > 0), tickets, ore)
    assert {key: cell.tickets for key, cell in found.cells.items()} == {k: cell.tickets for k, cell in expected.items()}
    assert {key: cell.revenue_ore for key, cell in found.cells.items()} == {
        key: cell.revenue_ore for key, cell in expected.items()
    }
    assert {key: cell.orders for key, cell in found.cells.items()} == {k: cell.orders for k, cell in expected.items()}
