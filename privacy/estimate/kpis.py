"""The named key figures of a benchmark, each a quotient of released sums.

What goes in: sums over the cells of one cohort, counts or integer øre, of one window unless said otherwise, in the
order of the comments. What comes out: see `Ratio`. A zero or negative denominator gives no value and
DENOMINATOR_NOT_POSITIVE. Called with figures, their noises must be independent; `Formula.ratio` takes covariances.
"""

from privacy.estimate.formulas import Quotient

_ONE_BY_THE_OTHER = Quotient((1, 0), (0, 1))
part_of_all = Quotient((1, 0), (1, 1))
"""A part, the rest: the part of both together."""

average_ticket_price_ore = _ONE_BY_THE_OTHER
"""Revenue, paying tickets: øre per ticket; complimentary ones are not in the denominator."""

price_of_paying_ore = Quotient((1, 0, 0), (0, 1, -1))
"""Revenue, tickets, complimentary tickets: the same where paying tickets are told so."""

revenue_per_ticket_ore = _ONE_BY_THE_OTHER
"""Revenue, tickets: øre per ticket, complimentary ones among them."""

revenue_per_customer_ore = _ONE_BY_THE_OTHER
"""Revenue, active customers: øre per customer."""

average_purchase_ore = _ONE_BY_THE_OTHER
"""Revenue, orders: øre per order."""

purchase_frequency = _ONE_BY_THE_OTHER
"""Orders, active customers; both of identified customers only."""

tickets_per_order = _ONE_BY_THE_OTHER
"""Tickets, orders."""

complimentary_share = _ONE_BY_THE_OTHER
"""Complimentary tickets, tickets."""

first_timer_share = Quotient((1, 0, 0), (1, 1, 1))
"""New, continuing, recovered: the part of the active customers that is new."""

identified_share = part_of_all
"""Identified orders, anonymous orders: the part of the orders that has a known customer."""

retention = part_of_all
"""Continuing, lost: the part of last year's customers that came back, 1 − lost/(lost + continuing)."""

duration_years = Quotient((1, 1), (0, 1))
"""Continuing, lost: expected years as a customer, "brutto", 1/(1 − retention) = (continuing + lost)/lost."""
