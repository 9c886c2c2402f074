"""Returns are netted into the line that they take back, before anything is bounded (privacy contract, section 3).

A return that names a line of its own unit takes that line back. Every other return is matched within its own
order: first among lines of the same event and ticket type, then among the others. Tickets and revenue are taken
back side by side, each never below zero. What finds no original stays behind as a negative row, which the exact
figures count and a release does not. A line keeps its event; such a row has that of its order, where there is one only.

What remains of a unit's lines depends on its own rows alone. A return that names somebody else's line is therefore
matched just like one whose original is not in the store: neither may it reduce the other's line, nor may it
matter to its own order whether the other is there.
"""

import narwhals as nw

from privacy.bounds.frames import Frame, Keep, clip_low, int64, smaller

SALES = [
    "unit",
    "order_no",
    "ordered_on",
    "order_rank",
    "line_rank",
    "ticket_type",
    "channel",
    "tickets",
    "revenue_ore",
    "event_no",
    "event_start",
]
_ORDER = ["unit", "order_no", "ordered_on", "order_rank", "channel"]
_KEYED = ["line_rank", "ticket_type", "tickets", "revenue_ore", "event_no", "event_start"]
"""The keyed order of lines. Ranks hardly ever tie; lines that tie in all of this are interchangeable."""


def net(lines: Frame, keep: Keep) -> Frame:
    """`sales` from `lines`; both as in `privacy.bounds.frames`."""
    is_return = (nw.col("tickets") < 0) | (nw.col("revenue_ore") < 0)
    sold = lines.filter(~is_return)
    returns = keep(
        lines.filter(is_return).with_columns(
            back_tickets=clip_low(-nw.col("tickets")), back_revenue=clip_low(-nw.col("revenue_ore"))
        )
    )
    originals = keep(_originals(sold, returns))
    own = originals.filter(nw.col("original_unit") == nw.col("unit"))

    touched = nw.concat(
        [returns.select("order_no"), originals.select(order_no="original_order_no")], how="vertical"
    ).unique()
    untouched = sold.join(touched, on="order_no", how="anti")
    open_sales = keep(sold.join(touched, on="order_no", how="semi").with_columns(_texts()))
    elsewhere = _of_foreign_originals(originals, open_sales)
    settled = nw.concat([own.select("line_no"), elsewhere.select("line_no")], how="vertical")
    unnamed = returns.join(settled, on="line_no", how="anti").with_columns(_texts())

    by_line = own.select(
        "back_tickets", "back_revenue", "ticket_type", line_no="original_no", order_no="original_order_no"
    )
    open_sales, beyond_line = _take_back(open_sales, by_line, ["order_no", "line_no"], keep)
    open_sales, beyond_type = _take_back(open_sales, unnamed, ["order_no", "event", "sold_as"], keep)
    open_sales, beyond_order = _take_back(open_sales, beyond_type, ["order_no"], keep)

    left = nw.concat([_amounts(beyond_line), _amounts(beyond_order), _amounts(elsewhere)], how="vertical")
    return nw.concat(
        [
            untouched.select(SALES),
            open_sales.filter((nw.col("tickets") > 0) | (nw.col("revenue_ore") > 0)).select(SALES),
            _negative_rows(left, lines).select(SALES),
        ],
        how="vertical",
    )


def _originals(sold: Frame, returns: Frame) -> Frame:
    """The returns whose original is known, with the unit and order of it."""
    known = sold.select(original_no="line_no", original_unit="unit", original_order_no="order_no")
    return returns.filter(~nw.col("original_no").is_null()).join(known, on="original_no", how="inner")


def _of_foreign_originals(originals: Frame, open_sales: Frame) -> Frame:
    """Returns of somebody else's line, in orders that sold nothing: negative rows at the original's order.

    Nothing of their own order is there to be matched, so this reduces no line of either.
    """
    foreign = originals.filter(nw.col("original_unit") != nw.col("unit"))
    matchable = open_sales.select("order_no").unique()
    return foreign.join(matchable, on="order_no", how="anti").select(
        "line_no", "back_tickets", "back_revenue", "ticket_type", order_no="original_order_no"
    )


def _texts() -> list[nw.Expr]:
    """Columns to match on, with nulls made equal."""
    return [nw.col("event").fill_null(""), nw.col("sold_as").fill_null("")]


def _take_back(sales: Frame, returns: Frame, keys: list[str], keep: Keep) -> tuple[Frame, Frame]:
    """Takes returns back from the sales with equal keys, in the keyed order of lines.

    Returns the reduced sales and, per key, what was more than they held.
    """
    due = keep(
        returns.group_by(keys).agg(
            due_tickets=int64(nw.col("back_tickets").sum()),
            due_revenue_ore=int64(nw.col("back_revenue").sum()),
            ticket_type=nw.col("ticket_type").min(),
        )
    )
    matched = keep(
        sales.join(due.drop("ticket_type"), on=keys, how="left").with_columns(
            _taken("tickets", keys), _taken("revenue_ore", keys)
        )
    )
    taken = matched.group_by(keys).agg(
        tickets=int64(nw.col("taken_tickets").sum()), revenue=int64(nw.col("taken_revenue_ore").sum())
    )
    left = (
        due.join(taken, on=keys, how="left")
        .with_columns(
            back_tickets=nw.col("due_tickets") - nw.col("tickets").fill_null(0),
            back_revenue=nw.col("due_revenue_ore") - nw.col("revenue").fill_null(0),
        )
        .filter((nw.col("back_tickets") > 0) | (nw.col("back_revenue") > 0))
    )
    reduced = matched.with_columns(
        tickets=nw.col("tickets") - nw.col("taken_tickets"),
        revenue_ore=nw.col("revenue_ore") - nw.col("taken_revenue_ore"),
    ).drop("due_tickets", "due_revenue_ore", "taken_tickets", "taken_revenue_ore")
    return reduced, left


def _taken(measure: str, keys: list[str]) -> nw.Expr:
    """What of a line's tickets or revenue is taken back: what is due, less what the lines before it gave."""
    amount, due = nw.col(measure), nw.col(f"due_{measure}").fill_null(0)
    before = int64(amount.cum_sum().over(*keys, order_by=_KEYED)) - amount
    return smaller(amount, clip_low(due - before)).alias(f"taken_{measure}")


def _amounts(left: Frame) -> Frame:
    return left.select("order_no", "ticket_type", "back_tickets", "back_revenue")


def _negative_rows(left: Frame, lines: Frame) -> Frame:
    orders = (
        lines.join(left.select("order_no").unique(), on="order_no", how="semi")
        .group_by("order_no")
        .agg(
            *(nw.col(column).min() for column in _ORDER if column != "order_no"),
            event_no=nw.col("event_no").min(),
            last_event_no=nw.col("event_no").max(),
            event_start=nw.col("event_start").min(),
            last_event_start=nw.col("event_start").max(),
        )
    )
    one_event = nw.col("event_no") == nw.col("last_event_no")
    return left.join(orders, on="order_no", how="inner").with_columns(
        event_no=nw.when(one_event).then(nw.col("event_no")),
        event_start=nw.when(nw.col("event_start") == nw.col("last_event_start")).then(nw.col("event_start")),
        line_rank=nw.lit(0).cast(nw.Int64),
        tickets=-nw.col("back_tickets"),
        revenue_ore=-nw.col("back_revenue"),
    )
