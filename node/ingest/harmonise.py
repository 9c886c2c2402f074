"""A run of rows of an export, and the layout that it is written in, become rows of the standard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import standard, values, words
from node.ingest.column import Column, Problem, Rows, column_of, kept_text
from node.ingest.people import Identities, people
from node.ingest.places import county_of
from node.ingest.readers.chunk import Chunk
from node.ingest.recognise import Recognised


@dataclass(frozen=True)
class Reject:
    """A row that was kept out: where, why, and the shape of what stood there."""

    line: int
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Harmonised:
    """Rows of the standard; each table has a column `row`, the row's place in the file's order.

    Nothing here holds an e-mail, a phone number or a name.
    """

    rows: int
    lines: pa.Table | None
    profiles: pa.Table | None
    events: pa.Table | None
    skipped: int
    rejects: list[Reject]


class Harmoniser:
    """Turns the chunks of one file into rows of the standard."""

    def __init__(self, found: Recognised, identities: Identities, zone: str) -> None:
        self._found = found
        self._layout = found.layout
        self._identities = identities
        self._zone = found.layout.timezone or zone
        self._seen = 0

    def __call__(self, chunk: Chunk) -> Harmonised:
        """One chunk, in the file's order."""
        reading = _Reading(self._found, chunk.table, self._zone)
        first = self._seen
        self._seen += chunk.table.num_rows
        order = pa.array(np.arange(first, self._seen, dtype=np.int64))
        resource = self._layout.resource
        tables: dict[str, pa.Table] = {}
        if resource == standard.EVENTS:
            tables["events"] = _events(reading, order)
        else:
            buyers = _profiles(reading, order, self._identities)
            if resource != standard.CUSTOMERS:
                tables["lines"] = _lines(reading, order, buyers, summary=resource == "orders")
                tables["events"] = _events_of_lines(reading, order)
            tables["profiles"] = buyers
        skipped = reading.skipped
        rejects, bad = _rejects(reading.problems, chunk, ~skipped)
        good = pa.array(~bad & ~skipped)
        rejects += [Reject(row.line, "", row.reason, "") for row in chunk.bad]
        kept = {name: _clean(name, table.filter(good)) for name, table in tables.items()}
        return Harmonised(
            rows=chunk.table.num_rows + len(chunk.bad),
            lines=kept.get("lines"),
            profiles=kept.get("profiles"),
            events=kept.get("events"),
            skipped=int(skipped.sum()),
            rejects=rejects,
        )


class _Reading:
    """Reads fields of one chunk by a layout, and collects what could not be read."""

    def __init__(self, found: Recognised, table: pa.Table, zone: str) -> None:
        self.layout = found.layout
        self.rows = table.num_rows
        self.zone = zone
        self.problems: list[Problem] = []
        self.skipped: Rows = np.zeros(self.rows, dtype=bool)
        self._found = found
        self._table = table
        for match in self.layout.skip:
            self.skipped |= self.matching(match.column, match.values)

    def _names(self, field: str) -> list[str]:
        """The file's columns for a field; empty where it has none of them."""
        ways = self.layout.columns_of(field)
        return next((names for names in ways if all(name in self._found.index for name in names)), [])

    def column(self, field: str) -> Column | None:
        """The column or columns of a field; None where the file has none of them."""
        names = self._names(field)
        if not names:
            return None
        return column_of(self._table, " + ".join(names), [self._found.index[name] for name in names])

    def matching(self, column: str, wanted: Sequence[str]) -> Rows:
        """The rows in which a column has one of some words."""
        if column not in self._found.index:
            return np.zeros(self.rows, dtype=bool)
        cells = column_of(self._table, column, [self._found.index[column]])
        words_of = {word.casefold() for word in wanted}
        hits = np.array([*(text.casefold() in words_of for text in cells.texts), "" in words_of])
        return np.asarray(hits[cells.index], dtype=bool)

    def parsed(self, field: str, parse: values.Parser, kind: pa.DataType) -> pa.Array:
        """The values of a field, null where empty; a constant of the layout where it has no column."""
        column = self.column(field)
        if column is None:
            constant = self.layout.constants.get(field)
            return pa.array([parse(constant) if constant else None], kind).take(
                pa.array(np.zeros(self.rows, dtype=np.int64))
            )
        parsed, problems = column.parsed(parse, kind)
        self.problems += problems
        return parsed

    def text(self, field: str) -> pa.Array:
        """The texts of a field that are kept as they are; null where empty."""
        names = self._names(field)
        if len(names) != 1:
            return self.parsed(field, str, pa.string())
        cells, problems = kept_text(names[0], self._table.column(self._found.index[names[0]]))
        self.problems += problems
        return cells

    def fees(self) -> pa.Array:
        """What of an amount is fees, in øre."""
        name = self.layout.fees
        if name is None or name not in self._found.index:
            return pa.array(np.zeros(self.rows, dtype=np.int64))
        cells = column_of(self._table, name, [self._found.index[name]])
        parsed, problems = cells.parsed(values.amount(self.layout.decimal, self.layout.amount_suffix), pa.int64())
        self.problems += problems
        return parsed.fill_null(0)

    def time(self, field: str, latest: datetime) -> pa.Array:
        """The times of a field, timestamp[us, zone]."""
        column = self.column(field)
        kind = pa.timestamp("us", self.zone)
        if column is None:
            return pa.nulls(self.rows, kind)
        moments, reasons = values.times(column.texts, self.layout.dates, self.zone, latest)
        self.problems += column.problems(reasons)
        return column.taken(moments)

    def required(self, field: str, present: pa.Array) -> None:
        """Counts rows without a value that must be there as problems."""
        missing = pc.is_null(present).to_numpy(zero_copy_only=False)
        known = np.zeros(self.rows, dtype=bool)
        for problem in self.problems:
            known |= problem.at >= 0
        at = np.where(missing & ~known, 0, -1)
        if (at >= 0).any():
            name = " + ".join(self._names(field)) or field
            self.problems.append(Problem(name, "is empty", [""], at))


