"""What is counted in a cell. All four add up over members; every ratio is derived from them."""

from enum import StrEnum


class Measure(StrEnum):
    """A quantity that adds up over cells of a partition and over members, always an integer."""

    CUSTOMERS = "customers"
    """Identified customers that are active in the cell."""
    ORDERS = "orders"
    """Orders with a positive net quantity; anonymous sales included."""
    TICKETS = "tickets"
    """Tickets net of returns; anonymous sales included."""
    REVENUE = "revenue"
    """Amount paid net of returns, without fees, in øre; anonymous sales included."""
