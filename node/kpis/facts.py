"""A window of sales at three levels, customers, orders and lines, each with the categories that it lies in."""

from dataclasses import dataclass

import narwhals as nw

from node.kpis.cell import Cell
from node.kpis.orders import rows, within
from node.kpis.performances import Performances
from privacy.bounds.attributes import age_band, frequency_band
from privacy.bounds.attributes import segment as segment_of
from privacy.bounds.frames import Frame, Keep, int64
from privacy.bounds.purchases import basket_size, first_start, lead_time, month, order_weekday, price_band
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import AGE_BAND, DAYPART, WEEKDAY, Dimension


@dataclass(frozen=True)
class Facts:
    """The three levels. All categories are int64, their index in the dimension's order, or null where there is none.

    `people`: unit, active (0 or 1), orders, tickets, revenue_ore, age_band, gender, county, segment, frequency_band,
        flow; the identified customers with anything up to the window's end
    `anonymous`: what was sold to nobody known
    `orders`: order_no, unit, known, counts, tickets, revenue_ore, month, order_weekday, channel, basket_size, lead_time
    `lines`: order_no, unit, known, counts, tickets, revenue_ore, month, age_band, ticket_type, price_band, weekday,
        daypart, genre
    """

    people: Frame
    anonymous: Cell
    orders: Frame
    lines: Frame
    genre: Dimension


@dataclass(frozen=True)
class Source:
    """What the facts are made of.

    `sales` and `customers` are the store's, `orders` and `people` as in `node.kpis.orders`, the people those of the
    window.
    """

    sales: Frame
    customers: Frame
    orders: Frame
    people: Frame
    performances: Performances


def facts_of(source: Source, window: Window, keep: Keep) -> Facts:
    """The facts of a window."""
    bought = keep(source.orders.filter(within(window)))
    attributes = keep(_attributes(source.customers, window))
    lines = keep(_lines(source, bought, attributes, window))
    return Facts(
        keep(_people(source.people, attributes)),
        _anonymous(bought),
        keep(_orders(bought, lines)),
        lines,
        source.performances.genre,
    )


def _attributes(customers: Frame, window: Window) -> Frame:
    return customers.filter(nw.col("identified")).select(
        "unit",
        "gender",
        "county",
        age_band=age_band(nw.col("birth_year"), window),
        segment=segment_of(nw.col("segment")),
    )


def _people(people: Frame, attributes: Frame) -> Frame:
    active = nw.col("orders") > 0
    return people.join(attributes, on="unit", how="inner").with_columns(
        active=int64(nw.when(active).then(nw.lit(1)).otherwise(nw.lit(0))),
        frequency_band=nw.when(active).then(frequency_band(nw.col("orders"))).otherwise(nw.lit(None)),
    )


def _anonymous(bought: Frame) -> Cell:
    sums = {name: int64(nw.col(name).sum()) for name in ("counts", "tickets", "revenue_ore")}
    (found,) = rows(bought.filter(nw.col("known") == 0).select(**sums))
    return Cell(0, found["counts"] or 0, found["tickets"] or 0, found["revenue_ore"] or 0)


def _lines(source: Source, bought: Frame, attributes: Frame, window: Window) -> Frame:
    unknown_age = len(AGE_BAND.categories) - 1
    elsewhere = {"weekday": WEEKDAY, "daypart": DAYPART, "genre": source.performances.genre}
    shown = source.performances.frame.select("event_no", "start_on", *elsewhere)
    return (
        source.sales.filter(within(window))
        .select("order_no", "ordered_on", "ticket_type", "tickets", "revenue_ore", "event_no")
        .join(bought.select("order_no", "unit", "known", "counts"), on="order_no", how="inner")
        .join(attributes.select("unit", "age_band"), on="unit", how="left")
        .join(shown, on="event_no", how="left")
        .with_columns(
            nw.col("age_band").fill_null(unknown_age),
            *(nw.col(name).fill_null(len(each.categories) - 1) for name, each in elsewhere.items()),
            month=month(nw.col("ordered_on")),
            price_band=price_band(nw.col("tickets"), nw.col("revenue_ore")),
        )
        .drop("ordered_on", "event_no")
    )


def _orders(bought: Frame, lines: Frame) -> Frame:
    starts = lines.group_by("order_no").agg(start_on=first_start(nw.col("start_on"), nw.col("tickets")))
    basket = nw.when(nw.col("counts") == 1).then(basket_size(nw.col("tickets"))).otherwise(nw.lit(None))
    return bought.join(starts, on="order_no", how="left").with_columns(
        month=month(nw.col("ordered_on")),
        order_weekday=order_weekday(nw.col("ordered_on")),
        basket_size=int64(basket),
        lead_time=lead_time(nw.col("ordered_on"), nw.col("start_on")),
    )
