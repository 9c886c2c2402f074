"""What follows from the imported rows: customers, orders and net sales, made anew after every import."""

from typing import TYPE_CHECKING

import narwhals as nw

from node.store import originals, schema
from node.store.frames import Keeper, table
from node.store.leave import Leave
from privacy.bounds.netting import SALES, net
from privacy.catalogue import dimensions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ORDERS_A_YEAR = 500
"""An identifier with more orders than this in a calendar year is a box office's own, and nobody's identity."""

CHANNELS = 8
"""As many channels as there may be: the place of one has three bits."""

_ATTRIBUTES = ("match_id", "birth_year", "gender", "county", "segment", "customer_type")


def derive(connection: "DuckDBPyConnection", leave: Leave) -> None:
    """Replaces the derived tables, within the transaction that is open. `leave` says whom a release may count."""
    connection.execute(schema.DERIVED)
    _performances(connection)
    _lines(connection)
    _units(connection)
    several = _several_sources(connection)
    _orders(connection, several_sources=several)
    _customers(connection, leave)
    _sales(connection, several_sources=several)
    connection.execute("DROP VIEW order_names; DROP VIEW lines; DROP VIEW units")
    for name in ("gathered_units", "gathered_orders", "lines_to_net"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _several_sources(connection: "DuckDBPyConnection") -> bool:
    """Whether the store has rows of more than one: else its name tells nothing apart, and joining by it takes time."""
    tables = " UNION ALL ".join(f"SELECT source FROM {name}" for name in ("order_lines", "profiles", "events"))
    ((several,),) = connection.execute(f"SELECT min(source) <> max(source) FROM ({tables})").fetchall()
    return bool(several)


def _performances(connection: "DuckDBPyConnection") -> None:
    """The events under numbers, for whole numbers join faster than the names of events and their sources."""
    connection.execute("""
        INSERT INTO performances BY NAME
        SELECT row_number() OVER (ORDER BY source, event_id) AS event_no, source, event_id, genre, event_start,
               listed_start, capacity, coalesce(cancelled, false) AS cancelled
        FROM events
    """)


def _lines(connection: "DuckDBPyConnection") -> None:
    """The lines as `lines`. One that names no customer is of the customer whom the summary of its order names.

    An order has one summary at most, so nobody else's rows decide that.
    """
    summaries = "SELECT source, order_id, customer_key FROM order_lines WHERE summary AND customer_key IS NOT NULL"
    owned = f"""
        SELECT l.* REPLACE (coalesce(l.customer_key, s.customer_key) AS customer_key)
        FROM order_lines l LEFT JOIN ({summaries}) s USING (source, order_id)
    """
    any_summary = connection.execute(f"{summaries} LIMIT 1").fetchall()
    connection.execute(f"CREATE OR REPLACE TEMP VIEW lines AS {owned if any_summary else 'FROM order_lines'}")


def _units(connection: "DuckDBPyConnection") -> None:
    """Profiles of equal match id, or of no match id and equal source key, are one customer, under any number.

    In most stores each customer has one profile: then that one's place in its table is the number, and nothing is
    gathered.
    """
    named = "SELECT *, coalesce(match_id, encode(source || chr(31) || customer_key)) AS who FROM profiles"
    ((each_once,),) = connection.execute(f"SELECT count(*) = count(DISTINCT who) FROM ({named})").fetchall()
    if each_once:
        connection.execute(
            "CREATE OR REPLACE TEMP VIEW units AS SELECT *, rowid + 1 AS unit, false AS several FROM profiles"
        )
        return
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE gathered_units AS
        WITH named AS ({named}), numbers AS (
            SELECT who, row_number() OVER () AS unit, count(*) > 1 AS several FROM named GROUP BY who
        )
        SELECT named.* EXCLUDE (who), unit, several FROM named JOIN numbers USING (who)
    """)
    connection.execute("CREATE OR REPLACE TEMP VIEW units AS FROM gathered_units")


def _orders(connection: "DuckDBPyConnection", *, several_sources: bool) -> None:
    """An order of one customer: its lines under one number whose customer is the same.

    An order number under which lines of several customers stand is an order of each, and its lines without a customer
    are an anonymous one: whose a line is never depends on anybody else's (privacy contract, section 2). The day of an
    order is that of its first sale, its channel that of its first line that sells. Ranks have 60 bits, so that lines
    that sell nothing come after all others by their 61st, and three are left for the channel: the least such number is
    sooner found than the channel of the least rank. An order that has nothing but its summary counts by that.
    """
    place = f"(line_rank + CASE WHEN quantity <= 0 THEN {1 << 60} ELSE 0 END)::UBIGINT"
    source = "source, " if several_sources else ""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE gathered_orders AS
        SELECT {source or "(SELECT any_value(source) FROM order_lines) AS source, "}order_id, unit AS customer,
               any_value(order_rank) AS order_rank,
               coalesce(min(ordered_on) FILTER (quantity > 0), min(ordered_on)) AS ordered_on,
               (min({place} * {CHANNELS} + channel) % {CHANNELS})::BIGINT AS channel,
               bool_and(summary) AS only_summary
        FROM lines LEFT JOIN units USING ({source}customer_key) GROUP BY {source}order_id, unit
    """)
    # The place of a row in a table is a number that costs nothing; counting rows off would take one core.
    connection.execute("""
        CREATE OR REPLACE TEMP VIEW order_names AS
        SELECT rowid + 1 AS order_no, coalesce(customer, -rowid - 1) AS unit, * FROM gathered_orders
    """)
    connection.execute(
        "INSERT INTO orders BY NAME SELECT * EXCLUDE (source, order_id, customer, only_summary) FROM order_names"
    )


