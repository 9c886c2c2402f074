"""Returns are netted into the line that they take back, before anything is bounded (privacy contract, section 3).

A return names its original, or it is matched within its own order: first among lines of the same event and ticket
type, then among the others. Tickets and revenue are taken back side by side, each never below zero. Only a return
of the same unit reduces a line: a return by somebody else would let one customer move another's figures. What finds
no original stays behind as a negative row, which the exact figures count and a release does not.
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
]
_ORDER = ["unit", "order_no", "ordered_on", "order_rank", "channel"]


def net(lines: Frame, keep: Keep) -> Frame:
    """`sales` from `lines`; both as in `privacy.bounds.frames`."""
    is_return = (nw.col("tickets") < 0) | (nw.col("revenue_ore") < 0)
    sold = lines.filter(~is_return)
    returns = keep(
        lines.filter(is_return).with_columns(back_tickets=-nw.col("tickets"), back_revenue=-nw.col("revenue_ore"))
    )
    originals = keep(_originals(lines, returns))
    own = originals.filter(nw.col("original_unit") == nw.col("unit"))
    foreign = originals.filter(nw.col("original_unit") != nw.col("unit"))
    named = originals.select("line_no").unique()

    touched = nw.concat(
        [returns.select("order_no"), originals.select(order_no="original_order_no")], how="vertical"
    ).unique()
    untouched = sold.join(touched, on="order_no", how="anti")
    open_sales = keep(sold.join(touched, on="order_no", how="semi").with_columns(_texts()))
    unnamed = returns.join(named, on="line_no", how="anti").with_columns(_texts())

    by_line = own.select(
        "back_tickets", "back_revenue", "ticket_type", line_no="original_no", order_no="original_order_no"
    )
    open_sales, beyond_line = _take_back(open_sales, by_line, ["order_no", "line_no"], keep)
    open_sales, beyond_type = _take_back(open_sales, unnamed, ["order_no", "event", "sold_as"], keep)
    open_sales, beyond_order = _take_back(open_sales, beyond_type, ["order_no"], keep)

    left = nw.concat(
        [_amounts(beyond_line), _amounts(beyond_order), _amounts(_of_foreign_original(foreign))],
        how="vertical",
    )
    return nw.concat(
        [
            untouched.select(SALES),
            open_sales.filter((nw.col("tickets") > 0) | (nw.col("revenue_ore") > 0)).select(SALES),
            _negative_rows(left, lines).select(SALES),
        ],
        how="vertical",
    )


def _originals(lines: Frame, returns: Frame) -> Frame:
    """The returns whose original is known, with the unit and order of it."""
    known = lines.filter((nw.col("tickets") >= 0) & (nw.col("revenue_ore") >= 0)).select(
        original_no="line_no", original_unit="unit", original_order_no="order_no"
    )
    return returns.filter(~nw.col("original_no").is_null()).join(known, on="original_no", how="inner")


def _texts() -> list[nw.Expr]:
    """Columns to match on, with nulls made equal."""
    return [nw.col("event").fill_null(""), nw.col("sold_as").fill_null("")]


def _take_back(sales: Frame, returns: Frame, keys: list[str], keep: Keep) -> tuple[Frame, Frame]:
    """Takes returns back from the sales with equal keys, in the keyed order of lines.

    Returns the reduced sales and, per key, what was more than they held.
    """
    need = keep(
        returns.group_by(keys).agg(
            need_tickets=int64(nw.col("back_tickets").sum()),
            need_revenue=int64(nw.col("back_revenue").sum()),
            ticket_type=nw.col("ticket_type").min(),
        )
    )
    wanted = need.select(*keys, "need_tickets", "need_revenue")
    matched = sales.join(wanted, on=keys, how="left").with_columns(
        nw.col("need_tickets").fill_null(0), nw.col("need_revenue").fill_null(0)
    )
    for have, due in (("tickets", "need_tickets"), ("revenue_ore", "need_revenue")):
        until = int64(nw.col(have).cum_sum().over(*keys, order_by=["line_rank", "line_no"]))
        matched = matched.with_columns(until.alias(f"{have}_until"))
        before = nw.col(f"{have}_until") - nw.col(have)
        taken = smaller(nw.col(have), clip_low(nw.col(due) - before))
        matched = matched.with_columns(taken.alias(f"{have}_taken"))
    matched = keep(matched)
    taken = matched.group_by(keys).agg(
        taken_tickets=int64(nw.col("tickets_taken").sum()),
        taken_revenue=int64(nw.col("revenue_ore_taken").sum()),
    )
    left = keep(
        need.join(taken, on=keys, how="left")
        .with_columns(
            back_tickets=nw.col("need_tickets") - nw.col("taken_tickets").fill_null(0),
            back_revenue=nw.col("need_revenue") - nw.col("taken_revenue").fill_null(0),
        )
        .filter((nw.col("back_tickets") > 0) | (nw.col("back_revenue") > 0))
    )
    reduced = matched.with_columns(
        tickets=nw.col("tickets") - nw.col("tickets_taken"),
        revenue_ore=nw.col("revenue_ore") - nw.col("revenue_ore_taken"),
    ).drop(
        "need_tickets",
        "need_revenue",
        "tickets_until",
        "tickets_taken",
        "revenue_ore_until",
        "revenue_ore_taken",
    )
    return keep(reduced), left


def _of_foreign_original(foreign: Frame) -> Frame:
    """Returns by another unit than the buyer: they count at the original's order, as negative rows."""
    return foreign.select("back_tickets", "back_revenue", "ticket_type", order_no="original_order_no")


def _amounts(left: Frame) -> Frame:
    return left.select("order_no", "ticket_type", "back_tickets", "back_revenue")


def _negative_rows(left: Frame, lines: Frame) -> Frame:
    orders = (
        lines.join(left.select("order_no").unique(), on="order_no", how="semi")
        .group_by("order_no")
        .agg(*(nw.col(column).min() for column in _ORDER if column != "order_no"))
    )
    return left.join(orders, on="order_no", how="inner").with_columns(
        line_rank=nw.lit(0).cast(nw.Int64),
        tickets=-nw.col("back_tickets"),
        revenue_ore=-nw.col("back_revenue"),
    )
