"""Putting standard rows into the store: new lines, later states of known lines, and nothing twice."""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from node.ingest.harmonise import Harmonised
from node.store.attributes import EVENTS, PROFILES

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
    "ticket_id",
    "original_order_id",
    "original_line_id",
    "customer_key",
)
_DIFFERS = " OR ".join(f"s.{column} IS DISTINCT FROM o.{column}" for column in _VALUES)

_RANK = "('0x' || substr(sha256($key || {}), 1, 15))::BIGINT"
_ORDER_RANK = _RANK.format("order_id")
_LINE_RANK = _RANK.format("order_id || chr(31) || line_id")
"""The keyed order: the first 60 bits of SHA-256 over the source's ordering key and what names an order, or a line."""


@dataclass(frozen=True)
class LineCounts:
    """What became of the lines of one file.

    `superseded` lines stood in the file again, later and different; `reserved` ones were no sale, and are not kept.
    """

    new: int
    updated: int
    unchanged: int
    superseded: int
    reserved: int


@dataclass(frozen=True)
class Origin:
    """Where the rows of a file come from."""

    import_no: int
    source: str


def _key_of(source: str, ordering_key: bytes) -> str:
    """A key of 128 bits for one source. It is short, so that SHA-256 takes a key and a line's name in one block."""
    digest = hmac.digest(ordering_key, b"kudos/order/v1\x00" + source.encode(), "sha256")
    return base64.b64encode(digest[:16]).decode().rstrip("=")


class Staging:
    """The rows of one file on their way into the store; temporary tables within the open transaction."""

    def __init__(self, connection: "DuckDBPyConnection", origin: Origin, ordering_key: bytes) -> None:
        self._connection = connection
        self._origin = origin
        self._key = _key_of(origin.source, ordering_key)
        self._present: set[str] = set()
        for name in ("staged_lines", "staged_profiles", "staged_events"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")

    def add(self, part: Harmonised) -> None:
        """Takes in one chunk."""
        if part.lines is not None:
            self._append("staged_lines", part.lines, f"*, {_ORDER_RANK} AS order_rank, {_LINE_RANK} AS line_rank")
        if part.profiles is not None:
            self._append("staged_profiles", part.profiles, "*")
        if part.events is not None:
            self._append("staged_events", part.events, "*")

    def _append(self, name: str, rows: pa.Table, columns: str) -> None:
        verb = f"INSERT INTO {name}" if name in self._present else f"CREATE TEMP TABLE {name} AS"
        self._present.add(name)
        self._connection.register("arriving", rows)
        self._run(f"{verb} SELECT {columns} FROM arriving")
        self._connection.unregister("arriving")

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement; $source and $key in it stand for the source's name and the ordering key."""
        known = {"source": self._origin.source, "key": self._key}
        given = {name: value for name, value in known.items() if f"${name}" in sql}
        return self._connection.execute(sql, given).fetchall()

    def _count(self, sql: str) -> int:
        return int(self._run(sql)[0][0] or 0)

    def merge(self) -> LineCounts:
        """Puts everything staged into the store, and says what became of the lines."""
        if "staged_profiles" in self._present:
            PROFILES.merge(self._connection, self._origin.source, self._origin.import_no)
        if "staged_events" in self._present:
            EVENTS.merge(self._connection, self._origin.source, self._origin.import_no)
        if "staged_lines" not in self._present:
            return LineCounts(0, 0, 0, 0, 0)
        self._name_lines()
        repeated, superseded = self._keep_last()
        return self._merge_lines(repeated, superseded)

    def _name_lines(self) -> None:
        """Lines without a name of their own are named by what they are and how often that stands in the order."""
        if not self._count("SELECT count(*) FROM staged_lines WHERE line_id IS NULL"):
            return
        self._run(f"""
            CREATE OR REPLACE TEMP TABLE staged_lines AS
            WITH named AS (
                SELECT * REPLACE (coalesce(line_id, '~' || md5(content) || '~' || row_number()
                                  OVER (PARTITION BY order_id, line_id, content ORDER BY "row")) AS line_id)
                FROM staged_lines
            )
            SELECT * REPLACE ({_LINE_RANK} AS line_rank) FROM named
        """)

    def _keep_last(self) -> tuple[int, int]:
        """Of lines that stand in the file more than once the latest counts, by when it changed, then by its place.

        Returns how many others were equal to it, and how many were not.
        """
        if not self._count("SELECT count(*) - count(DISTINCT line_rank) FROM staged_lines"):
            return 0, 0
        self._run("""
            CREATE OR REPLACE TEMP TABLE last_lines AS
            SELECT * FROM staged_lines
            QUALIFY row_number() OVER (
                PARTITION BY order_id, line_id ORDER BY changed_at DESC NULLS LAST, "row" DESC
            ) = 1
        """)
        earlier = "FROM staged_lines s JOIN last_lines o USING (order_id, line_id) WHERE s.row <> o.row"
        superseded = self._count(f"SELECT count(*) {earlier} AND ({_DIFFERS})")
        repeated = self._count(f"SELECT count(*) {earlier} AND NOT ({_DIFFERS})")
        self._run("DROP TABLE staged_lines")
        self._run("ALTER TABLE last_lines RENAME TO staged_lines")
        return repeated, superseded

    def _merge_lines(self, repeated: int, superseded: int) -> LineCounts:
        """Inserts lines that the store lacks, and puts later states in the place of earlier ones."""
        total, reserved = self._run("SELECT count(*), count(*) FILTER (state = 'reserved') FROM staged_lines")[0]
        known = changed = 0
        wanted = "s.state <> 'reserved'"
        if self._count("SELECT count(*) FROM (SELECT 1 FROM order_lines WHERE source = $source LIMIT 1)"):
            known, changed, reserved = self._compare()
            wanted = f"(k.place IS NULL AND {wanted}) OR k.changed"
        joined = "LEFT JOIN known_lines k ON k.place = s.rowid" if known else ""
        if not known:
            wanted = "s.state <> 'reserved'"
        columns = ", ".join(f"s.{column}" for column in _VALUES)
        self._run(f"""
            INSERT INTO order_lines (source, order_id, line_id, order_rank, line_rank, {", ".join(_VALUES)})
            SELECT $source, s.order_id, s.line_id, s.order_rank, s.line_rank, {columns}
            FROM staged_lines s {joined} WHERE {wanted}
        """)
        return LineCounts(total - known - reserved, changed, known - changed + repeated, superseded, reserved)

    def _compare(self) -> tuple[int, int, int]:
        """Finds the staged lines that the store has; takes away there those that changed.

        Returns how many it has, how many of these changed, and how many reservations it does not have.
        """
        self._run(f"""
            CREATE OR REPLACE TEMP TABLE known_lines AS
            SELECT s.rowid AS place, s.order_id, s.line_id,
                   ({_DIFFERS}) AND NOT coalesce(s.changed_at < o.changed_at, false) AS changed
            FROM staged_lines s JOIN order_lines o
              ON o.source = $source AND o.line_rank = s.line_rank AND o.order_id = s.order_id AND o.line_id = s.line_id
        """)
        known, changed = self._run("SELECT count(*), count(*) FILTER (changed) FROM known_lines")[0]
        reserved = self._count("""
            SELECT count(*) FROM staged_lines s ANTI JOIN known_lines k ON k.place = s.rowid WHERE s.state = 'reserved'
        """)
        if changed:
            self._run("""
                DELETE FROM order_lines USING known_lines k
                WHERE k.changed AND order_lines.source = $source
                  AND order_lines.order_id = k.order_id AND order_lines.line_id = k.line_id
            """)
        return known, changed, reserved


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
