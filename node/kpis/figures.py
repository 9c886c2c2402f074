"""The key figures of a window, exactly as defined in docs/kpis.md.

Tickets and revenue are net of every return. Customers, flows and frequency count identified customers; an order of an
unknown customer, or of a box office's own address, is anonymous.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import narwhals as nw

from node.kpis.orders import counted, orders_of, people_of, rows, within
from node.kpis.ratios import exact, ratio
from node.kpis.windows import before, is_twelve_months
from privacy.bounds.attributes import flows, frequency_band
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.windows import Window, twelve_months_to
from privacy.catalogue.dimensions import FLOW, FREQUENCY_BAND


@dataclass(frozen=True)
class Figures:
    """The figures of one window. Money is in øre; a ratio is None where its denominator is zero.

    `flows` of a window of other than twelve months has no lost ones, and so there are neither retention nor duration:
    nobody is lost in a month. `newcomers` were new in the twelve months before the window, and `rebooked` of them
    bought again within twelve months of their first day; None for windows of other than twelve months.
    """

    window: Window
    customers: int
    orders: int
    tickets: int
    revenue_ore: int
    anonymous_orders: int
    complimentary_tickets: int
    identified_revenue_ore: int
    flows: dict[str, int]
    frequency_bands: dict[str, int]
    newcomers: int | None = None
    rebooked: int | None = None

    @property
    def lost(self) -> int | None:
        """Customers active in the twelve months before and not in these; None for any other window."""
        return self.flows.get("lost")

    @property
    def active_before(self) -> int | None:
        """Customers active in the twelve months before: the opening stock."""
        return None if self.lost is None else self.flows["continuing"] + self.lost

    @property
    def retention(self) -> float | None:
        """1 - lost / active before."""
        return ratio(self.flows["continuing"], self.active_before or 0)

    @property
    def duration_years(self) -> float | None:
        """1 / (1 - retention): how long a customer stays ("brutto")."""
        return ratio(self.active_before or 0, self.lost or 0)

    @property
    def net_duration_years(self) -> float | None:
        """1 / (1 - (continuing + recovered) / opening stock) ("netto"); None where as many came back as were lost."""
        if self.active_before is None:
            return None
        kept = self.flows["continuing"] + self.flows["recovered"]
        return ratio(self.active_before, self.active_before - kept)

    @property
    def first_timer_share(self) -> float | None:
        """New customers of all."""
        return ratio(self.flows["new"], self.customers)

    @property
    def rebooking_share(self) -> float | None:
        """Of the new customers of the twelve months before, who bought again within twelve months."""
        return None if self.rebooked is None or self.newcomers is None else ratio(self.rebooked, self.newcomers)

    @property
    def purchase_frequency(self) -> float | None:
        """Orders of identified customers per customer."""
        return ratio(self.orders - self.anonymous_orders, self.customers)

    @property
    def average_purchase_ore(self) -> float | None:
        """Revenue per order."""
        return ratio(self.revenue_ore, self.orders)

    @property
    def revenue_per_customer_ore(self) -> float | None:
        """Revenue of identified customers per customer."""
        return ratio(self.identified_revenue_ore, self.customers)

    @property
    def clv(self) -> Fraction | None:
        """Revenue per customer × duration, in øre, over all customers alike."""
        per_customer = exact(self.identified_revenue_ore, self.customers)
        duration = exact(self.active_before or 0, self.lost or 0)
        return None if per_customer is None or duration is None else per_customer * duration

    @property
    def average_ticket_price_ore(self) -> float | None:
        """Revenue per paying ticket."""
        return ratio(self.revenue_ore, self.tickets - self.complimentary_tickets)

    @property
    def tickets_per_order(self) -> float | None:
        """Tickets per order."""
        return ratio(self.tickets, self.orders)

    @property
    def complimentary_share(self) -> float | None:
        """Complimentary tickets of all."""
        return ratio(self.complimentary_tickets, self.tickets)

    @property
    def identified_share(self) -> float | None:
        """Orders with a known customer of all."""
        return ratio(self.orders - self.anonymous_orders, self.orders)


def figures(sales: Frame, customers: Frame, last: date, keep: Keep) -> Figures:
    """The figures of the twelve months up to and including `last`.

    `sales` and `customers` are as in `privacy.bounds.frames`.
    """
    window = twelve_months_to(last)
    orders = orders_of(sales, customers, keep)
    return figures_of(orders, people_of(orders, window, before(window), keep), window)


def figures_of(orders: Frame, people: Frame, window: Window) -> Figures:
    """The figures of a window; `orders` and `people` are as in `node.kpis.orders`, `people` of that window."""
    flow = _by_category(people.filter(~nw.col("flow").is_null()), "flow", FLOW.categories)
    active = people.filter(nw.col("orders") > 0).with_columns(band=frequency_band(nw.col("orders")))
    bands = _by_category(active, "band", FREQUENCY_BAND.categories)
    yearly = is_twelve_months(window)
    newcomers, rebooked = _rebooking(orders, before(window)) if yearly else (None, None)
    return Figures(
        window=window,
        customers=sum(bands.values()),
        flows={name: number for name, number in flow.items() if yearly or name != "lost"},
        frequency_bands=bands,
        newcomers=newcomers,
        rebooked=rebooked,
        **_sums(orders.filter(within(window))),
    )


def _sums(orders: Frame) -> dict[str, int]:
    known = nw.col("known")
    (found,) = rows(
        orders.select(
            orders=int64(nw.col("counts").sum()),
            anonymous_orders=int64((nw.col("counts") * (1 - known)).sum()),
            tickets=int64(nw.col("tickets").sum()),
            complimentary_tickets=int64(nw.col("free").sum()),
            revenue_ore=int64(nw.col("revenue_ore").sum()),
            identified_revenue_ore=int64((nw.col("revenue_ore") * known).sum()),
        )
    )
    return {name: value or 0 for name, value in found.items()}


def _by_category(frame: Frame, column: str, categories: tuple[str, ...]) -> dict[str, int]:
    found = {row[column]: row["n"] for row in rows(frame.group_by(column).agg(n=int64(nw.len())))}
    return {category: found.get(index) or 0 for index, category in enumerate(categories)}


def _rebooking(orders: Frame, window: Window) -> tuple[int, int]:
    """The new customers of twelve months, and how many bought again on a later day, within twelve months of the first.

    Of the day a year later none is within: twelve months from 15 March end on 14 March.
    """
    bought = counted(orders)
    new = flows(bought, window, before(window)).filter(nw.col("flow") == FLOW.categories.index("new"))
    firsts = (
        bought.filter(within(window))
        .group_by("unit")
        .agg(first_on=nw.col("ordered_on").min())
        .join(new.select("unit"), on="unit", how="semi")
    )
    day, first = nw.col("ordered_on"), nw.col("first_on")
    months = (day.dt.year() - first.dt.year()) * 12 + day.dt.month() - first.dt.month()
    soon = (day > first) & ((months < 12) | ((months == 12) & (day.dt.day() < first.dt.day())))
    again = bought.join(firsts, on="unit", how="inner").filter(soon)
    (all_of_them,) = rows(firsts.select(n=int64(nw.len())))
    (came_back,) = rows(again.select(n=int64(nw.col("unit").n_unique())))
    return all_of_them["n"] or 0, came_back["n"] or 0
