"""Order lines of the standard, from a file of tickets or of orders."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import values, words
from node.ingest.events import LATEST
from node.ingest.reading import Reading

_SUMMARY = "*"
"""The line's name where a file has a row per order."""


def lines_of(reading: Reading) -> pa.Table:
    """Order lines, amounts in øre and signs made one: a return has tickets and amount at or below zero.

    What a file does not tell has no column. A line that the export gives no name has none. Whose the lines are is
    still to be told, `of_customers`.
    """
    layout, soon = reading.layout, datetime.now(UTC) + timedelta(days=2)
    summary = layout.resource == "orders"
    order_id = reading.key("order_id")
    reading.required("order_id", order_id)
    reading.refuse("order_id", _totals(order_id), "stands for a sum of other rows")
    ordered_at, ordered_on = reading.time("ordered_at", soon, optional=False)
    reading.required("ordered_at", ordered_at)
    state = reading.coded("state", values.mapped(layout, "state", words.STATES, None), "paid")
    reading.parsed("currency", values.currency, pa.string())
    reading.label("event_title")
    quantity, amount, unit = _quantity_and_amount(reading)
    line_id = pa.repeat(_SUMMARY, reading.rows) if summary else reading.key("line_id")
    channels = values.mapped(layout, "channel", words.CHANNELS, "other")
    by_category = "ticket_type" if reading.column("ticket_category") is None else "ticket_category"
    told = {
        "event_id": reading.code,
        "ticket_type": reading.label,
        "price_zone": reading.label,
        "changed_at": lambda name: reading.time(name, soon)[0],
        "event_start": lambda name: reading.time(name, LATEST)[0],
        **dict.fromkeys(("ticket_id", "original_order_id", "original_line_id"), reading.key),
    }
    return pa.table(
        {
            "order_id": order_id,
            "line_id": line_id,
            "summary": pa.repeat(pa.scalar(summary), reading.rows),
            "ordered_at": ordered_at,
            "ordered_on": ordered_on,
            **{name: read(name) for name, read in told.items() if reading.column(name) is not None},
            "ticket_category": reading.coded(by_category, values.ticket_category(layout), "other").array(),
            "quantity": quantity,
            "unit_price_ore": unit,
            "amount_ore": amount,
            "channel": reading.coded("channel", channels, "other").array(),
            "state": state.array(),
        }
    )


_NAMING = ("event_id", "ticket_type", "price_zone", "amount_ore", "customer_key")


def of_customers(lines: pa.Table, customer_key: pa.Array) -> pa.Table:
    """The lines with their customers; `content`, where any of them has no name, is what those will be named by."""
    lines = lines.append_column("customer_key", customer_key)
    if not lines.column("line_id").null_count:
        return lines
    nothing = pa.nulls(lines.num_rows, pa.string())
    told = (lines.column(name) if name in lines.column_names else nothing for name in _NAMING)
    return lines.append_column("content", _content(*told))


LARGEST_QUANTITY = 100_000
"""Tickets of one line. With `values.LARGEST_ORE` it keeps every sum of a store far within 64 bits."""

MANY = 20
"""So many tickets are never sold together for less than a krone each."""


def _quantity_and_amount(reading: Reading) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Tickets, the amount of the line and the price of one ticket; both of the first at or below zero for a return."""
    layout = reading.layout
    money = reading.money
    given = reading.parsed("amount", money, pa.int64())
    unit = reading.parsed("unit_price", money, pa.int64())
    counted = reading.parsed("quantity", values.whole_number, pa.int64())
    quantity = counted.fill_null(0 if layout.resource == "orders" else 1)
    times = pc.if_else(pc.equal(quantity, 0), 1, pc.abs(quantity))
    if layout.amount == "unit":
        given, unit = pc.multiply(given, times), given
    amount = pc.coalesce(given, pc.multiply(unit, times))
    reading.required("amount", amount)
    amount = pc.subtract(amount, reading.fees()).fill_null(0)
    reading.refuse("amount", pc.greater(pc.abs(amount), values.LARGEST_ORE), "makes more than any sale")
    reading.refuse("quantity", pc.greater(pc.abs(quantity), LARGEST_QUANTITY), "is more than any hall holds")
    cheap = pc.and_(pc.less(pc.abs(amount), pc.multiply(times, 100)), pc.not_equal(amount, 0))
    reading.refuse(
        "quantity", pc.and_(cheap, pc.greater_equal(times, MANY)), "makes less than a krone a ticket of the amount"
    )
    unit = pc.coalesce(unit, pc.divide(amount, times))
    back = pc.or_(pc.less(quantity, 0), pc.less(amount, 0))
    if layout.returns:
        back = pc.or_(back, pa.scalar(True))
    quantity = pc.if_else(back, pc.negate(pc.abs(quantity)), quantity)
    amount = pc.if_else(back, pc.negate(pc.abs(amount)), amount)
    return quantity, amount, pc.abs(unit)


def _totals(keys: pa.Array) -> pa.Array:
    """The rows whose key of an order is a word for a sum. Most files have no such letters in their keys at all."""
    _, _, content = keys.buffers()
    letters = np.frombuffer(content or b"", dtype=np.uint8) | 0x20
    if not any((letters == ord(letter)).any() for letter in words.LETTERS_OF_TOTALS):
        return pa.array(np.zeros(len(keys), dtype=bool))
    return pc.match_substring_regex(keys, f"(?i)^(?:{words.TOTALS})$")


def _content(*parts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray:
    """What a line is made of, as a text: the line's name where the export gives it none.

    Its customer is a part of it, so that nobody's lines are named, or taken for known ones, by anybody else's.
    """
    texts = [part.cast(pa.string()).fill_null("") for part in parts]
    return pc.binary_join_element_wise(*texts, "\x1f")


def sold(lines: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The rows that are sales and no reservations."""
    state = lines.column("state").combine_chunks()
    return np.asarray(pc.not_equal(state.cast(pa.string()), "reserved").to_numpy(zero_copy_only=False))