def _lines(reading: _Reading, order: pa.Array, buyers: pa.Table, *, summary: bool) -> pa.Table:
    """Order lines as in the standard, amounts in øre and signs made one: a return has none of both above zero."""
    layout, now = reading.layout, datetime.now(UTC)
    order_id = reading.text("order_id")
    reading.required("order_id", order_id)
    ordered = reading.time("ordered_at", now + timedelta(days=2))
    reading.required("ordered_at", ordered)
    state = reading.parsed("state", values.mapped(layout, "state", words.STATES, None), pa.string()).fill_null("paid")
    reading.skipped |= pc.equal(state, "reserved").to_numpy(zero_copy_only=False)
    reading.parsed("currency", values.currency, pa.string())
    quantity, amount, unit = _quantity_and_amount(reading)
    sold_as = reading.text("ticket_type")
    category = reading.parsed("ticket_category", values.ticket_category(layout), pa.string())
    if reading.column("ticket_category") is None and "ticket_category" not in layout.constants:
        category = _categories(reading)
    zone_name = reading.text("price_zone")
    event_id = reading.text("event_id")
    line_id = reading.text("line_id")
    if summary:
        line_id = pa.array(["*"] * reading.rows)
    return pa.table(
        {
            "row": order,
            "order_id": order_id,
            "line_id": line_id,
            "content": _content(event_id, sold_as, zone_name, amount),
            "summary": pa.array(np.full(reading.rows, summary)),
            "ordered_at": _utc(ordered),
            "ordered_on": pc.local_timestamp(ordered).cast(pa.date32()),
            "changed_at": _utc(reading.time("changed_at", now + timedelta(days=2))),
            "event_id": event_id,
            "ticket_type": sold_as,
            "ticket_category": category.fill_null("other"),
            "quantity": quantity,
            "unit_price_ore": unit,
            "amount_ore": amount,
            "channel": reading.parsed(
                "channel", values.mapped(layout, "channel", words.CHANNELS, "other"), pa.string()
            ).fill_null("other"),
            "state": state,
            "price_zone": zone_name,
            "original_order_id": reading.text("original_order_id"),
            "original_line_id": reading.text("original_line_id"),
            "customer_key": buyers.column("customer_key").combine_chunks(),
        }
    )


def _quantity_and_amount(reading: _Reading) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Tickets, the amount of the line and the price of one ticket; both of the first negative or zero for a return."""
    layout = reading.layout
    money = values.amount(layout.decimal, layout.amount_suffix)
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
    unit = pc.coalesce(unit, pc.divide(amount, times))
    back = pc.or_(pc.less(quantity, 0), pc.less(amount, 0))
    quantity = pc.if_else(back, pc.negate(pc.abs(quantity)), quantity)
    amount = pc.if_else(back, pc.negate(pc.abs(amount)), amount)
    return quantity, amount, pc.abs(unit)


def _categories(reading: _Reading) -> pa.Array:
    """The category of the ticket type as sold, where the export has no column of its own for it."""
    column = reading.column("ticket_type")
    if column is None:
        return pa.nulls(reading.rows, pa.string())
    return column.parsed(values.ticket_category(reading.layout), pa.string())[0]


def _content(*parts: pa.Array) -> pa.Array:
    """What a line is made of, as a text: the line's name where the export gives it none."""
    texts = [part.cast(pa.string()).fill_null("") for part in parts]
    return pc.binary_join_element_wise(*texts, "\x1f")


def _utc(moments: pa.Array) -> pa.Array:
    return moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))


