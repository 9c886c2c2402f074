"""How many customers lie above a bound, exactly: for the institution's own eyes."""

from typing import TYPE_CHECKING

from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def customers_above(connection: "DuckDBPyConnection", window: Window, bounds: Bounds) -> int:
    """Identified customers that have more orders, lines, tickets or revenue in a window than any of the bounds."""
    ((found,),) = connection.execute(
        """
        WITH o AS (
            SELECT unit, order_no, count(*) AS lines, sum(tickets) AS tickets,
                   sum(greatest(revenue_ore, 0)) AS revenue
            FROM sales SEMI JOIN (SELECT unit FROM customers WHERE identified AND released) USING (unit)
            WHERE ordered_on BETWEEN ? AND ? AND (tickets > 0 OR revenue_ore > 0)
            GROUP BY ALL HAVING sum(tickets) > 0
        )
        SELECT count(*) FROM (
            SELECT unit FROM o GROUP BY unit
            HAVING count(*) > ? OR sum(lines) > ? OR sum(tickets) > ? OR sum(revenue) > ?
        )
        """,
        [window.first, window.last, bounds.max_orders, bounds.max_lines, bounds.max_tickets, bounds.max_revenue_ore],
    ).fetchall()
    return int(found)
