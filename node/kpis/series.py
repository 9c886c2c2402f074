"""Key figures period by period. Months and quarters in one pass over the orders, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from node.kpis.figures import Figures, figures_of
from node.kpis.orders import counted, people_of, rows
from node.kpis.portfolio import Portfolio, portfolio_of
from node.kpis.windows import Named, Period, before
from privacy.bounds.attributes import FORGOTTEN_AFTER_MONTHS, frequency_band
from privacy.bounds.frames import Frame, Keep, int64
from privacy.catalogue.dimensions import FLOW, FREQUENCY_BAND

_SHIFT = 10_000
"""Periods before the first are counted down from here: engines disagree on how a negative number is divided."""


@dataclass(frozen=True)
class Point:
    """One period. Only one of twelve months has a portfolio."""

    label: str
    figures: Figures
    portfolio: Portfolio | None = None


def series_of(orders: Frame, by: Period, periods: Sequence[Named], keep: Keep) -> list[Point]:
    """The figures of periods that follow each other; `orders` are as in `node.kpis.orders`.

    They are those that `figures_of` has for each alone.
    """
    if not periods:
        return []
    if by.months == 12:
        return [_year(orders, period, keep) for period in periods]
    return _short(orders, by, periods, keep)


def _year(orders: Frame, period: Named, keep: Keep) -> Point:
    people = people_of(orders, period.window, before(period.window), keep)
    return Point(period.label, figures_of(orders, people, period.window), portfolio_of(people, period.window))


def _short(orders: Frame, by: Period, periods: Sequence[Named], keep: Keep) -> list[Point]:
    first = periods[0].window.first
    start = first.year * 12 + first.month
    placed = orders.filter(nw.col("ordered_on") <= periods[-1].window.last).with_columns(
        period=(_month("ordered_on") - start + _SHIFT * by.months) // by.months - _SHIFT
    )
    bought = keep(
        counted(placed)
        .group_by("unit", "period")
        .agg(orders=int64(nw.len()), first_on=nw.col("ordered_on").min(), last_on=nw.col("ordered_on").max())
    )
    sums = {row.pop("period"): row for row in rows(_sums(placed.filter(nw.col("period") >= 0)))}
    kinds = rows(_kinds(bought, start, by.months))
    return [Point(period.label, _figures(period, at, sums.get(at, {}), kinds)) for at, period in enumerate(periods)]


def _month(column: str) -> nw.Expr:
    day = nw.col(column)
    return int64(day.dt.year()) * 12 + int64(day.dt.month())


def _sums(placed: Frame) -> Frame:
    known, counts = nw.col("known"), nw.col("counts")
    return placed.group_by("period").agg(
        orders=int64(counts.sum()),
        anonymous_orders=int64((counts * (1 - known)).sum()),
        tickets=int64(nw.col("tickets").sum()),
        complimentary_tickets=int64(nw.col("free").sum()),
        revenue_ore=int64(nw.col("revenue_ore").sum()),
        identified_revenue_ore=int64((nw.col("revenue_ore") * known).sum()),
    )


def _kinds(bought: Frame, start: int, months: int) -> Frame:
    """How many customers each period has of each flow and frequency band.

    Flows are those of `privacy.bounds.attributes`, which has one window at a time: the twelve months before a period
    begin twelve months before its first.
    """
    new, continuing, recovered, _lost = (nw.lit(index) for index in range(len(FLOW.categories)))
    away = _month("first_on") - _month("last_before")
    long_gone = (away > FORGOTTEN_AFTER_MONTHS) | (
        (away == FORGOTTEN_AFTER_MONTHS) & (nw.col("first_on").dt.day() >= nw.col("last_before").dt.day())
    )
    recent = _month("last_before") >= nw.col("period") * months + (start - 12)
    returned = nw.when(recent).then(continuing).otherwise(nw.when(long_gone).then(new).otherwise(recovered))
    flow = nw.when(nw.col("last_before").is_null()).then(new).otherwise(returned)
    return (
        bought.with_columns(last_before=nw.col("last_on").shift(1).over("unit", order_by="period"))
        .filter(nw.col("period") >= 0)
        .with_columns(flow=int64(flow), band=frequency_band(nw.col("orders")))
        .group_by("period", "flow", "band")
        .agg(n=int64(nw.len()))
    )


def _figures(period: Named, at: int, sums: dict[str, int | None], kinds: Sequence[dict[str, int | None]]) -> Figures:
    own = [row for row in kinds if row["period"] == at]

    def customers(column: str, index: int) -> int:
        return sum(row["n"] or 0 for row in own if row[column] == index)

    amounts = dict.fromkeys(_AMOUNTS, 0) | {name: value or 0 for name, value in sums.items()}
    return Figures(
        window=period.window,
        customers=sum(row["n"] or 0 for row in own),
        flows={name: customers("flow", index) for index, name in enumerate(FLOW.categories) if name != "lost"},
        frequency_bands={name: customers("band", index) for index, name in enumerate(FREQUENCY_BAND.categories)},
        **amounts,
    )


_AMOUNTS = (
    "orders",
    "anonymous_orders",
    "tickets",
    "complimentary_tickets",
    "revenue_ore",
    "identified_revenue_ore",
)
