"""The bounded view once more: slow, in plain Python, one row after the other.

Written from the privacy contract (section 3) and the docstrings of privacy.bounds, not from its expressions: what
the two agree on, they agree on independently.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from privacy.bounds.cells import Vector
from privacy.bounds.windows import Window, year_before
from privacy.catalogue.dimensions import COUNTY, GENDER, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds, Needs
from tests.privacy.bounds.stores import EVENTS, Customer, Line, Store

Vectors = dict[tuple[str, Measure], Vector]


def bounded_tables(bounds: Bounds | Sequence[BoundedTable], *, tiers: bool = False) -> Sequence[BoundedTable]:
    """Every table of the catalogue within the same bounds, those of tiers only where asked; or what is given."""
    if not isinstance(bounds, Bounds):
        return bounds
    tables = [table for table in TABLES.values() if tiers or Needs.TIERS not in table.needs]
    return [BoundedTable(table, (bounds,)) for table in tables]


def exact_cells(
    store: Store,
    window: Window,
    bounds: Bounds | Sequence[BoundedTable],
    thresholds: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> Vectors:
    """The vectors of some tables, or of every table of the catalogue within the same bounds."""
    objectors = {customer.unit for customer in store.customers if not customer.released}
    sold = [line for line in net(store.lines) if line.unit not in objectors]
    people = {customer.unit: customer for customer in store.customers}
    units = [
        _Unit(people.get(unit), [line for line in sold if line.unit == unit], window, thresholds)
        for unit in sorted({line.unit for line in sold})
    ]
    vectors: Vectors = {}
    for each in bounded_tables(bounds):
        cells = _Cells(each)
        for unit in units:
            _add_unit(cells, unit)
        vectors |= {(each.table.name, measure): cells.vector[measure] for measure in each.table.measures}
    return vectors


def quantile_counts(store: Store, window: Window) -> dict[Measure, list[int]]:
    """How many identified customers have how much, between the candidates."""
    found = {measure: [0] * (len(candidates) + 1) for measure, candidates in CANDIDATES.items()}
    people = {customer.unit: customer for customer in store.customers if customer.released and customer.identified}
    for person in people.values():
        own = [line for line in net(store.lines) if line.unit == person.unit]
        unit = _Unit(person, own, window, ((), ()))
        counted = unit.days(window)
        bought = [line for line in own if line.order_no in counted]
        has = {
            Measure.ORDERS: len(counted),
            Measure.TICKETS: sum(line.tickets for line in bought),
            Measure.REVENUE: sum(line.revenue_ore for line in bought),
        }
        for measure, candidates in CANDIDATES.items():
            if counted:
                found[measure][sum(candidate <= has[measure] for candidate in candidates)] += 1
    return found


def net(lines: Iterable[Line]) -> list[Line]:
    """The sold lines that remain once the returns are taken back, none of them below zero."""
    sold = {line.line_no: line for line in lines if line.tickets >= 0 and line.revenue_ore >= 0}
    returns = [line for line in lines if line.line_no not in sold]
    named = [back for back in returns if _original(back, sold) is not None]
    _take_back(sold, named, lambda line, back: line.line_no == back.original_no)
    rest = [back for back in returns if back not in named]
    rest = _take_back(sold, rest, _alike)
    _take_back(sold, rest, lambda line, back: line.order_no == back.order_no)
    return [line for line in sold.values() if line.tickets > 0 or line.revenue_ore > 0]


def _take_back(sold: dict[int, Line], returns: Iterable[Line], of: Callable[[Line, Line], bool]) -> list[Line]:
    """Takes returns back from the lines that are `of` them, in the keyed order; gives what is left of the returns."""
    in_turn = [line.line_no for line in sorted(sold.values(), key=_keyed)]
    left = []
    for back in returns:
        tickets, revenue = -back.tickets, -back.revenue_ore
        for number in in_turn:
            line = sold[number]
            if of(line, back):
                less, cheaper = min(line.tickets, tickets), min(line.revenue_ore, revenue)
                tickets, revenue = tickets - less, revenue - cheaper
                sold[number] = replace(line, tickets=line.tickets - less, revenue_ore=line.revenue_ore - cheaper)
        left.append(replace(back, tickets=-tickets, revenue_ore=-revenue))
    return left


def _original(back: Line, sold: dict[int, Line]) -> Line | None:
    """The line of the same unit that a return names."""
    original = sold.get(back.original_no or 0)
    return original if original is not None and original.unit == back.unit else None


def _alike(line: Line, back: Line) -> bool:
    """Whether a line is of the order, event and ticket type of a return."""
    return (line.order_no, line.event or "", line.sold_as or "") == (
        back.order_no,
        back.event or "",
        back.sold_as or "",
    )


def _keyed(line: Line) -> tuple[int, ...]:
    return line.line_rank, line.ticket_type, line.tickets, line.revenue_ore, line.event_no or 0


@dataclass(frozen=True)
class _Unit:
    """One unit with its net lines of all times."""

    customer: Customer | None
    lines: Sequence[Line]
    window: Window
    thresholds: tuple[Sequence[int], Sequence[int]]

    @property
    def identified(self) -> bool:
        return self.customer is not None and self.customer.identified

    def days(self, window: Window) -> dict[int, date]:
        """The unit's orders in a window that count, with their days."""
        tickets: dict[int, int] = defaultdict(int)
        for line in self.lines:
            tickets[line.order_no] += line.tickets
        return {
            line.order_no: line.ordered_on
            for line in self.lines
            if tickets[line.order_no] > 0 and window.first <= line.ordered_on <= window.last
        }

    def flow(self) -> str | None:
        before = year_before(self.window)
        s12, f12 = self.days(self.window), self.days(before)
        earlier = self.days(Window(date.min, before.first - timedelta(days=1)))
        if not s12:
            return "lost" if f12 else None
        if f12:
            return "continuing"
        if not earlier:
            return "new"
        back, away = min(s12.values()), max(earlier.values())
        return "new" if (back.year - 3, back.month, back.day) >= (away.year, away.month, away.day) else "recovered"

    def revenue(self, window: Window) -> int:
        """What the unit paid in a window for orders that count."""
        counted = self.days(window)
        return sum(line.revenue_ore for line in self.lines if line.order_no in counted)

    def order(self, order_no: int) -> list[Line]:
        """All net lines of an order."""
        return [line for line in self.lines if line.order_no == order_no]

    def kept(self, bounds: Bounds) -> dict[int, list[tuple[Line, Line]]]:
        """The kept orders of the window with their kept lines, each as it was and cut to the bounds."""
        counted = self.days(self.window)
        orders = [[line for line in self.lines if line.order_no == order] for order in counted]
        orders.sort(key=lambda lines: (lines[0].order_rank, min(line.line_rank for line in lines), lines[0].order_no))
        some = orders[: bounds.max_orders]
        in_turn = [line for lines in some for line in sorted(lines, key=_keyed)][: bounds.max_lines]
        tickets, revenue = bounds.max_tickets, bounds.max_revenue_ore
        kept: dict[int, list[tuple[Line, Line]]] = defaultdict(list)
        for line in in_turn:
            cut = replace(line, tickets=min(line.tickets, tickets), revenue_ore=min(line.revenue_ore, revenue))
            tickets, revenue = tickets - cut.tickets, revenue - cut.revenue_ore
            kept[line.order_no].append((line, cut))
        return kept


