"""Which sale a return takes back, where the export tells: by the line that it names, or by the ticket.

A line that is named is looked up as it is named. Of the sales of a ticket the latest before the return counts. Sales
of the same customer come first, so that what somebody else bought never changes which of a customer's own lines is
reduced (privacy contract, section 3).

A sale whose own state is returned or cancelled is void already; the return of it is then void too, for counting both
would take it back twice.
"""

from typing import TYPE_CHECKING

from node.store import codes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RETURNED = "(l.quantity < 0 OR l.amount_ore < 0)"
VOID = f"(l.state = {codes.RESERVED} OR (l.state IN ({codes.RETURNED}, {codes.CANCELLED}) AND NOT {RETURNED}))"
"""Whether a line `l` is no sale, or one that was taken back whole."""
COUNTS = f"((o.only_summary OR NOT l.summary) AND NOT {VOID})"
"""Whether a line `l` of an order `o` counts at all."""

ORDER_OF_LINE = """
    LEFT JOIN units u ON u.source = l.source AND u.customer_key = l.customer_key
    JOIN order_names o ON o.source = l.source AND o.order_id = l.order_id AND o.customer IS NOT DISTINCT FROM u.unit
"""
"""From a line `l` to the order `o` of its own customer."""

_TABLES = ("returned_lines", "touched_orders", "touched_lines", "resolved_returns")


def find(connection: "DuckDBPyConnection") -> bool:
    """Makes temporary tables from `lines`, `units` and `order_names`. False, with none made, where nothing came back.

    `touched_orders`: order_no of every order with a return, or with a line that one may take back;
    `touched_lines`: their lines, with order_no, unit and a line_no;
    `resolved_returns`: line_no, original_no (null where the original is void), and whether the return is void.
    """
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE returned_lines AS
        SELECT l.source, l.order_id, l.line_id, l.ticket_id, l.original_line_id, l.ordered_at,
               coalesce(l.original_order_id, l.order_id) AS original_order_id
        FROM lines l WHERE {RETURNED} AND l.state <> {codes.RESERVED}
    """)
    if not connection.execute("SELECT 1 FROM returned_lines LIMIT 1").fetchall():
        drop(connection)
        return False
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE touched_orders AS
        WITH named AS (
            SELECT source, order_id FROM returned_lines
            UNION
            SELECT source, original_order_id FROM returned_lines WHERE original_line_id IS NOT NULL
            UNION
            SELECT l.source, l.order_id FROM lines l JOIN returned_lines r USING (source, ticket_id)
            WHERE r.original_line_id IS NULL
        )
        SELECT o.order_no FROM named JOIN order_names o USING (source, order_id)
    """)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE touched_lines AS
        SELECT l.*, o.order_no, o.unit, row_number() OVER () AS line_no
        FROM lines l {ORDER_OF_LINE}
        WHERE o.order_no IN (SELECT order_no FROM touched_orders)
    """)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE resolved_returns AS
        WITH back AS (
            SELECT l.* FROM touched_lines l WHERE {RETURNED}
        ), sold AS (
            SELECT l.*, {VOID} AS void FROM touched_lines l
            WHERE NOT {RETURNED} AND l.state <> {codes.RESERVED}
        ), found AS (
            SELECT r.line_no, s.line_no AS original_no, s.void, s.unit = r.unit AS own, s.ordered_at, s.line_rank
            FROM back r JOIN sold s
              ON s.source = r.source AND s.order_id = coalesce(r.original_order_id, r.order_id)
             AND s.line_id = r.original_line_id
            UNION ALL
            SELECT r.line_no, s.line_no, s.void, s.unit = r.unit, s.ordered_at, s.line_rank
            FROM back r JOIN sold s
              ON s.source = r.source AND s.ticket_id = r.ticket_id AND s.ordered_at <= r.ordered_at
            WHERE r.original_line_id IS NULL
        )
        SELECT line_no, CASE WHEN void THEN NULL ELSE original_no END AS original_no, own AND void AS void FROM found
        QUALIFY row_number() OVER (PARTITION BY line_no ORDER BY own DESC, ordered_at DESC, line_rank, original_no) = 1
    """)
    return True


def drop(connection: "DuckDBPyConnection") -> None:
    """Removes the temporary tables."""
    for name in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
