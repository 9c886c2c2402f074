"""What follows from the imported rows: customers, orders and net sales, made anew after every import."""

from typing import TYPE_CHECKING

import narwhals as nw

from node.store.frames import Keeper, table
from privacy.bounds.netting import SALES, net
from privacy.catalogue import dimensions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ORDERS_A_YEAR = 500
"""An identifier with more orders than this in a calendar year is a box office's own, and nobody's identity."""


def derive(connection: "DuckDBPyConnection") -> None:
    """Replaces the derived tables, within the transaction that is open."""
    _profiles_to_units(connection)
    _orders(connection)
    _customers(connection)
    _sales(connection)
    for name in ("unit_of_profile", "profile_of_order", "lines_to_net"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _profiles_to_units(connection: "DuckDBPyConnection") -> None:
    """Profiles of equal match id, or of no match id and equal source key, are one customer."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE unit_of_profile AS
        SELECT source, customer_key,
               dense_rank() OVER (ORDER BY coalesce(hex(match_id), source || chr(31) || customer_key)) AS unit
        FROM profiles
    """)


def _orders(connection: "DuckDBPyConnection") -> None:
    """An order's day is that of its first sale; its customer and channel are those of its first line."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE profile_of_order AS
        SELECT source, order_id,
               coalesce(min(ordered_on) FILTER (quantity > 0), min(ordered_on)) AS ordered_on,
               any_value(order_rank) AS order_rank,
               arg_min(customer_key, (quantity <= 0, line_rank)) AS customer_key,
               arg_min(channel, (quantity <= 0, line_rank)) AS channel,
               bool_and(summary) AS only_summary
        FROM order_lines GROUP BY source, order_id
    """)
    connection.execute(f"""
        CREATE OR REPLACE TABLE orders AS
        WITH numbered AS (SELECT *, row_number() OVER () AS order_no FROM profile_of_order)
        SELECT o.order_no, coalesce(u.unit, -o.order_no) AS unit, o.source, o.order_id, o.ordered_on, o.order_rank,
               {_index("o.channel", dimensions.CHANNEL)} AS channel, o.only_summary
        FROM numbered o LEFT JOIN unit_of_profile u USING (source, customer_key)
    """)


def _customers(connection: "DuckDBPyConnection") -> None:
    """Attributes are the latest that any profile of the customer gives."""
    latest = ", ".join(
        f"arg_max({column}, (p.import_no, p.source, p.customer_key)) AS {column}"
        for column in ("match_id", "birth_year", "gender", "county", "segment", "customer_type")
    )
    connection.execute(f"""
        CREATE OR REPLACE TABLE customers AS
        WITH busy AS (
            SELECT DISTINCT unit FROM orders WHERE unit > 0
            GROUP BY unit, year(ordered_on) HAVING count(*) > {MOST_ORDERS_A_YEAR}
        ), merged AS (
            SELECT u.unit, {latest}, bool_or(p.placeholder) AS placeholder,
                   coalesce(bool_or(p.objects), false) AS objects
            FROM profiles p JOIN unit_of_profile u USING (source, customer_key) GROUP BY u.unit
        )
        SELECT unit, match_id,
               NOT placeholder AND unit NOT IN (SELECT unit FROM busy) AS identified,
               NOT objects AS released,
               birth_year::BIGINT AS birth_year,
               {_index("coalesce(gender, 'unknown')", dimensions.GENDER)} AS gender,
               {_index("coalesce(county, 'unknown')", dimensions.COUNTY)} AS county,
               segment, customer_type
        FROM merged
    """)


def _sales(connection: "DuckDBPyConnection") -> None:
    """Net sales. Lines that were cancelled or returned whole are void; so is an order's summary once it has lines."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE lines_to_net AS
        WITH numbered AS (
            SELECT l.*, o.unit, o.order_no, o.ordered_on AS order_day, o.channel AS order_channel,
                   row_number() OVER () AS line_no
            FROM order_lines l JOIN orders o USING (source, order_id)
            WHERE (o.only_summary OR NOT l.summary)
              AND NOT (l.quantity >= 0 AND l.amount_ore >= 0 AND l.state IN ('returned', 'cancelled'))
        ), originals AS (
            SELECT source, order_id, line_id, line_no FROM numbered WHERE quantity >= 0 AND amount_ore >= 0
        )
        SELECT n.unit, n.order_no, n.line_no, g.line_no AS original_no, n.order_day AS ordered_on, n.order_rank,
               n.line_rank, n.event_id AS event, n.ticket_type AS sold_as,
               {_index("n.ticket_category", dimensions.TICKET_TYPE)} AS ticket_type, n.order_channel AS channel,
               n.quantity AS tickets, n.amount_ore AS revenue_ore
        FROM numbered n LEFT JOIN originals g
          ON n.original_line_id IS NOT NULL AND g.source = n.source
         AND g.order_id = coalesce(n.original_order_id, n.order_id) AND g.line_id = n.original_line_id
    """)
    keep = Keeper(connection)
    sales = net(table(connection, "lines_to_net"), keep).select(nw.col(SALES))
    connection.execute(f"CREATE OR REPLACE TABLE sales AS {nw.to_native(sales).sql_query()}")
    keep.drop()


def _index(column: str, dimension: dimensions.Dimension) -> str:
    """SQL for the index of a category in the catalogue's order, counted from 0."""
    names = ", ".join(f"'{category}'" for category in dimension.categories)
    return f"(list_position([{names}], {column}) - 1)::BIGINT"
