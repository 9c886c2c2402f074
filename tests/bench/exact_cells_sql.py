"""The peer of `privacy.bounds.cells.cells_of`: the same vectors by DuckDB SQL written by hand.

It shows what the portable expressions cost, and is a second opinion on what they compute. It takes the same tables
`sales` and `customers` (see `privacy.bounds.frames`) and leaves nothing behind on the connection.
"""

from typing import TYPE_CHECKING

import numpy as np

from privacy.bounds.attributes import FORGOTTEN_AFTER_MONTHS
from privacy.bounds.cells import Vector
from privacy.bounds.windows import Window, year_before
from privacy.catalogue.dimensions import AGE_LOWER_BOUNDS, DIMENSIONS, FREQUENCY_LOWER_BOUNDS, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Vectors = dict[tuple[str, Measure], Vector]

PEERED: tuple[Table, ...] = tuple(
    TABLES[name]
    for name in (
        "totals",
        "identity",
        "month",
        "age_band",
        "gender",
        "county",
        "frequency_band",
        "flow",
        "ticket_type",
        "channel",
    )
)
"""What is written by hand here: the tables of the study `benchmark`."""

_TEMPORARY = ("bought", "orders_bought", "buyers", "kept", "kept_orders", "flows", "people")


def tables_sql(connection: "DuckDBPyConnection", window: Window, bounds: Bounds) -> Vectors:
    """Each of `PEERED` and every measure of it, keyed by the table's name and the measure."""
    _bounded_view(connection, window, bounds)
    _people(connection, window)
    vectors: Vectors = {}
    for table in PEERED:
        name = table.name
        if table.dimension.level is Level.CUSTOMER:
            rows = _by_customer(connection, table.dimension.name)
        elif table.dimension.level is Level.ORDER:
            rows = _by_order(connection, table.dimension.name)
        else:
            rows = _by_line(connection, table.dimension.name, table.cells)
        for measure in table.measures:
            vector = np.zeros(table.cells, dtype=np.int64)
            for category, value in rows[measure]:
                vector[category] = value
            vectors[name, measure] = vector
    for temporary in _TEMPORARY:
        connection.execute(f"DROP TABLE {temporary}")
    return vectors


def _bounded_view(connection: "DuckDBPyConnection", window: Window, bounds: Bounds) -> None:
    """`kept` lines and `kept_orders`; `buyers` has the orders of each unit before the bounds."""
    connection.execute(f"""
        CREATE TEMP TABLE bought AS
        SELECT unit, order_no, order_rank, line_rank, ordered_on, ticket_type, channel, tickets, revenue_ore
        FROM sales ANTI JOIN (SELECT unit FROM customers WHERE NOT released) USING (unit)
        WHERE ordered_on BETWEEN DATE '{window.first}' AND DATE '{window.last}' AND (tickets > 0 OR revenue_ore > 0)
    """)
    connection.execute("""
        CREATE TEMP TABLE orders_bought AS
        SELECT order_no, any_value(unit) AS unit, any_value(order_rank) AS order_rank,
               min(line_rank) AS first_line_rank, count(*) AS lines,
               sum(tickets)::BIGINT AS tickets, sum(revenue_ore)::BIGINT AS revenue_ore
        FROM bought GROUP BY order_no
    """)
    connection.execute(f"""
        CREATE TEMP TABLE buyers AS
        SELECT unit, count(*) AS orders,
               count(*) > {bounds.max_orders} OR sum(lines) > {bounds.max_lines}
               OR sum(tickets) > {bounds.max_tickets} OR sum(revenue_ore) > {bounds.max_revenue_ore} AS heavy
        FROM orders_bought WHERE tickets > 0 GROUP BY unit
    """)
    connection.execute(f"""
        CREATE TEMP TABLE kept AS
        WITH lines AS (
            FROM bought ANTI JOIN (SELECT order_no FROM orders_bought WHERE tickets = 0) USING (order_no)
        ), heavy AS (
            SELECT unit FROM buyers WHERE heavy
        ), some_orders AS (
            SELECT order_no, row_number() OVER (
                PARTITION BY unit ORDER BY order_rank, first_line_rank, order_no
            ) AS order_place
            FROM orders_bought SEMI JOIN heavy USING (unit) WHERE tickets > 0
            QUALIFY order_place <= {bounds.max_orders}
        ), one_by_one AS (
            SELECT *, row_number() OVER so_far AS place, sum(tickets) OVER so_far - tickets AS tickets_before,
                   sum(revenue_ore) OVER so_far - revenue_ore AS revenue_before
            FROM lines JOIN some_orders USING (order_no)
            WINDOW so_far AS (
                PARTITION BY unit ORDER BY order_place, line_rank, ticket_type, tickets, revenue_ore
                ROWS UNBOUNDED PRECEDING
            )
        ), cut AS (
            SELECT unit, order_no, ordered_on, ticket_type, channel, tickets, revenue_ore
            FROM lines ANTI JOIN heavy USING (unit)
            UNION ALL
            SELECT unit, order_no, ordered_on, ticket_type, channel,
                   least(tickets, greatest({bounds.max_tickets} - tickets_before, 0))::BIGINT,
                   least(revenue_ore, greatest({bounds.max_revenue_ore} - revenue_before, 0))::BIGINT
            FROM one_by_one WHERE place <= {bounds.max_lines}
        )
        SELECT cut.*, coalesce(identified, false) AS identified FROM cut LEFT JOIN customers USING (unit)
    """)
    connection.execute("""
        CREATE TEMP TABLE kept_orders AS
        SELECT any_value(unit) AS unit, month(any_value(ordered_on)) - 1 AS month, any_value(channel) AS channel,
               any_value(identified) AS identified, sum(tickets) AS tickets, sum(revenue_ore) AS revenue
        FROM kept GROUP BY order_no
    """)


