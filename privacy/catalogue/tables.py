"""The tables of the catalogue: a dimension with the measures that it may carry, and how far one customer moves them."""

from dataclasses import dataclass
from enum import Flag, auto
from math import prod

from privacy.catalogue import dimensions
from privacy.catalogue.dimensions import Dimension, Level
from privacy.catalogue.measures import Measure


@dataclass(frozen=True)
class Bounds:
    """What one customer may contribute to a release, per window. Public constants of a study."""

    max_orders: int
    max_lines: int
    max_tickets: int
    max_revenue_ore: int

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or not 0 < value <= 10**12:  # bool is an int, and no bound
                raise ValueError(f"{name} is a whole number from 1 to 10^12")

    def narrower_than(self, wide: "Bounds") -> bool:
        """Whether they are narrower in one thing and wider in none."""
        return self != wide and all(its <= vars(wide)[name] for name, its in vars(self).items())


@dataclass(frozen=True)
class Sensitivity:
    """The largest change of a vector when all rows of one customer come or go (add/remove adjacency).

    `l1` is the sum of absolute changes, `l2_squared` the sum of their squares; both integers, in the unit of the
    measure (øre for revenue).
    """

    l1: int
    l2_squared: int


class Needs(Flag):
    """What a table asks of the study that has it."""

    NOTHING = 0
    TWELVE_MONTHS = auto()
    """It is defined over twelve months, and over those before them."""
    TIERS = auto()
    """It takes the thresholds of the value tiers, which the release tells."""


@dataclass(frozen=True)
class Table:
    """One table of the catalogue. Its vector for a measure has one int64 per category, in their fixed order."""

    name: str
    dimension: Dimension
    measures: tuple[Measure, ...] = tuple(Measure)
    needs: Needs = Needs.NOTHING

    @property
    def cells(self) -> int:
        """How many categories, and so integers per measure, the table has."""
        return len(self.dimension.categories)

    @property
    def _reachable(self) -> int:
        """How many cells the lines of one customer can lie in: of every attribute of a customer there is one value."""
        parts = self.dimension.parts or (self.dimension,)
        return prod(len(part.categories) for part in parts if part.level is not Level.CUSTOMER)

    def sensitivity(self, measure: Measure, bounds: Bounds) -> Sensitivity:
        """How far one customer can move this table's vector of a measure.

        Customers lie in one cell of a customer-level dimension, in at most `max_orders` cells of an order-level
        one and in at most `max_lines` cells of a line-level one, once each. Of a line-level one that is crossed with
        an attribute of the customer they reach only the cells of their own. Kept orders, tickets and revenue are
        each counted in one cell, so their sum is bounded, and the worst case is all of it in a single cell:
        L2 = L1 = the bound.
        """
        if measure is Measure.CUSTOMERS:
            reach = {
                Level.CUSTOMER: 1,
                Level.ORDER: min(self._reachable, bounds.max_orders),
                Level.LINE: min(self._reachable, bounds.max_lines),
            }[self.dimension.level]
            return Sensitivity(l1=reach, l2_squared=reach)
        bound = {
            Measure.ORDERS: bounds.max_orders,
            Measure.TICKETS: bounds.max_tickets,
            Measure.REVENUE: bounds.max_revenue_ore,
        }[measure]
        return Sensitivity(l1=bound, l2_squared=bound**2)


@dataclass(frozen=True)
class BoundedTable:
    """A table with the bounds of who is in it: one for all cells, or one for each in the order of the categories.

    Bounds by cell are of tables whose cells identified customers partition: each of them, and whatever they bought, is
    in one cell, so that a release costs no more than its dearest cell.
    """

    table: Table
    bounds: tuple[Bounds, ...]

    def __post_init__(self) -> None:
        dimension = self.table.dimension
        if len(self.bounds) != 1 and (
            len(self.bounds) != self.table.cells
            or dimension.level is not Level.CUSTOMER
            or dimension.unidentified is not None
        ):
            raise ValueError(
                f"{self.table.name} has one bound for all its cells, or one for each that customers divide"
            )

    @property
    def by_cell(self) -> bool:
        """Whether every cell has bounds of its own."""
        return len(self.bounds) > 1

    def sensitivities(self, measure: Measure) -> tuple[Sensitivity, ...]:
        """How far one customer can move the vector; by cell, how far whoever is in that cell can move it."""
        return tuple(self.table.sensitivity(measure, bounds) for bounds in self.bounds)


TABLES = {
    table.name: table
    for table in (
        Table("totals", dimensions.ALL),
        Table("identity", dimensions.IDENTITY, (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)),
        Table("month", dimensions.MONTH),
        Table("age_band", dimensions.AGE_BAND),
        Table("gender", dimensions.GENDER),
        Table("county", dimensions.COUNTY),
        Table("segment", dimensions.SEGMENT),
        Table("frequency_band", dimensions.FREQUENCY_BAND, needs=Needs.TWELVE_MONTHS),
        Table("flow", dimensions.FLOW, needs=Needs.TWELVE_MONTHS),
        Table("value_band", dimensions.VALUE_BAND, needs=Needs.TWELVE_MONTHS),
        Table("value_tier", dimensions.VALUE_TIER, needs=Needs.TWELVE_MONTHS | Needs.TIERS),
        Table("migration", dimensions.MIGRATION, needs=Needs.TWELVE_MONTHS | Needs.TIERS),
        Table("ticket_type", dimensions.TICKET_TYPE),
        Table("channel", dimensions.CHANNEL),
        Table("genre", dimensions.GENRE),
        Table("price_band", dimensions.PRICE_BAND),
        Table("lead_time", dimensions.LEAD_TIME),
        Table("basket_size", dimensions.BASKET_SIZE),
        Table("order_weekday", dimensions.ORDER_WEEKDAY),
        Table("weekday", dimensions.WEEKDAY),
        Table("daypart", dimensions.DAYPART),
        Table("age_band-gender", dimensions.AGE_BAND_GENDER),
        Table("age_band-county", dimensions.AGE_BAND_COUNTY),
        Table("segment-frequency_band", dimensions.SEGMENT_FREQUENCY_BAND, needs=Needs.TWELVE_MONTHS),
        Table("flow-age_band", dimensions.FLOW_AGE_BAND, needs=Needs.TWELVE_MONTHS),
        Table("genre-age_band", dimensions.GENRE_AGE_BAND),
        Table("ticket_type-month", dimensions.TICKET_TYPE_MONTH),
    )
}
"""Every table that a study may ask for. A node knows no other."""