class _Cells:
    """The vectors of one table, being filled."""

    def __init__(self, bounded: BoundedTable) -> None:
        self.bounded = bounded
        self.dimension = bounded.table.dimension
        self.vector = {measure: np.zeros(bounded.table.cells, dtype=np.int64) for measure in Measure}

    def add(self, measure: Measure, category: int, amount: int) -> None:
        self.vector[measure][category] += amount

    def bounds(self, category: int) -> Bounds:
        return self.bounded.bounds[category if self.bounded.by_cell else 0]


def _add_unit(cells: _Cells, unit: _Unit) -> None:
    match cells.dimension.level:
        case Level.CUSTOMER:
            _add_whole(cells, unit)
        case Level.ORDER:
            _add_by_order(cells, unit)
        case Level.LINE:
            _add_by_line(cells, unit)


def _add_whole(cells: _Cells, unit: _Unit) -> None:
    """A unit in the one category that it lies in, if any."""
    of_the_lost = {"flow", "migration"} & {part.name for part in (cells.dimension, *cells.dimension.parts)}
    category = _of_customer(cells.dimension, unit)
    if category is None or not (of_the_lost or unit.days(unit.window)):
        return
    kept = unit.kept(cells.bounds(category))
    lines = [cut for lines in kept.values() for _, cut in lines]
    cells.add(Measure.CUSTOMERS, category, int(unit.identified))
    cells.add(Measure.ORDERS, category, len(kept))
    cells.add(Measure.TICKETS, category, sum(line.tickets for line in lines))
    cells.add(Measure.REVENUE, category, sum(line.revenue_ore for line in lines))


def _add_by_order(cells: _Cells, unit: _Unit) -> None:
    seen = set()
    for order_no, lines in unit.kept(cells.bounds(0)).items():
        category = _of_order(cells.dimension, unit.order(order_no))
        seen.add(category)
        cells.add(Measure.ORDERS, category, 1)
        cells.add(Measure.TICKETS, category, sum(cut.tickets for _, cut in lines))
        cells.add(Measure.REVENUE, category, sum(cut.revenue_ore for _, cut in lines))
    _add_person(cells, unit, seen)


def _add_by_line(cells: _Cells, unit: _Unit) -> None:
    """Each line in its category; an order in that of most of its kept tickets, the first of several."""
    seen = set()
    for lines in unit.kept(cells.bounds(0)).values():
        by_category: dict[int, int] = defaultdict(int)
        for line, cut in lines:
            category = _of_line(cells.dimension, unit, line)
            seen.add(category)
            by_category[category] += cut.tickets
            cells.add(Measure.TICKETS, category, cut.tickets)
            cells.add(Measure.REVENUE, category, cut.revenue_ore)
        most = max(by_category.values())
        primary = min(category for category, tickets in by_category.items() if tickets == most)
        cells.add(Measure.ORDERS, primary, 1)
    _add_person(cells, unit, seen)