def _people(connection: "DuckDBPyConnection", window: Window) -> None:
    """`people`: how many units there are of each kind, and what was kept of their purchases."""
    before, years = year_before(window), FORGOTTEN_AFTER_MONTHS // 12
    connection.execute(f"""
        CREATE TEMP TABLE flows AS
        WITH days AS (
            SELECT unit, min(ordered_on) FILTER (ordered_on >= DATE '{window.first}') AS first_day,
                   max(ordered_on) FILTER (ordered_on < DATE '{window.first}') AS last_before,
            FROM sales WHERE unit > 0 AND tickets > 0 AND ordered_on <= DATE '{window.last}' GROUP BY unit
        )
        SELECT unit, CASE WHEN first_day IS NULL THEN CASE WHEN last_before >= DATE '{before.first}' THEN 3 END
                          WHEN last_before IS NULL THEN 0
                          WHEN last_before >= DATE '{before.first}' THEN 1
                          WHEN (year(last_before) + {years}, month(last_before), day(last_before))
                               > (year(first_day), month(first_day), day(first_day)) THEN 2
                          ELSE 0 END AS flow
        FROM days
    """)
    connection.execute(f"""
        CREATE TEMP TABLE people AS
        WITH sums AS (
            SELECT unit, count(*) AS orders, sum(tickets) AS tickets, sum(revenue) AS revenue
            FROM kept_orders GROUP BY unit
        ), everybody AS (
            SELECT coalesce(u.identified, false) AS identified, s.unit IS NOT NULL AS active, f.flow AS flow,
                   {_band(f"{window.last.year} - u.birth_year", AGE_LOWER_BOUNDS)} AS age_band,
                   u.gender, u.county, {_band("b.orders", FREQUENCY_LOWER_BOUNDS)} AS frequency_band,
                   coalesce(s.orders, 0) AS orders, coalesce(s.tickets, 0) AS tickets, coalesce(s.revenue, 0) AS revenue
            FROM sums s JOIN buyers b USING (unit)
            FULL JOIN (SELECT f.* FROM flows f SEMI JOIN customers c ON c.unit = f.unit AND c.released) f USING (unit)
            LEFT JOIN customers u ON u.unit = coalesce(s.unit, f.unit)
        )
        SELECT identified, active, flow, age_band, gender, county, frequency_band, count(*) AS customers,
               sum(orders) AS orders, sum(tickets) AS tickets, sum(revenue) AS revenue
        FROM everybody WHERE active OR (identified AND flow IS NOT NULL) GROUP BY ALL
    """)


def _band(value: str, lower_bounds: dict[str, int]) -> str:
    """SQL for the index of the last lower bound that a value reaches; null for null."""
    steps = " + ".join(f"({value} >= {lower})::BIGINT" for lower in list(lower_bounds.values())[1:])
    return f"({steps})"


Rows = dict[Measure, list[tuple[int, int]]]


def _by_customer(connection: "DuckDBPyConnection", dimension: str) -> Rows:
    known = DIMENSIONS[dimension]
    if known.unidentified is None:
        category, who = dimension, "identified"
    else:
        unknown = known.categories.index(known.unidentified)
        own = "0" if dimension in ("all", "identity") else f"coalesce({dimension}, {unknown})"
        category, who = f"CASE WHEN identified THEN {own} ELSE {unknown} END", "true"
    active = "true" if dimension == "flow" else "active"
    return _columns(
        connection,
        f"""
        SELECT {category}, sum(customers) FILTER (identified), sum(orders), sum(tickets), sum(revenue)
        FROM people WHERE {who} AND {active} GROUP BY 1
        """,
        tuple(Measure),
    )


def _by_order(connection: "DuckDBPyConnection", dimension: str) -> Rows:
    return _columns(
        connection,
        f"""
        SELECT {dimension}, count(DISTINCT unit) FILTER (identified), count(*), sum(tickets), sum(revenue)
        FROM kept_orders GROUP BY 1
        """,
        tuple(Measure),
    )


def _by_line(connection: "DuckDBPyConnection", dimension: str, cells: int) -> Rows:
    amounts = _columns(
        connection,
        f"""
        SELECT {dimension}, count(DISTINCT unit) FILTER (identified), sum(tickets), sum(revenue_ore)
        FROM kept GROUP BY 1
        """,
        (Measure.CUSTOMERS, Measure.TICKETS, Measure.REVENUE),
    )
    orders = _columns(
        connection,
        f"""
        SELECT primary_one, count(*) FROM (
            SELECT {cells - 1} - max(tickets * {cells} + {cells - 1} - {dimension}) % {cells} AS primary_one
            FROM (SELECT order_no, {dimension}, sum(tickets) AS tickets FROM kept GROUP BY ALL) GROUP BY order_no
        ) GROUP BY 1
        """,
        (Measure.ORDERS,),
    )
    return amounts | orders


def _columns(connection: "DuckDBPyConnection", query: str, measures: tuple[Measure, ...]) -> Rows:
    """The rows of a query that gives a category and then the measures, as pairs for each measure."""
    rows = connection.execute(query).fetchall()
    return {
        measure: [(int(row[0]), int(row[place] or 0)) for row in rows]
        for place, measure in enumerate(measures, start=1)
    }
