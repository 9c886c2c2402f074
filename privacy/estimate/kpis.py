"""The named key figures of a benchmark, each a ratio of released sums.

What goes in: sums over the cells of one cohort, counts or integer øre, of one window unless said otherwise.
The noises of the parts must be independent, as they are when every part is its own noisy number. After least
squares they are not: then call `privacy.estimate.ratios.ratio` with the covariance.

What comes out: see `Ratio`. A zero or negative denominator gives no value and DENOMINATOR_NOT_POSITIVE.
All raise InvalidFigureError only where a sum of parts leaves the range of a float.
"""

from privacy.estimate.figure import Figure, independent_sum
from privacy.estimate.ratios import Ratio, ratio, share


def average_ticket_price_ore(revenue_ore: Figure, paying_tickets: Figure) -> Ratio:
    """Revenue per paying ticket, in øre: complimentary tickets are not in the denominator."""
    return ratio(revenue_ore, paying_tickets)


def revenue_per_customer_ore(revenue_ore: Figure, customers: Figure) -> Ratio:
    """Revenue per active customer, in øre."""
    return ratio(revenue_ore, customers)


def average_purchase_ore(revenue_ore: Figure, orders: Figure) -> Ratio:
    """Revenue per order, in øre."""
    return ratio(revenue_ore, orders)


def purchase_frequency(orders: Figure, customers: Figure) -> Ratio:
    """Orders per active customer; both of identified customers only."""
    return ratio(orders, customers)


def tickets_per_order(tickets: Figure, orders: Figure) -> Ratio:
    """Tickets per order."""
    return ratio(tickets, orders)


def complimentary_share(complimentary_tickets: Figure, tickets: Figure) -> Ratio:
    """The part of the tickets that is complimentary. The two are released in tables of their own, with own noise."""
    return ratio(complimentary_tickets, tickets)


def first_timer_share(new: Figure, continuing: Figure, recovered: Figure) -> Ratio:
    """The part of the active customers that is new: new / (new + continuing + recovered)."""
    return share(new, independent_sum(continuing, recovered))


def identified_share(identified_orders: Figure, anonymous_orders: Figure) -> Ratio:
    """The part of the orders that has a known customer: identified / (identified + anonymous)."""
    return share(identified_orders, anonymous_orders)


def retention(continuing: Figure, lost: Figure) -> Ratio:
    """The part of last year's customers that came back: 1 - lost/(lost + continuing).

    Computed as its equal, continuing/(continuing + lost): with D = lost + continuing, L and C the variances
    of lost and continuing, and q = lost/D, both have the delta variance

        Var(1 - q) = Var(q) = (L - 2 q L + q² (L + C)) / D² = ((1-q)² L + q² C) / D²

    where the covariance of lost and D is L. Exchanging lost with continuing, and so q with 1 - q, leaves it
    as it is.
    """
    return share(continuing, lost)


def duration_years(continuing: Figure, lost: Figure) -> Ratio:
    """Expected years as a customer, "brutto": 1/(1 - retention) = (continuing + lost)/lost.

    Lost is part of the numerator: Cov(continuing + lost, lost) = Var(lost).
    """
    return ratio(independent_sum(continuing, lost), lost, lost.variance)
