"""What of a customer a release may tell quantiles of, and the numbers among which they are chosen."""

from privacy.catalogue.measures import Measure

MEASURES = (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE)
"""What each identified customer has one number of: orders, tickets, or øre in the window, before any bound."""


def _grid(first: int, last: int, step: float) -> tuple[int, ...]:
    """Whole numbers from the first to the last, each at least one and by a factor of `step` above the one before."""
    found = [first]
    while found[-1] < last:
        found.append(min(last, max(found[-1] + 1, round(found[-1] * step))))
    return tuple(found)


CANDIDATES: dict[Measure, tuple[int, ...]] = {
    Measure.ORDERS: _grid(1, 500, 1.05),
    Measure.TICKETS: _grid(1, 2_000, 1.05),
    Measure.REVENUE: tuple(100 * kroner for kroner in _grid(50, 500_000, 1.02)),
}
"""The candidates of each measure, rising; of revenue whole kroner, told in øre. Public: a quantile is one of them."""
