"""Putting standard rows into the store: new lines, later states of known lines, and nothing twice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from node.ingest.harmonise import Harmonised

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_VALUES = (
    "summary",
    "ordered_at",
    "ordered_on",
    "changed_at",
    "event_id",
    "ticket_type",
    "ticket_category",
    "quantity",
    "unit_price_ore",
    "amount_ore",
    "channel",
    "state",
    "price_zone",
    "original_order_id",
    "original_line_id",
    "customer_key",
)
_ATTRIBUTES = ("match_id", "birth_year", "gender", "county", "segment", "customer_type", "objects")
_EVENT = ("event_title", "production", "genre", "event_start", "venue", "capacity", "cancelled")


@dataclass(frozen=True)
class LineCounts:
    """What became of the lines of one file. `superseded` lines stood in the file again, later and different."""

    new: int
    updated: int
    unchanged: int
    superseded: int


@dataclass(frozen=True)
class Origin:
    """Where the rows of a file come from."""

    import_no: int
    source: str


class Staging:
    """The rows of one file on their way into the store; temporary tables within the open transaction."""

    def __init__(self, connection: "DuckDBPyConnection", origin: Origin, ordering_key: bytes) -> None:
        self._connection = connection
        self._origin = origin
        self._ordering_key = ordering_key
        self._present: set[str] = set()
        for name in ("staged_lines", "staged_profiles", "staged_events"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")

    def add(self, part: Harmonised) -> None:
        """Takes in one chunk."""
        for name, rows in (("lines", part.lines), ("profiles", part.profiles), ("events", part.events)):
            if rows is not None:
                self._append(f"staged_{name}", rows)

    def _append(self, name: str, rows: pa.Table) -> None:
        self._connection.register("arriving", rows)
        if name in self._present:
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM arriving")
        else:
            self._connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM arriving")
            self._present.add(name)
        self._connection.unregister("arriving")

    def merge(self) -> LineCounts:
        """Puts everything staged into the store, and says what became of the lines."""
        if "staged_profiles" in self._present:
            self._merge_profiles()
        if "staged_events" in self._present:
            self._merge_events()
        if "staged_lines" not in self._present:
            return LineCounts(0, 0, 0, 0)
        self._name_lines()
        repeated, superseded = self._keep_last()
        new, updated, unchanged = self._merge_lines()
        return LineCounts(new, updated, unchanged + repeated, superseded)

    def _count(self, sql: str) -> int:
        (value,) = self._connection.execute(sql).fetchall()[0]
        return int(value or 0)

    def _name_lines(self) -> None:
        """Lines without a name of their own are named by what they are and how often that stands in the order."""
        if not self._count("SELECT count(*) FROM staged_lines WHERE line_id IS NULL"):
            return
        self._connection.execute("""
            CREATE OR REPLACE TEMP TABLE staged_lines AS
            SELECT * REPLACE (coalesce(line_id, '~' || md5(content) || '~' || row_number()
                              OVER (PARTITION BY order_id, line_id, content ORDER BY "row")) AS line_id)
            FROM staged_lines
        """)

    def _keep_last(self) -> tuple[int, int]:
        """Of lines that stand in the file more than once the last counts; returns (equal ones, different ones)."""
        distinct = self._count("SELECT count(*) FROM (SELECT 1 FROM staged_lines GROUP BY order_id, line_id)")
        if distinct == self._count("SELECT count(*) FROM staged_lines"):
            return 0, 0
        self._connection.execute("""
            CREATE OR REPLACE TEMP TABLE last_lines AS
            SELECT * FROM staged_lines
            QUALIFY row_number() OVER (PARTITION BY order_id, line_id ORDER BY "row" DESC) = 1
        """)
        differs = " OR ".join(f"s.{column} IS DISTINCT FROM l.{column}" for column in _VALUES)
        earlier = "FROM staged_lines s JOIN last_lines l USING (order_id, line_id) WHERE s.row <> l.row"
        superseded = self._count(f"SELECT count(*) {earlier} AND ({differs})")
        repeated = self._count(f"SELECT count(*) {earlier} AND NOT ({differs})")
        self._connection.execute("DROP TABLE staged_lines")
        self._connection.execute("ALTER TABLE last_lines RENAME TO staged_lines")
        return repeated, superseded

    def _merge_lines(self) -> tuple[int, int, int]:
        source = self._origin.source
        differs = " OR ".join(f"s.{column} IS DISTINCT FROM o.{column}" for column in _VALUES)
        stale = "coalesce(s.changed_at < o.changed_at, false)"
        self._connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE changed_lines AS
            SELECT s.order_id, s.line_id
            FROM staged_lines s JOIN order_lines o ON o.source = $source
             AND o.order_id = s.order_id AND o.line_id = s.line_id
            WHERE ({differs}) AND NOT {stale}
            """,
            {"source": source},
        )
        known = self._connection.execute(
            """
            SELECT count(*) FROM staged_lines s
            SEMI JOIN order_lines o ON o.source = $source AND o.order_id = s.order_id AND o.line_id = s.line_id
            """,
            {"source": source},
        ).fetchall()[0][0]
        total = self._count("SELECT count(*) FROM staged_lines")
        updated = self._count("SELECT count(*) FROM changed_lines")
        if updated:
            self._connection.execute(
                """
                DELETE FROM order_lines USING changed_lines c
                WHERE order_lines.source = $source
                  AND order_lines.order_id = c.order_id AND order_lines.line_id = c.line_id
                """,
                {"source": source},
            )
        self._insert_missing(source)
        return total - known, updated, known - updated

    def _insert_missing(self, source: str) -> None:
        """Inserts staged lines that the store lacks, each with its place in the keyed order."""
        columns = ", ".join(f"s.{column}" for column in _VALUES)
        named = ", ".join(_VALUES)
        rank = "('0x' || substr(sha256($key || chr(31) || {}), 1, 15))::BIGINT"
        self._connection.execute(
            f"""
            INSERT INTO order_lines (source, order_id, line_id, order_rank, line_rank, {named})
            SELECT $source, s.order_id, s.line_id, {rank.format("$source || chr(31) || s.order_id")},
                   {rank.format("$source || chr(31) || s.order_id || chr(31) || s.line_id")}, {columns}
            FROM staged_lines s
            ANTI JOIN order_lines o ON o.source = $source AND o.order_id = s.order_id AND o.line_id = s.line_id
            """,
            {"source": source, "key": self._ordering_key.hex()},
        )

    def _merge_profiles(self) -> None:
        """The latest known value of every attribute of a profile counts; what a file does not say stays."""
        latest = ", ".join(f'arg_max({column}, "row") AS {column}' for column in _ATTRIBUTES)
        merged = ", ".join(f"coalesce(n.{column}, o.{column}) AS {column}" for column in _ATTRIBUTES)
        self._connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE merged_profiles AS
            WITH n AS (
                SELECT customer_key, {latest}, bool_or(placeholder) AS placeholder
                FROM staged_profiles GROUP BY customer_key
            )
            SELECT n.customer_key, n.placeholder OR coalesce(o.placeholder, false) AS placeholder, {merged}
            FROM n LEFT JOIN profiles o ON o.source = $source AND o.customer_key = n.customer_key
            """,
            {"source": self._origin.source},
        )
        self._connection.execute(
            """
            DELETE FROM profiles USING merged_profiles m
            WHERE profiles.source = $source AND profiles.customer_key = m.customer_key
            """,
            {"source": self._origin.source},
        )
        named = ", ".join(_ATTRIBUTES)
        self._connection.execute(
            f"""
            INSERT INTO profiles (source, customer_key, placeholder, import_no, {named})
            SELECT $source, customer_key, placeholder, $number, {named} FROM merged_profiles
            """,
            {"source": self._origin.source, "number": self._origin.import_no},
        )

    def _merge_events(self) -> None:
        latest = ", ".join(f'arg_max({column}, "row") AS {column}' for column in _EVENT)
        merged = ", ".join(f"coalesce(n.{column}, o.{column}) AS {column}" for column in _EVENT)
        self._connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE merged_events AS
            WITH n AS (SELECT event_id, {latest} FROM staged_events GROUP BY event_id)
            SELECT n.event_id, {merged}
            FROM n LEFT JOIN events o ON o.source = $source AND o.event_id = n.event_id
            """,
            {"source": self._origin.source},
        )
        self._connection.execute(
            "DELETE FROM events USING merged_events m WHERE events.source = $source AND events.event_id = m.event_id",
            {"source": self._origin.source},
        )
        named = ", ".join(_EVENT)
        self._connection.execute(
            f"INSERT INTO events (source, event_id, {named}) SELECT $source, event_id, {named} FROM merged_events",
            {"source": self._origin.source},
        )


def next_number(connection: "DuckDBPyConnection") -> int:
    """The number of the import that begins now."""
    return int(connection.execute("SELECT coalesce(max(import_no), 0) + 1 FROM imports").fetchall()[0][0])


def record(connection: "DuckDBPyConnection", origin: Origin, facts: dict[str, object]) -> None:
    """Writes what one file brought into `imports`."""
    row = {
        "import_no": origin.import_no,
        "source": origin.source,
        "imported_at": datetime.now(UTC).replace(tzinfo=None),
    }
    row |= facts
    names = ", ".join(row)
    marks = ", ".join(f"${name}" for name in row)
    connection.execute(f"INSERT INTO imports ({names}) VALUES ({marks})", row)
