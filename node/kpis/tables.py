"""The own figures category by category: customers, orders, tickets and revenue by one dimension, or by two.

As in a release, an order lies in one category of a dimension of lines: where most of its tickets are. Tickets and
revenue lie where their line does; a customer counts once in each category.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from node.kpis.cell import Cell
from node.kpis.facts import Facts
from node.kpis.orders import rows
from privacy.bounds.frames import Frame, int64, sums
from privacy.catalogue.dimensions import (
    AGE_BAND,
    BASKET_SIZE,
    CHANNEL,
    COUNTY,
    DAYPART,
    FLOW,
    FREQUENCY_BAND,
    GENDER,
    LEAD_TIME,
    MONTH,
    ORDER_WEEKDAY,
    PRICE_BAND,
    SEGMENT,
    TICKET_TYPE,
    WEEKDAY,
    Dimension,
    Level,
)

CUSTOMERS = (AGE_BAND, GENDER, COUNTY, SEGMENT, FREQUENCY_BAND, FLOW)
ORDERS = (MONTH, ORDER_WEEKDAY, CHANNEL, BASKET_SIZE, LEAD_TIME)
LINES = (TICKET_TYPE, PRICE_BAND)
PERFORMANCES = (WEEKDAY, DAYPART)
"""Genre comes to these: its categories are the institution's own."""

CROSSED = ((AGE_BAND, GENDER), (AGE_BAND, COUNTY), (SEGMENT, FREQUENCY_BAND), (FLOW, AGE_BAND), (TICKET_TYPE, MONTH))
"""And genre by age."""


@dataclass(frozen=True)
class Breakdown:
    """Cells by the categories of one dimension or two; every combination has one, in the categories' order."""

    dimensions: tuple[Dimension, ...]
    cells: Mapping[tuple[str, ...], Cell]

    @property
    def name(self) -> str:
        """age_band, or age_band × gender."""
        return " × ".join(dimension.name for dimension in self.dimensions)


def breakdown(facts: Facts, *dimensions: Dimension) -> Breakdown:
    """Cells by one dimension, or by two: both of customers, or one of lines and then one of orders or customers."""
    match dimensions[0].level:
        case Level.CUSTOMER:
            cells = _by_customer(facts, dimensions)
        case Level.ORDER:
            cells = _by_order(facts.orders, dimensions)
        case Level.LINE:
            cells = _by_line(facts.lines, dimensions)
    keys: list[tuple[str, ...]] = [()]
    for dimension in dimensions:
        keys = [(*key, category) for key in keys for category in dimension.categories]
    return Breakdown(dimensions, {key: cells.get(key, Cell()) for key in keys})


def _by_customer(facts: Facts, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    """Sales without a known customer lie where the dimensions say; lost customers are in a table of flows alone."""
    people = facts.people
    active = nw.col("active") == 1
    if FLOW in dimensions:
        people = people.filter(~nw.col("flow").is_null()).with_columns(
            customers=nw.lit(1), **{name: nw.col(name) * nw.col("active") for name in _SUMS}
        )
    else:
        described = all(dimension.unidentified for dimension in dimensions)
        people = (people if described else people.filter(active)).with_columns(customers=nw.col("active"))
    cells = _cells(people.group_by(_names(dimensions)).agg(**sums("customers", *_SUMS)), dimensions)
    nobody = tuple(dimension.unidentified for dimension in dimensions if dimension.unidentified)
    if len(nobody) == len(dimensions):
        cells[nobody] = cells.get(nobody, Cell()) + facts.anonymous
    return cells


def _by_order(orders: Frame, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    placed = orders.filter(
        ~nw.any_horizontal(*(nw.col(name).is_null() for name in _names(dimensions)), ignore_nulls=False)
    )
    amounts = placed.with_columns(orders=nw.col("counts")).group_by(_names(dimensions)).agg(**sums(*_SUMS))
    return _together(_cells(amounts, dimensions), _buyers(placed, dimensions))


def _by_line(lines: Frame, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    dimension, *others = dimensions
    last = len(dimension.categories) - 1
    score = nw.col("tickets") * (last + 1) + (last - nw.col(dimension.name))
    other = [each.name for each in others]
    primary = (
        lines.filter(nw.col("counts") == 1)
        .group_by("order_no", dimension.name, *other)
        .agg(**sums("tickets"))
        .group_by("order_no", *other)
        .agg(best=int64(score).max())
        .with_columns((last - nw.col("best") % (last + 1)).alias(dimension.name))
        .group_by(_names(dimensions))
        .agg(orders=int64(nw.len()))
    )
    amounts = lines.group_by(_names(dimensions)).agg(**sums("tickets", "revenue_ore"))
    bought = _buyers(lines.filter(nw.col("tickets") > 0), dimensions)
    return _together(_cells(amounts, dimensions), _cells(primary, dimensions), bought)


_SUMS = ("orders", "tickets", "revenue_ore")


def _names(dimensions: tuple[Dimension, ...]) -> list[str]:
    return [dimension.name for dimension in dimensions]


def _buyers(frame: Frame, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    """Identified customers with an order that counts, each once in every category."""
    known = frame.filter((nw.col("known") == 1) & (nw.col("counts") == 1))
    return _cells(known.group_by(_names(dimensions)).agg(customers=int64(nw.col("unit").n_unique())), dimensions)


def _cells(grouped: Frame, dimensions: tuple[Dimension, ...]) -> dict[tuple[str, ...], Cell]:
    cells = {}
    for row in rows(grouped):
        key = tuple(dimension.categories[row.pop(dimension.name) or 0] for dimension in dimensions)
        cells[key] = Cell(**{name: value or 0 for name, value in row.items()})
    return cells


def _together(*parts: Mapping[tuple[str, ...], Cell]) -> dict[tuple[str, ...], Cell]:
    cells: dict[tuple[str, ...], Cell] = {}
    for part in parts:
        for key, cell in part.items():
            cells[key] = cells.get(key, Cell()) + cell
    return cells
