"""What is told of a category: the four measures that add up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """What was bought in a category, revenue in øre."""

    customers: int = 0
    orders: int = 0
    tickets: int = 0
    revenue_ore: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(
            self.customers + other.customers,
            self.orders + other.orders,
            self.tickets + other.tickets,
            self.revenue_ore + other.revenue_ore,
        )