def _profiles(reading: _Reading, order: pa.Array, identities: Identities) -> pa.Table:
    """One row per row of the file: the customer's profile as that row tells it."""
    buyers = people(
        reading.column("customer_key"),
        reading.column("email"),
        reading.column("phone"),
        reading.rows,
        identities,
    )
    key = buyers.customer_key
    anonymous = reading.layout.anonymous
    if anonymous is not None:
        nobody = pa.array(reading.matching(anonymous.column, anonymous.values))
        key = pc.if_else(nobody, pa.scalar(None, pa.string()), key)
    text = pa.string()
    layout = reading.layout
    return pa.table(
        {
            "row": order,
            "customer_key": key,
            "match_id": buyers.match_id,
            "placeholder": buyers.placeholder,
            "birth_year": reading.parsed("birth_year", values.birth_year, pa.int16()),
            "gender": reading.parsed("gender", values.mapped(layout, "gender", words.GENDERS, "unknown"), text),
            "county": _county(reading),
            "segment": reading.parsed("segment", values.one_of(standard.SEGMENTS, "unknown"), text),
            "customer_type": reading.parsed("customer_type", values.one_of(standard.CUSTOMER_TYPES, "unknown"), text),
            "objects": reading.parsed("objects", values.truth, pa.bool_()),
        }
    )


def _county(reading: _Reading) -> pa.Array:
    """The county of each row's customer; null where the file says nothing."""
    postcode, country = reading.column("postcode"), reading.column("country")
    if postcode is None and country is None:
        return pa.nulls(reading.rows, pa.string())
    if postcode is None or country is None:
        only = postcode or country
        assert only is not None
        parse = (lambda text: county_of(text, None)) if postcode is not None else (lambda text: county_of(None, text))
        return only.parsed(parse, pa.string())[0]
    pairs = (postcode.index + 1) * (len(country.texts) + 1) + country.index + 1
    distinct, index = np.unique(pairs, return_inverse=True)
    found: list[str | None] = []
    for pair in distinct.tolist():
        at_postcode, at_country = divmod(pair, len(country.texts) + 1)
        found.append(
            None
            if at_postcode == 0 and at_country == 0
            else county_of(
                postcode.texts[at_postcode - 1] if at_postcode else None,
                country.texts[at_country - 1] if at_country else None,
            )
        )
    return pa.array(found, pa.string()).take(pa.array(index))


def _events(reading: _Reading, order: pa.Array) -> pa.Table:
    event_id = reading.text("event_id")
    reading.required("event_id", event_id)
    return pa.table(
        {
            "row": order,
            "event_id": event_id,
            "event_title": reading.text("event_title"),
            "production": reading.text("production"),
            "genre": reading.text("genre"),
            "event_start": _utc(reading.time("event_start", datetime(2100, 1, 1, tzinfo=UTC))),
            "venue": reading.text("venue"),
            "capacity": reading.parsed("capacity", values.whole_number, pa.int64()),
            "cancelled": reading.parsed("cancelled", values.truth, pa.bool_()),
        }
    )


def _events_of_lines(reading: _Reading, order: pa.Array) -> pa.Table:
    """What a file of sales tells of the events themselves."""
    empty = pa.nulls(reading.rows, pa.string())
    return pa.table(
        {
            "row": order,
            "event_id": reading.text("event_id"),
            "event_title": reading.text("event_title"),
            "production": empty,
            "genre": empty,
            "event_start": _utc(reading.time("event_start", datetime(2100, 1, 1, tzinfo=UTC))),
            "venue": empty,
            "capacity": pa.nulls(reading.rows, pa.int64()),
            "cancelled": pa.nulls(reading.rows, pa.bool_()),
        }
    )


def _clean(name: str, table: pa.Table) -> pa.Table:
    """Without the rows that say nothing: sales without a customer, sales without an event."""
    key = {"profiles": "customer_key", "events": "event_id"}.get(name)
    return table if key is None else table.filter(pc.is_valid(table.column(key)))


def _rejects(problems: Sequence[Problem], chunk: Chunk, wanted: Rows) -> tuple[list[Reject], Rows]:
    """The rejected rows, each for its first problem, and a flag per row."""
    bad = np.zeros(chunk.table.num_rows, dtype=bool)
    found: list[tuple[int, Problem]] = []
    for problem in problems:
        rows = np.flatnonzero((problem.at >= 0) & ~bad & wanted)
        bad[rows] = True
        found += [(int(row), problem) for row in rows]
    found.sort(key=lambda pair: pair[0])
    lines = chunk.lines([row for row, _ in found]) if found else []
    return [
        Reject(line, problem.column, problem.reason, values.masked(problem.texts[problem.at[row]]))
        for line, (row, problem) in zip(lines, found, strict=True)
    ], bad
