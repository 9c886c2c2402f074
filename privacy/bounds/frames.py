"""The frames that the bounded view works on, and how an engine keeps one instead of computing it again.

Everything here is written as Narwhals expressions over lazy frames, so that the definition belongs to no engine.
It is run and tested on DuckDB; eager pandas does not take all of it (aggregates of expressions). Categories travel
as their index in the catalogue's fixed order.

`lines`, one row per order line as imported, void lines left out:
    unit int64 (a customer > 0; a sale without one < 0, its own unit), order_no int64, line_no int64,
    original_no int64 or null (the line_no that a return takes back, if its original is known), ordered_on date
    (of the order), order_rank and line_rank int64 (the keyed order: hashes of what names the order and the line,
    so that they depend on nobody else's rows), event str or null, event_no int64 or null (the event's number),
    event_start timestamp or null (UTC; as the line itself or a file of events says), sold_as str or null (ticket type
    as sold), ticket_type int64, channel int64 (categories), tickets int64 and revenue_ore int64 (both <= 0 for a
    return)
`sales`, one row per line after netting:
    unit, order_no, ordered_on, order_rank, line_rank, ticket_type, channel, tickets, revenue_ore, event_no,
    event_start;
    rows of returns that found no original of the same unit are negative in one or both.
    For tables about the performance also what that is: start_on date or null, weekday and daypart int64 (categories)
    by event_start, which is the line's own or what the institution's file of events says; genre int64 (category) by the
    event's number, from such a file alone. On these no customer has a say: they are taken as given, like the
    catalogue's categories, and never inferred from what others bought.
`customers`, one row per customer:
    unit int64 > 0, identified bool (false for a box-office placeholder), released bool (false after an objection),
    birth_year int64 or null, gender int64, county int64 (categories), segment str or null (as it was told)
"""

from collections.abc import Callable
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]

Keep = Callable[[Frame], Frame]
"""Computes a frame once and hands back one that reads the result, so that two readers do not compute it twice."""


def clip_low(expression: nw.Expr, bound: int = 0) -> nw.Expr:
    """The larger of each value and a bound, on every engine."""
    return nw.when(expression > bound).then(expression).otherwise(nw.lit(bound))


def smaller(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    """The smaller of two columns, row by row."""
    return nw.when(left < right).then(left).otherwise(right)


def sums(*names: str) -> dict[str, nw.Expr]:
    """The sums of some columns of whole numbers, under their own names."""
    return {name: int64(nw.col(name).sum()) for name in names}


def int64(expression: nw.Expr) -> nw.Expr:
    """An integer of 64 bits: DuckDB sums to 128 bits, which data frames would turn into floats."""
    return expression.cast(nw.Int64)
