"""The key figures of twelve months, exactly as defined in docs/kpis.md.

Tickets and revenue are net of every return. Customers, flows and frequency count identified customers; an order of an
unknown customer, or of a box office's own address, is anonymous.
"""

from dataclasses import dataclass
from datetime import date

import narwhals as nw

from privacy.bounds.attributes import activity, counted_orders, frequency_band
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.windows import Window, twelve_months_to, year_before
from privacy.catalogue.dimensions import FLOW, FREQUENCY_BAND, TICKET_TYPE


@dataclass(frozen=True)
class Figures:
    """The figures of one window. Money is in øre; a ratio is None where its denominator is zero."""

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

    @property
    def active_before(self) -> int:
        """Customers active in the twelve months before."""
        return self.flows["continuing"] + self.flows["lost"]

    @property
    def retention(self) -> float | None:
        """1 - lost / active before."""
        return _ratio(self.flows["continuing"], self.active_before)

    @property
    def duration_years(self) -> float | None:
        """1 / (1 - retention): how long a customer stays."""
        return _ratio(self.active_before, self.flows["lost"])

    @property
    def first_timer_share(self) -> float | None:
        """New customers of all."""
        return _ratio(self.flows["new"], self.customers)

    @property
    def purchase_frequency(self) -> float | None:
        """Orders of identified customers per customer."""
        return _ratio(self.orders - self.anonymous_orders, self.customers)

    @property
    def average_purchase_ore(self) -> float | None:
        """Revenue per order."""
        return _ratio(self.revenue_ore, self.orders)

    @property
    def revenue_per_customer_ore(self) -> float | None:
        """Revenue of identified customers per customer."""
        return _ratio(self.identified_revenue_ore, self.customers)

    @property
    def average_ticket_price_ore(self) -> float | None:
        """Revenue per paying ticket."""
        return _ratio(self.revenue_ore, self.tickets - self.complimentary_tickets)

    @property
    def tickets_per_order(self) -> float | None:
        """Tickets per order."""
        return _ratio(self.tickets, self.orders)

    @property
    def complimentary_share(self) -> float | None:
        """Complimentary tickets of all."""
        return _ratio(self.complimentary_tickets, self.tickets)

    @property
    def identified_share(self) -> float | None:
        """Orders with a known customer of all."""
        return _ratio(self.orders - self.anonymous_orders, self.orders)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def figures(sales: Frame, customers: Frame, last: date, keep: Keep) -> Figures:
    """The figures of the twelve months up to and including `last`.

    `sales` and `customers` are as in `privacy.bounds.frames`.
    """
    window = twelve_months_to(last)
    identified = keep(customers.filter(nw.col("identified")).select("unit", known=nw.lit(1)))
    orders = keep(counted_orders(sales))
    acts = activity(orders, window, year_before(window)).join(identified, on="unit", how="inner")
    flows = _counts(acts.filter(~nw.col("flow").is_null()), "flow", FLOW.categories)
    active = acts.filter(nw.col("s12_orders") > 0).with_columns(band=frequency_band(nw.col("s12_orders")))
    bands = _counts(active, "band", FREQUENCY_BAND.categories)
    within = nw.col("ordered_on").is_between(window.first, window.last)
    sold = _sums(sales.filter(within), identified)
    counted = orders.filter(within)
    known_orders = _number(counted.join(identified, on="unit", how="inner").select(int64(nw.len().alias("n"))))
    all_orders = _number(counted.select(int64(nw.len().alias("n"))))
    return Figures(
        window=window,
        customers=sum(bands.values()),
        orders=all_orders,
        anonymous_orders=all_orders - known_orders,
        flows=flows,
        frequency_bands=bands,
        **sold,
    )


def _sums(sales: Frame, identified: Frame) -> dict[str, int]:
    free = TICKET_TYPE.categories.index("complimentary")
    rows = sales.join(identified, on="unit", how="left").with_columns(
        known=nw.col("known").fill_null(0),
        free=nw.when(nw.col("ticket_type") == free).then(nw.col("tickets")).otherwise(nw.lit(0)),
    )
    total = rows.select(
        tickets=int64(nw.col("tickets").sum()),
        revenue_ore=int64(nw.col("revenue_ore").sum()),
        complimentary_tickets=int64(nw.col("free").sum()),
        identified_revenue_ore=int64((nw.col("revenue_ore") * nw.col("known")).sum()),
    )
    columns = total.collect("pyarrow").to_dict(as_series=False)
    return {name: int(values[0] or 0) for name, values in columns.items()}


def _counts(frame: Frame, column: str, categories: tuple[str, ...]) -> dict[str, int]:
    grouped = frame.group_by(column).agg(n=int64(nw.len())).collect("pyarrow").to_dict(as_series=False)
    by_index = dict(zip(grouped[column], grouped["n"], strict=True))
    return {category: int(by_index.get(index, 0)) for index, category in enumerate(categories)}


def _number(frame: Frame) -> int:
    column = frame.collect("pyarrow").to_dict(as_series=False)
    return int(next(iter(column.values()))[0] or 0)