def _add_person(cells: _Cells, unit: _Unit, categories: set[int]) -> None:
    for category in categories if unit.identified else ():
        cells.add(Measure.CUSTOMERS, category, 1)


def _band(value: int, upper: dict[str, int], last: str) -> str:
    """The first band whose upper end is not exceeded."""
    return next((name for name, end in upper.items() if value <= end), last)


def _of_line(dimension: Dimension, unit: _Unit, line: Line) -> int:
    if dimension.parts:
        first, second = dimension.parts
        other = (
            _of_order(second, unit.order(line.order_no)) if second.level is Level.ORDER else _of_customer(second, unit)
        )
        assert other is not None
        return _of_line(first, unit, line) * len(second.categories) + other
    event = EVENTS[line.event_no or 4]  # the fourth is as good as none
    match dimension.name:
        case "ticket_type":
            return line.ticket_type
        case "genre":
            return event.genre
        case "weekday":
            return event.weekday
        case "daypart":
            return event.daypart
    assert dimension.name == "price_band"
    if not line.tickets:
        return dimension.categories.index("no-ticket")
    upper = {"free": 0, "1-99": 99_99, "100-199": 199_99, "200-299": 299_99, "300-499": 499_99, "500-799": 799_99}
    return dimension.categories.index(_band(line.revenue_ore // line.tickets, upper, "800+"))


def _of_order(dimension: Dimension, order: Sequence[Line]) -> int:
    day = order[0].ordered_on
    match dimension.name:
        case "month":
            return day.month - 1
        case "channel":
            return order[0].channel
        case "order_weekday":
            return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(f"{day:%a}".lower())
        case "basket_size":
            upper = {"1": 1, "2": 2, "3-4": 4, "5-9": 9}
            return dimension.categories.index(_band(sum(line.tickets for line in order), upper, "10+"))
    assert dimension.name == "lead_time"
    starts = [EVENTS[line.event_no].start_on for line in order if line.event_no and line.tickets > 0]
    first = min((start for start in starts if start is not None), default=None)
    upper = {"same-day": 0, "1-7": 7, "8-30": 30, "31-90": 90}
    return dimension.categories.index("unknown" if first is None else _band((first - day).days, upper, "91+"))


def _of_customer(dimension: Dimension, unit: _Unit) -> int | None:
    """Where a unit lies in a customer-level dimension; None where it is left out."""
    if dimension.parts:
        first, second = (_of_customer(part, unit) for part in dimension.parts)
        if first is None or second is None:
            return None
        return first * len(dimension.parts[1].categories) + second
    if not unit.identified:
        if dimension.unidentified is None or not unit.days(unit.window):
            return None
        return dimension.categories.index(dimension.unidentified)
    flow = unit.flow()
    if flow is None:
        return None
    name = _said_of(dimension.name, unit, flow)
    return None if name is None else dimension.categories.index(name)


def _said_of(dimension: str, unit: _Unit, flow: str) -> str | None:
    """What an identified customer is who is active or lost; None where the lost are left out."""
    customer, orders, paid = unit.customer, len(unit.days(unit.window)), unit.revenue(unit.window)
    assert customer is not None
    tier, before = _tier(paid, unit.thresholds[0]), _tier(unit.revenue(year_before(unit.window)), unit.thresholds[1])
    frequency = _band(orders, {"1": 1, "2-4": 4, "5-7": 7}, "8+")
    match dimension:
        case "flow":
            return flow
        case "migration":
            return f"{before if flow in ('continuing', 'lost') else flow}:{'lost' if flow == 'lost' else tier}"
        case "age_band":  # also of the lost: crossed with flow
            return _age_band(unit.window.last.year, customer.birth_year)
    if flow == "lost":
        return None
    match dimension:
        case "all" | "identity":
            return {"all": "all", "identity": "identified"}[dimension]
        case "gender":
            return GENDER.categories[customer.gender]
        case "county":
            return COUNTY.categories[customer.county]
        case "segment":
            return customer.segment if customer.segment in ("essence", "entertainment") else "unknown"
        case "frequency_band":
            return frequency
        case "value_tier":
            return tier
        case "value_band":
            return _band(paid // 100, _VALUE_ENDS, "40000+")
    raise AssertionError(dimension)


_VALUE_ENDS = {
    f"{low}-{high}": high
    for low, high in [
        (0, 249),
        (250, 499),
        (500, 999),
        (1000, 1999),
        (2000, 3999),
        (4000, 7999),
        (8000, 11999),
        (12000, 15999),
        (16000, 23999),
        (24000, 39999),
    ]
}


def _tier(paid: int, thresholds: Sequence[int]) -> str:
    reached = [name for name, least in zip(("super", "top", "middle"), thresholds, strict=False) if paid >= least]
    return reached[0] if reached else "bottom"


def _age_band(year: int, birth_year: int | None) -> str:
    if birth_year is None:
        return "unknown"
    for band in ("0-15", "16-24", "25-34", "35-44", "45-54", "55-66"):
        if year - birth_year <= int(band.split("-")[1]):
            return band
    return "67+"
