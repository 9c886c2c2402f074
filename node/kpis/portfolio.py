"""The customer portfolio: value tiers, where their customers came from and went, and what they are worth.

Source: B. Elinder, Dina nycklar till framgångsrikare CRM, 2018.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import narwhals as nw

from node.kpis.orders import rows
from node.kpis.ratios import exact
from node.kpis.tiers import Cuts, cut_by
from node.kpis.windows import is_twelve_months
from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import FLOW, TIERS

ENTERING = ("recovered", "new")
"""Origins outside the tiers: flows of who was not active in F12."""

LOST = "lost"


@dataclass(frozen=True)
class Amount:
    """Some customers with their orders and their revenue in øre."""

    customers: int = 0
    orders: int = 0
    revenue_ore: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.customers + other.customers, self.orders + other.orders, self.revenue_ore + other.revenue_ore
        )


def total(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    return sum(amounts, Amount())


@dataclass(frozen=True)
class Tier:
    """A value tier: who is in it in S12, who was in F12, and who of these was lost, with what they bought in F12.

    What needs two years is None where the window is not of twelve months, and where nobody was there or was lost.
    """

    now: Amount
    earlier: Amount
    lost: Amount
    yearly: bool = True

    @property
    def retention(self) -> Fraction | None:
        """1 - lost / active, of the tier's customers in F12."""
        return exact(self.earlier.customers - self.lost.customers, self.earlier.customers if self.yearly else 0)

    @property
    def duration(self) -> Fraction | None:
        """1 / (1 - retention), in years, unrounded."""
        return exact(self.earlier.customers, self.lost.customers if self.yearly else 0)

    @property
    def revenue_per_customer(self) -> Fraction | None:
        """Of S12, in øre."""
        return exact(self.now.revenue_ore, self.now.customers)

    @property
    def clv(self) -> Fraction | None:
        """Lifetime value of a customer, in øre: revenue per customer of S12 × duration of F12."""
        per_customer, duration = self.revenue_per_customer, self.duration
        return None if per_customer is None or duration is None else per_customer * duration

    @property
    def clv_total(self) -> Fraction | None:
        """Lifetime value of all customers of the tier, in øre; zero where it has none."""
        if self.now.customers == 0 and self.yearly:
            return Fraction(0)
        return None if self.clv is None else self.clv * self.now.customers


@dataclass(frozen=True)
class Portfolio:
    """Customers by tier.

    `origins`: per tier of S12 and origin (a tier of F12, recovered, or new), what its customers bought in S12
    `earlier`, `lost`: per tier of F12, who was in it and who of these was lost, with what they bought in F12
    """

    window: Window
    yearly: bool
    origins: Mapping[str, Mapping[str, Amount]]
    earlier: Mapping[str, Amount]
    lost: Mapping[str, Amount]

    def tier(self, name: str) -> Tier:
        """One tier."""
        return Tier(total(self.origins[name].values()), self.earlier[name], self.lost[name], self.yearly)

    @property
    def tiers(self) -> dict[str, Tier]:
        """All of them, the most valuable first."""
        return {name: self.tier(name) for name in TIERS}

    @property
    def all(self) -> Tier:
        """All customers as if they were one tier. Its lifetime value is not the portfolio's."""
        return Tier(
            total(self.tier(name).now for name in TIERS),
            total(self.earlier.values()),
            total(self.lost.values()),
            self.yearly,
        )

    @property
    def value(self) -> Fraction | None:
        """The sum of the tiers' lifetime values, in øre; None where that of any tier with customers is unknown."""
        values = [self.tier(name).clv_total for name in TIERS]
        known = [value for value in values if value is not None]
        return sum(known, Fraction(0)) if len(known) == len(values) else None

    def index(self, name: str) -> Fraction | None:
        """Lifetime value of a tier's customer, where that of an average customer of the portfolio is 100."""
        clv, value, customers = self.tier(name).clv, self.value, self.all.now.customers
        return None if clv is None or not value or value < 0 else 100 * clv * customers / value

    @property
    def migration(self) -> dict[str, dict[str, int]] | None:
        """How many went from which tier of F12, or from outside, to which tier of S12, or were lost."""
        if not self.yearly:
            return None
        moved = {
            origin: {tier: self.origins[tier][origin].customers for tier in TIERS} for origin in (*TIERS, *ENTERING)
        }
        for name in TIERS:
            moved[name][LOST] = self.lost[name].customers
        return moved


def portfolio_of(people: Frame, window: Window) -> Portfolio:
    """The portfolio of a window; `people` are as in `node.kpis.orders`.

    Of a window of other than twelve months the tiers are told, and the origins new, recovered, and the tiers of the
    twelve months before; but nobody is lost.
    """
    now, earlier = cut_by(people, "orders", "revenue_ore"), cut_by(people, "earlier_orders", "earlier_revenue_ore")
    found = [_Cell.of(row) for row in rows(_cells(people, now, earlier))]
    origins = (*TIERS, *ENTERING)
    yearly = is_twelve_months(window)
    return Portfolio(
        window,
        yearly,
        {
            tier: {
                origin: total(each.now for each in found if (each.to, each.origin) == (tier, origin))
                for origin in origins
            }
            for tier in TIERS
        },
        {tier: total(each.earlier for each in found if each.origin == tier) for tier in TIERS},
        {
            tier: total(each.earlier for each in found if yearly and (each.to, each.origin) == (LOST, tier))
            for tier in TIERS
        },
    )


def _cells(people: Frame, now: Cuts, earlier: Cuts) -> Frame:
    """The customers that were active in either window, grouped by their tiers in both and by their flow."""
    none = nw.lit(-1)
    tier = nw.when(nw.col("orders") > 0).then(now.tier(nw.col("revenue_ore"))).otherwise(none)
    before = nw.when(nw.col("earlier_orders") > 0).then(earlier.tier(nw.col("earlier_revenue_ore"))).otherwise(none)
    names = ("orders", "revenue_ore", "earlier_orders", "earlier_revenue_ore")
    return (
        people.filter(~nw.col("flow").is_null())
        .with_columns(tier=int64(tier), before=int64(before))
        .group_by("tier", "before", "flow")
        .agg(customers=int64(nw.len()), **{name: int64(nw.col(name).sum()) for name in names})
    )


@dataclass(frozen=True)
class _Cell:
    """Customers of equal tiers in both windows: from `origin` to `to`."""

    origin: str
    to: str
    now: Amount
    earlier: Amount

    @classmethod
    def of(cls, row: Mapping[str, int | None]) -> "_Cell":
        read = {name: value or 0 for name, value in row.items()}
        flow = FLOW.categories[read["flow"]]
        return cls(
            TIERS[read["before"]] if read["before"] >= 0 else flow,
            TIERS[read["tier"]] if read["tier"] >= 0 else LOST,
            Amount(read["customers"], read["orders"], read["revenue_ore"]),
            Amount(read["customers"], read["earlier_orders"], read["earlier_revenue_ore"]),
        )