def _customers(connection: "DuckDBPyConnection", leave: Leave) -> None:
    """Attributes are the latest that any profile of the customer gives; most customers have one profile.

    `age` puts the profiles of one customer in the order in which they were last told of.
    """
    latest = ", ".join(f"arg_max({column}, age) AS {column}" for column in _ATTRIBUTES)
    free = "NOT objects AND (match_id IS NULL OR match_id NOT IN (SELECT unnest($objecting)))"
    free += " AND consents" if leave.only_consenting else ""
    connection.execute(
        f"""
        INSERT INTO customers BY NAME
        WITH busy AS (
            SELECT DISTINCT unit FROM orders WHERE unit > 0
            GROUP BY unit, year(ordered_on) HAVING count(*) > {MOST_ORDERS_A_YEAR}
        ), aged AS (
            SELECT *, row_number() OVER (ORDER BY import_no, source, customer_key) AS age FROM units WHERE several
        ), merged AS (
            SELECT unit, {", ".join(_ATTRIBUTES)}, placeholder, coalesce(objects, false) AS objects,
                   coalesce(consents, false) AS consents
            FROM units WHERE NOT several
            UNION ALL
            SELECT unit, {latest}, bool_or(placeholder), coalesce(bool_or(objects), false),
                   coalesce(bool_and(consents), false)
            FROM aged GROUP BY unit
        )
        SELECT unit, match_id,
               NOT placeholder AND unit NOT IN (SELECT unit FROM busy) AS identified,
               {free} AS released,
               birth_year::BIGINT AS birth_year,
               {index_of("coalesce(gender, 'unknown')", dimensions.GENDER)} AS gender,
               {index_of("coalesce(county, 'unknown')", dimensions.COUNTY)} AS county,
               segment, customer_type
        FROM merged
        """,
        {"objecting": sorted(leave.objecting)},
    )


def _sales(connection: "DuckDBPyConnection", *, several_sources: bool) -> None:
    """Net sales. Lines that were cancelled or returned whole are void; so is an order's summary once it has lines.

    Most orders never see a return: their lines are sales as they stand, and netting would only hand them on.
    """
    any_returned = originals.find(connection)
    # Where each order has one customer, its rank of 60 bits names it as well, and whole numbers join faster.
    ranks, orders = connection.execute("SELECT count(DISTINCT order_rank), count(*) FROM order_names").fetchall()[0]
    join = "JOIN order_names o USING (order_rank)" if ranks == orders else originals.ORDER_OF_LINE
    columns = """o.unit, o.order_no, o.ordered_on, o.order_rank, l.line_rank,
               l.ticket_category::BIGINT AS ticket_type, o.channel,
               l.quantity AS tickets, l.amount_ore AS revenue_ore, p.event_no,
               coalesce(l.event_start, p.listed_start) AS event_start"""
    of_source = "p.source = l.source AND " if several_sources else ""
    performance = f"LEFT JOIN performances p ON {of_source}p.event_id = l.event_id"
    # What never holds is left out of the condition: it would be asked of every line.
    any_summary = connection.execute("SELECT 1 FROM order_lines WHERE summary LIMIT 1").fetchall()
    conditions = [originals.COUNTS if any_summary else f"NOT {originals.VOID}", f"NOT {originals.RETURNED}"]
    if any_returned:
        conditions.append("o.order_no NOT IN (SELECT order_no FROM touched_orders)")
    connection.execute(f"""
        INSERT INTO sales BY NAME SELECT {columns} FROM lines l {join} {performance} WHERE {" AND ".join(conditions)}
    """)
    if not any_returned:
        return
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE lines_to_net AS
        SELECT {columns}, l.line_no, r.original_no, l.event_id AS event, l.ticket_type AS sold_as
        FROM touched_lines l JOIN order_names o USING (order_no) LEFT JOIN resolved_returns r USING (line_no)
        {performance}
        WHERE {originals.COUNTS} AND NOT coalesce(r.void, false)
    """)
    if connection.execute("SELECT 1 FROM lines_to_net LIMIT 1").fetchall():
        keep = Keeper(connection)
        netted = net(table(connection, "lines_to_net"), keep).select(nw.col(SALES))
        connection.execute(f"INSERT INTO sales BY NAME {nw.to_native(netted).sql_query()}")
        keep.drop()
    originals.drop(connection)


def index_of(column: str, dimension: dimensions.Dimension) -> str:
    """SQL for the index of a category in the catalogue's order, counted from 0."""
    names = ", ".join(f"'{category}'" for category in dimension.categories)
    return f"(list_position([{names}], {column}) - 1)::BIGINT"
