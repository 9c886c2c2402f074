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
from privacy.catalogue.dimensions import Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Table
from tests.privacy.bounds.stores import Customer, Line, Store

Vectors = dict[tuple[str, Measure], Vector]


def exact_cells(store: Store, window: Window, bounds: Bounds) -> Vectors:
    """The vectors of every table of the catalogue."""
    objectors = {customer.unit for customer in store.customers if not customer.released}
    sold = [line for line in net(store.lines) if line.unit not in objectors]
    people = {customer.unit: customer for customer in store.customers}
    vectors: Vectors = {}
    for table in TABLES.values():
        cells = _Cells(table)
        for unit in {line.unit for line in sold}:
            own = [line for line in sold if line.unit == unit]
            _add_unit(cells, _Unit(people.get(unit), own, window, bounds))
        vectors |= {(table.name, measure): cells.vector[measure] for measure in table.measures}
    return vectors


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
    return line.line_rank, line.ticket_type, line.tickets, line.revenue_ore


@dataclass(frozen=True)
class _Unit:
    """One unit with its net lines of all times."""

    customer: Customer | None
    lines: Sequence[Line]
    window: Window
    bounds: Bounds

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

    def kept(self) -> dict[int, list[Line]]:
        """The kept orders of the window with their kept lines, cut to the bounds."""
        counted = self.days(self.window)
        orders = [[line for line in self.lines if line.order_no == order] for order in counted]
        orders.sort(key=lambda lines: (lines[0].order_rank, min(line.line_rank for line in lines), lines[0].order_no))
        some = orders[: self.bounds.max_orders]
        in_turn = [line for lines in some for line in sorted(lines, key=_keyed)][: self.bounds.max_lines]
        tickets, revenue = self.bounds.max_tickets, self.bounds.max_revenue_ore
        kept: dict[int, list[Line]] = defaultdict(list)
        for line in in_turn:
            cut = replace(line, tickets=min(line.tickets, tickets), revenue_ore=min(line.revenue_ore, revenue))
            tickets, revenue = tickets - cut.tickets, revenue - cut.revenue_ore
            kept[line.order_no].append(cut)
        return kept


class _Cells:
    """The vectors of one table, being filled."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.vector = {measure: np.zeros(table.cells, dtype=np.int64) for measure in Measure}

    def add(self, measure: Measure, category: int, amount: int) -> None:
        self.vector[measure][category] += amount


def _add_unit(cells: _Cells, unit: _Unit) -> None:
    match cells.table.dimension.level:
        case Level.CUSTOMER:
            _add_whole(cells, unit)
        case Level.ORDER:
            _add_by_order(cells, unit)
        case Level.LINE:
            _add_by_line(cells, unit)


def _add_whole(cells: _Cells, unit: _Unit) -> None:
    """A unit in the one category that it lies in, if any."""
    category = _category(cells.table.dimension, unit)
    if category is None:
        return
    kept = unit.kept()
    lines = [line for lines in kept.values() for line in lines]
    cells.add(Measure.CUSTOMERS, category, int(unit.identified))
    cells.add(Measure.ORDERS, category, len(kept))
    cells.add(Measure.TICKETS, category, sum(line.tickets for line in lines))
    cells.add(Measure.REVENUE, category, sum(line.revenue_ore for line in lines))


def _add_by_order(cells: _Cells, unit: _Unit) -> None:
    name = cells.table.dimension.name
    seen = set()
    for lines in unit.kept().values():
        category = lines[0].ordered_on.month - 1 if name == "month" else lines[0].channel
        seen.add(category)
        cells.add(Measure.ORDERS, category, 1)
        cells.add(Measure.TICKETS, category, sum(line.tickets for line in lines))
        cells.add(Measure.REVENUE, category, sum(line.revenue_ore for line in lines))
    _add_person(cells, unit, seen)


def _add_by_line(cells: _Cells, unit: _Unit) -> None:
    """Each line in its category; an order in that of most of its kept tickets, the first of several."""
    seen = set()
    for lines in unit.kept().values():
        by_category: dict[int, int] = defaultdict(int)
        for line in lines:
            seen.add(line.ticket_type)
            by_category[line.ticket_type] += line.tickets
            cells.add(Measure.TICKETS, line.ticket_type, line.tickets)
            cells.add(Measure.REVENUE, line.ticket_type, line.revenue_ore)
        most = max(by_category.values())
        primary = min(category for category, tickets in by_category.items() if tickets == most)
        cells.add(Measure.ORDERS, primary, 1)
    _add_person(cells, unit, seen)


def _add_person(cells: _Cells, unit: _Unit, categories: set[int]) -> None:
    for category in categories if unit.identified else ():
        cells.add(Measure.CUSTOMERS, category, 1)


def _category(dimension: Dimension, unit: _Unit) -> int | None:
    """Where a unit lies in a customer-level dimension; None where it is left out."""
    orders = len(unit.days(unit.window))
    if not orders and not (dimension.name == "flow" and unit.identified):
        return None
    if not unit.identified:
        return None if dimension.unidentified is None else dimension.categories.index(dimension.unidentified)
    assert unit.customer is not None
    match dimension.name:
        case "all" | "identity":
            return 0
        case "gender":
            return unit.customer.gender
        case "county":
            return unit.customer.county
        case "flow":
            flow = unit.flow()
            return None if flow is None else dimension.categories.index(flow)
        case "frequency_band":
            return dimension.categories.index(
                "1" if orders == 1 else "2-4" if orders <= 4 else "5-7" if orders <= 7 else "8+"
            )
        case "age_band":
            return dimension.categories.index(_age_band(unit.window.last.year, unit.customer.birth_year))
    raise AssertionError(dimension.name)


def _age_band(year: int, birth_year: int | None) -> str:
    if birth_year is None:
        return "unknown"
    for band in ("0-15", "16-24", "25-34", "35-44", "45-54", "55-66"):
        if year - birth_year <= int(band.split("-")[1]):
            return band
    return "67+"
