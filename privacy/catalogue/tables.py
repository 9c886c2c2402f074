"""The tables of the catalogue: a dimension with the measures that it may carry, and how far one customer moves them."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Sensitivity:
    """The largest change of a vector when all rows of one customer come or go (add/remove adjacency).

    `l1` is the sum of absolute changes, `l2_squared` the sum of their squares; both integers, in the unit of the
    measure (øre for revenue).
    """

    l1: int
    l2_squared: int


@dataclass(frozen=True)
class Table:
    """One table of the catalogue. Its vector for a measure has one int64 per category, in their fixed order."""

    name: str
    dimension: Dimension
    measures: tuple[Measure, ...] = tuple(Measure)

    @property
    def cells(self) -> int:
        """How many categories, and so integers per measure, the table has."""
        return len(self.dimension.categories)

    def sensitivity(self, measure: Measure, bounds: Bounds) -> Sensitivity:
        """How far one customer can move this table's vector of a measure.

        Customers lie in one cell of a customer-level dimension, in at most `max_orders` cells of an order-level
        one and in at most `max_lines` cells of a line-level one, once each. Kept orders, tickets and revenue are
        each counted in one cell, so their sum is bounded, and the worst case is all of it in a single cell:
        L2 = L1 = the bound.
        """
        if measure is Measure.CUSTOMERS:
            reach = {
                Level.CUSTOMER: 1,
                Level.ORDER: min(self.cells, bounds.max_orders),
                Level.LINE: min(self.cells, bounds.max_lines),
            }[self.dimension.level]
            return Sensitivity(l1=reach, l2_squared=reach)
        bound = {
            Measure.ORDERS: bounds.max_orders,
            Measure.TICKETS: bounds.max_tickets,
            Measure.REVENUE: bounds.max_revenue_ore,
        }[measure]
        return Sensitivity(l1=bound, l2_squared=bound**2)


TABLES = {
    table.name: table
    for table in (
        Table("totals", dimensions.ALL),
        Table("identity", dimensions.IDENTITY, (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)),
        Table("month", dimensions.MONTH),
        Table("age_band", dimensions.AGE_BAND),
        Table("gender", dimensions.GENDER),
        Table("county", dimensions.COUNTY),
        Table("frequency_band", dimensions.FREQUENCY_BAND),
        Table("flow", dimensions.FLOW),
        Table("ticket_type", dimensions.TICKET_TYPE),
        Table("channel", dimensions.CHANNEL),
    )
}
"""Every table that a study may ask for. A node knows no other."""
