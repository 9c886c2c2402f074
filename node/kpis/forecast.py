"""The customer-development budget: what a year came to, the next one if all goes on alike, and one with other factors.

Five figures drive it, each held at what the outcome had: retention, recruitment (new customers per customer of the
opening stock), recovery (of a base of former customers), purchase frequency, and average purchase. So the stock grows
as it did, and a factor on one of them shows what that alone would change.

Source: B. Elinder, Dina nycklar till framgångsrikare CRM, 2018 ("kundutvecklingsbudget").
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import narwhals as nw

from node.errors import NodeError
from node.kpis.figures import Figures
from node.kpis.orders import counted, rows
from node.kpis.windows import before
from privacy.bounds.attributes import FORGOTTEN_AFTER_MONTHS
from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window, months_before

FACTORS = ("frequency", "average_purchase", "recruitment", "retention", "recovery")


class NoForecast(NodeError):
    """The year has nothing to go on from."""

    reason = "NO_FORECAST"


@dataclass(frozen=True)
class Year:
    """A year of the budget, unrounded. Rates are parts of one, money is in øre.

    `opening` customers at its beginning: those active in the twelve months before. `recovery_base`: the former
    customers of whom some are recovered.
    """

    opening: Fraction
    retention: Fraction
    recruitment: Fraction
    recovery: Fraction
    recovery_base: Fraction
    frequency: Fraction
    average_purchase: Fraction

    @property
    def continuing(self) -> Fraction:
        """Of the opening stock, who stays."""
        return self.opening * self.retention

    @property
    def lost(self) -> Fraction:
        """Of the opening stock, who goes."""
        return self.opening - self.continuing

    @property
    def new(self) -> Fraction:
        """Who comes for the first time."""
        return self.opening * self.recruitment

    @property
    def recovered(self) -> Fraction:
        """Former customers that come back."""
        return self.recovery_base * self.recovery

    @property
    def closing(self) -> Fraction:
        """Customers of the year: the opening stock of the next."""
        return self.continuing + self.recovered + self.new

    @property
    def duration(self) -> Fraction | None:
        """Years ("brutto"): 1 / (1 - retention); None where everybody stays."""
        return None if self.retention >= 1 else 1 / (1 - self.retention)

    @property
    def net_duration(self) -> Fraction | None:
        """Years ("netto"): 1 / (1 - (continuing + recovered) / opening); None where as many come back as are lost."""
        gone = self.opening - self.continuing - self.recovered
        return self.opening / gone if gone > 0 else None

    @property
    def revenue_per_customer(self) -> Fraction:
        """Frequency × average purchase, in øre."""
        return self.frequency * self.average_purchase

    @property
    def orders(self) -> Fraction:
        """Of the year's customers."""
        return self.closing * self.frequency

    @property
    def revenue(self) -> Fraction:
        """Of the year's customers, in øre."""
        return self.closing * self.revenue_per_customer

    @property
    def clv(self) -> Fraction | None:
        """Lifetime value of a customer, in øre: revenue per customer × duration."""
        return None if self.duration is None else self.revenue_per_customer * self.duration

    @property
    def value(self) -> Fraction | None:
        """Lifetime value of all the year's customers, in øre."""
        return None if self.clv is None else self.clv * self.closing

    def next_year(self) -> "Year":
        """The year after, if all five go on alike: stock and base of recovery grow as the stock did."""
        return replace(self, opening=self.closing, recovery_base=self.recovery_base * self.closing / self.opening)

    def with_factors(self, factors: Mapping[str, Fraction]) -> "Year":
        """The same year with some of the five multiplied; no more than everybody stays or comes back."""
        changed = {name: getattr(self, name) * factor for name, factor in factors.items()}
        for name in ("retention", "recovery"):
            if name in changed:
                changed[name] = min(Fraction(1), changed[name])
        return replace(self, **changed)


def outcome(figures: Figures, recovery_base: int) -> Year:
    """What twelve months came to. Raises NoForecast where nobody bought in the twelve months before."""
    opening, recovered = figures.active_before or 0, figures.flows["recovered"]
    known = opening + sum(figures.flows[name] for name in ("continuing", "recovered", "new"))
    if figures.orders and not known:
        raise NoForecast(
            f"Every sale from {figures.window.first} to {figures.window.last} is anonymous, and a forecast is of "
            "customers who come again. Import exports that say who bought: an e-mail, a phone or a customer number."
        )
    if opening == 0:
        earlier = before(figures.window)
        raise NoForecast(
            f"No known customer bought from {earlier.first} to {earlier.last}, so nobody could stay or be lost, and "
            "there is nothing to go on from. Import those months too, or choose later ones: --as-of"
        )
    if recovery_base < recovered:
        raise NoForecast(
            f"{recovered} customers were recovered, which is more than the {recovery_base} that they are to be a part "
            "of. Name a larger number of former customers: --recovery-base"
        )
    known_orders = figures.orders - figures.anonymous_orders
    return Year(
        opening=Fraction(opening),
        retention=Fraction(figures.flows["continuing"], opening),
        recruitment=Fraction(figures.flows["new"], opening),
        recovery=Fraction(recovered, max(1, recovery_base)),
        recovery_base=Fraction(recovery_base),
        frequency=Fraction(known_orders, max(1, figures.customers)),
        average_purchase=Fraction(figures.identified_revenue_ore, max(1, known_orders)),
    )


def former_customers(orders: Frame, window: Window) -> int:
    """Who could be recovered in a window: bought within 36 months before it, and not in the last twelve of these."""
    earliest, earlier = months_before(window.first, FORGOTTEN_AFTER_MONTHS), before(window)
    lasts = (
        counted(orders)
        .filter(nw.col("ordered_on") < window.first)
        .group_by("unit")
        .agg(last_on=nw.col("ordered_on").max())
    )
    former = lasts.filter((nw.col("last_on") < earlier.first) & (nw.col("last_on") >= earliest))
    (found,) = rows(former.select(n=int64(nw.len())))
    return found["n"] or 0
