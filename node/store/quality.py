"""How good the data in the store are, counted: how many customers are known, and by what, and when there are sales.

Counts of the institution's own, and nothing of any single customer.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from node.store.codes import WORDS
from node.store.placeholders import placeholders_of
from node.store.sold import sold_orders
from privacy.bounds.windows import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HARDLY_ANY = 20
"""A file of customers of whom fewer than one in so many can be found among the buyers does not meet the sales."""


@dataclass(frozen=True)
class Quality:
    """Counts over the whole store.

    `orders` are those that sold tickets, `identified_orders` those of a known customer. `buyers` are known customers
    with such an order; of them `by_email` and `by_phone` are known so and the others by their number in the ticketing
    system alone; `with_…` are those of whom that is known. `profiles` became `customers`; `objecting` of these are in
    no release. `placeholders` are addresses that are nobody's, with their orders and tickets. `unmatched_returns` are
    tickets. `ticket_lines` are the lines that are no summary of an order, `without_type` those of them of which nothing
    tells what kind of ticket it is. `profiles_apart` are those of sources that sold nothing and whose customers have,
    but for a few, no address in common with the customers of a source that did.
    """

    first: str | None
    last: str | None
    orders: int
    tickets: int
    revenue_ore: int
    identified_orders: int
    buyers: int
    by_email: int
    by_phone: int
    with_postcode: int
    with_age: int
    with_gender: int
    with_segment: int
    profiles: int
    customers: int
    objecting: int
    placeholders: int
    placeholder_orders: int
    placeholder_tickets: int
    busy_placeholders: int
    unmatched_returns: int
    without_event: int
    lines: int
    ticket_lines: int
    without_type: int
    profiles_apart: int

    def as_json(self) -> dict[str, Any]:
        """The counts by name."""
        return asdict(self)

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> "Quality":
        """From what `as_json` made, now or by an earlier version: counts that it had not are 0."""
        days = ("first", "last")
        known: dict[str, Any] = {
            name: content.get(name) if name in days else int(content.get(name) or 0)
            for name in cls.__dataclass_fields__
        }
        return cls(**known)


def measured(connection: "DuckDBPyConnection") -> Quality:
    """Counts the store as it is now, once customers, orders and sales are derived."""
    with sold_orders(connection):
        whole = _row(
            connection,
            """
            SELECT min(ordered_on)::VARCHAR AS first, max(ordered_on)::VARCHAR AS last, count(*) AS orders,
                   count(c.unit) AS identified_orders,
                   (SELECT count(*) FROM customers
                    WHERE identified AND unit IN (SELECT unit FROM sold_orders WHERE tickets > 0)) AS buyers
            FROM sold_orders o LEFT JOIN (SELECT unit FROM customers WHERE identified) c USING (unit)
            WHERE tickets > 0
            """,
        )
        nobodys = _placeholders(connection, whole)
    sums = _row(
        connection,
        """
        SELECT coalesce(sum(tickets), 0)::BIGINT AS tickets, coalesce(sum(revenue_ore), 0)::BIGINT AS revenue_ore,
               coalesce(-sum(tickets) FILTER (tickets < 0), 0)::BIGINT AS unmatched_returns
        FROM sales
        """,
    )
    known = _row(
        connection,
        """
        WITH phone AS (
            SELECT match_id FROM profiles WHERE match_id IN (SELECT match_id FROM profiles WHERE by_phone)
            GROUP BY match_id HAVING bool_and(coalesce(by_phone, false))
        ), buyers AS (
            SELECT c.*, p.match_id IS NOT NULL AS by_phone FROM customers c LEFT JOIN phone p USING (match_id)
            WHERE identified AND unit IN (SELECT unit FROM sales WHERE tickets > 0)
        )
        SELECT count(*) FILTER (match_id IS NOT NULL AND NOT by_phone) AS by_email,
               count(*) FILTER (by_phone) AS by_phone,
               count(*) FILTER (county < $unknown_county) AS with_postcode,
               count(*) FILTER (birth_year IS NOT NULL) AS with_age,
               count(*) FILTER (gender < $unknown_gender) AS with_gender,
               count(*) FILTER (segment IS NOT NULL AND segment <> 'unknown') AS with_segment
        FROM buyers
        """,
        {"unknown_county": _unknown("county"), "unknown_gender": _unknown("gender")},
    )
    rows = _row(
        connection,
        """
        SELECT (SELECT count(*) FROM profiles) AS profiles, (SELECT count(*) FROM customers) AS customers,
               (SELECT count(*) FROM customers WHERE NOT released) AS objecting,
               (SELECT count(*) FROM order_lines) AS lines,
               (SELECT count(*) FROM order_lines WHERE event_id IS NULL) AS without_event,
               (SELECT count(*) FROM order_lines WHERE NOT summary) AS ticket_lines,
               (SELECT count(*) FROM order_lines
                WHERE NOT summary AND ticket_type IS NULL AND ticket_category = $other) AS without_type
        """,
        {"other": WORDS["ticket_category"].index("other")},
    )
    return Quality(**whole, **sums, **known, **rows, **nobodys, profiles_apart=_profiles_apart(connection))


def _profiles_apart(connection: "DuckDBPyConnection") -> int:
    """The profiles of files of customers that stand under another source than the sales, and so never meet them."""
    connection.execute("CREATE OR REPLACE TEMP VIEW selling AS SELECT DISTINCT source FROM order_lines")
    apart = "SELECT source, match_id FROM profiles WHERE source NOT IN (FROM selling)"
    named = "SELECT 1 FROM order_lines WHERE customer_key IS NOT NULL LIMIT 1"
    if not all(connection.execute(sql).fetchall() for sql in (f"{apart} LIMIT 1", named)):
        return 0
    row = _row(
        connection,
        f"""
        WITH met AS (
            SELECT DISTINCT match_id AS known FROM profiles WHERE match_id IS NOT NULL AND source IN (FROM selling)
        ), counted AS (
            SELECT count(*) AS here, count(known) AS also_there
            FROM ({apart}) LEFT JOIN met ON match_id = known GROUP BY source
        )
        SELECT coalesce(sum(here), 0)::BIGINT AS apart FROM counted WHERE also_there < here / {_HARDLY_ANY}
        """,
    )
    return int(row["apart"])


def _placeholders(connection: "DuckDBPyConnection", whole: Mapping[str, Any]) -> dict[str, Any]:
    if whole["first"] is None:
        return dict.fromkeys(("placeholders", "placeholder_orders", "placeholder_tickets", "busy_placeholders"), 0)
    found = placeholders_of(connection, Window(date.fromisoformat(whole["first"]), date.fromisoformat(whole["last"])))
    return {
        "placeholders": found.addresses,
        "placeholder_orders": found.sold.orders,
        "placeholder_tickets": found.sold.tickets,
        "busy_placeholders": found.busy,
    }


def _unknown(name: str) -> int:
    """The index of the last category of a dimension, which is that nothing is known."""
    from privacy.catalogue import dimensions

    return len({"county": dimensions.COUNTY, "gender": dimensions.GENDER}[name].categories) - 1


def _row(connection: "DuckDBPyConnection", sql: str, given: Mapping[str, int] | None = None) -> dict[str, Any]:
    result = connection.execute(sql, dict(given or {}))
    names = [column[0] for column in result.description or ()]
    return dict(zip(names, result.fetchall()[0], strict=True))


Days = Mapping[date, tuple[int, int]]
"""Orders that sold tickets, and tickets, by day; days without any are not in it."""


def by_day(connection: "DuckDBPyConnection") -> Days:
    """The whole series of sales."""
    rows = connection.execute("""
        SELECT ordered_on, count(*), sum(tickets)::BIGINT FROM (
            SELECT order_no, any_value(ordered_on) AS ordered_on, sum(tickets) AS tickets
            FROM sales GROUP BY order_no HAVING sum(tickets) > 0
        ) GROUP BY ordered_on ORDER BY ordered_on
    """).fetchall()
    return {day: (int(orders), int(tickets)) for day, orders, tickets in rows}
