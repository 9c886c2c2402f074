"""What was bought, one row per order, and one row per customer of a window: every own figure is made of these two."""

import narwhals as nw

from privacy.bounds.attributes import flows
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import TICKET_TYPE

COMPLIMENTARY = TICKET_TYPE.categories.index("complimentary")


def orders_of(sales: Frame, customers: Frame, keep: Keep) -> Frame:
    """One row per order of all times; `sales` and `customers` are as in `privacy.bounds.frames`.

    Columns: order_no, unit, ordered_on, channel, tickets, free (complimentary ones of them), revenue_ore, counts (1
    where the order counts: net tickets above zero), known (1 where its customer is identified). All but the day are
    int64. What does not count as an order still belongs to tickets and revenue.
    """
    identified = keep(customers.filter(nw.col("identified")).select("unit", known=int64(nw.lit(1))))
    free = nw.when(nw.col("ticket_type") == COMPLIMENTARY).then(nw.col("tickets")).otherwise(nw.lit(0))
    gathered = sales.group_by("order_no").agg(
        unit=nw.col("unit").any_value(),
        ordered_on=nw.col("ordered_on").any_value(),
        channel=nw.col("channel").any_value(),
        tickets=int64(nw.col("tickets").sum()),
        free=int64(free.sum()),
        revenue_ore=int64(nw.col("revenue_ore").sum()),
    )
    return keep(
        gathered.join(identified, on="unit", how="left").with_columns(
            known=nw.col("known").fill_null(0),
            counts=int64(nw.when(nw.col("tickets") > 0).then(nw.lit(1)).otherwise(nw.lit(0))),
        )
    )


def within(window: Window) -> nw.Expr:
    """Whether an order, or a row of one, is of a window."""
    return nw.col("ordered_on").is_between(window.first, window.last)


def counted(orders: Frame) -> Frame:
    """The orders of identified customers that count."""
    return orders.filter((nw.col("known") == 1) & (nw.col("counts") == 1))


def people_of(orders: Frame, window: Window, earlier: Window, keep: Keep) -> Frame:
    """One row per identified customer with anything bought or returned up to the window's end.

    Columns: unit; of the window orders, tickets, revenue_ore and last_on (the day of the last order, or null); of the
    window before it earlier_orders and earlier_revenue_ore; flow as in `privacy.bounds.attributes.flows`.
    Revenue is net of all that a customer returned. Who has no order in a window is not active in it.
    """
    now, then = within(window), within(earlier)

    def sum_of(name: str, when: nw.Expr) -> nw.Expr:
        return int64(nw.when(when).then(nw.col(name)).otherwise(nw.lit(0)).sum())

    sums = (
        orders.filter((nw.col("known") == 1) & (nw.col("ordered_on") <= window.last))
        .group_by("unit")
        .agg(
            orders=sum_of("counts", now),
            tickets=sum_of("tickets", now),
            revenue_ore=sum_of("revenue_ore", now),
            last_on=nw.when(now & (nw.col("counts") == 1)).then(nw.col("ordered_on")).max(),
            earlier_orders=sum_of("counts", then),
            earlier_revenue_ore=sum_of("revenue_ore", then),
        )
    )
    return keep(sums.join(flows(counted(orders), window, earlier), on="unit", how="left"))


def rows(frame: Frame) -> list[dict[str, int | None]]:
    """The rows of a small frame of whole numbers."""
    table = frame.collect("pyarrow").to_dict(as_series=False)
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
