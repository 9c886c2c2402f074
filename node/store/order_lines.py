"""How the order lines of one file get into the store.

The first file of a source is written straight away, chunk by chunk, while it is still being read: nothing is there to
compare it with. It must name every line, each once; where it does not, and for every later file of the source, the
lines are gathered in a temporary table first and compared.
"""

import base64
import hmac
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from node.store.codes import RESERVED, coded
from node.store.streaming import Stream

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_VALUES = (
    "summary",
    "ordered_at",
    "ordered_on",
    "changed_at",
    "event_id",
    "event_start",
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
_COLUMNS = ", ".join(_VALUES)
_DIFFERS = " OR ".join(f"s.{column} IS DISTINCT FROM o.{column}" for column in _VALUES)

_RANK = "(md5_number(concat($key, {})) >> 68)::BIGINT"
_ORDER_RANK = _RANK.format("order_id")
_LINE_RANK = _RANK.format("order_id, chr(31), line_id")
"""The keyed order: the first 60 bits of a hash over the source's ordering key and what names an order, or a line.

Any order serves that is the same at every import and that nobody's data decide: no secret rests on the hash, and MD5
takes a third of the time of SHA-256 here.
"""


@dataclass(frozen=True)
class LineCounts:
    """What became of the lines of one file.

    `superseded` lines stood in the file again, later and different; `reserved` ones were no sale, and are not kept.
    `grown` are orders in which sales without names of their own stood that the file lacks, and which got others.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    reserved: int = 0
    grown: int = 0


class Session:
    """Statements about one source within the open transaction."""

    def __init__(self, connection: "DuckDBPyConnection", source: str, ordering_key: bytes) -> None:
        self._connection = connection
        self._known = {"source": source, "key": _key_of(source, ordering_key)}

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement; $source and $key in it stand for the source's name and its ordering key."""
        given = {name: value for name, value in self._known.items() if f"${name}" in sql}
        return self._connection.execute(sql, given).fetchall()

    def count(self, sql: str) -> int:
        """The number that a statement gives; 0 for null."""
        return int(self.run(sql)[0][0] or 0)

    def run_on(self, rows: pa.Table | pa.RecordBatchReader, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement that reads some rows as the table `arriving`."""
        with self.registered("arriving", rows):
            return self.run(sql)

    @contextmanager
    def registered(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        """Meanwhile statements can read some rows as the table of this name."""
        self._connection.register(name, rows)
        try:
            yield
        except BaseException:
            with suppress(Exception):  # it would say that the transaction has failed, and not why
                self._connection.unregister(name)
            raise
        self._connection.unregister(name)


def _key_of(source: str, ordering_key: bytes) -> str:
    """A key of 128 bits for one source. It is short, so that a hash takes a key and a line's name in one block."""
    digest = hmac.digest(ordering_key, b"kudos/order/v1\x00" + source.encode(), "sha256")
    return base64.b64encode(digest[:16]).decode().rstrip("=")


class Straight:
    """Lines of a source that the store has none of yet. From the first ones on until `settle` the session is taken."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stream: Stream | None = None
        self._arrived = 0
        self._all_named = True

    @staticmethod
    def suits(session: Session, first: pa.Table) -> bool:
        """Whether the store has no line of the source, and a file names all lines of its first chunk."""
        if first.column("line_id").null_count:
            return False
        return not session.run("SELECT 1 FROM order_lines WHERE source = $source LIMIT 1")

    def add(self, lines: pa.Table) -> None:
        """Writes a chunk, unless lines without a name have come."""
        self._arrived += lines.num_rows
        self._all_named = self._all_named and not lines.column("line_id").null_count
        if not self._all_named:
            return
        told = [name for name in _VALUES if name in lines.column_names]
        sales = _sales_of(coded(lines.select(["order_id", "line_id", *told])))
        if self._stream is None:
            self._stream = Stream(sales.schema, self._write)
        self._stream.put(sales)

    def _write(self, coming: pa.RecordBatchReader) -> None:
        self._session.run_on(
            coming,
            f"""
            INSERT INTO order_lines BY NAME
            SELECT *, $source AS source, {_ORDER_RANK} AS order_rank, {_LINE_RANK} AS line_rank FROM arriving
            """,
        )

    def settle(self) -> None:
        """Has everything written that was added, and gives the session back."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def abandon(self) -> None:
        """Gives the session back, after an error: whatever was written is about to be taken back."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abandon()

    def finish(self) -> LineCounts | None:
        """What became of the lines; None, with all of them taken out again, where some have no name of their own."""
        self.settle()
        new, named = self._session.run(
            "SELECT count(*), count(DISTINCT line_rank) FROM order_lines WHERE source = $source"
        )[0]
        if new != named or not self._all_named:
            self._session.run("DELETE FROM order_lines WHERE source = $source")
            return None
        return LineCounts(new=new, reserved=self._arrived - new)


def _sales_of(lines: pa.Table) -> pa.Table:
    """The lines without reservations; the same where no line may be one, for picking rows out costs a copy."""
    reserved = pc.equal(lines.column("state"), RESERVED)
    return lines.filter(pc.invert(reserved)) if pc.any(reserved).as_py() else lines


class Compared:
    """Lines that may have no names, stand in the file more than once, or be in the store already."""

    def __init__(self, session: Session) -> None:
        self._session = session
        session.run("""
            CREATE OR REPLACE TEMP TABLE staged_lines AS
            SELECT * EXCLUDE (source), NULL::BIGINT AS "row", NULL::VARCHAR AS content FROM order_lines LIMIT 0
        """)

    def add(self, lines: pa.Table) -> None:
        """Takes in a chunk."""
        self._session.run_on(
            coded(lines),
            f"""
            INSERT INTO staged_lines BY NAME
            SELECT *, {_ORDER_RANK} AS order_rank, {_LINE_RANK} AS line_rank FROM arriving
            """,
        )

    def finish(self) -> LineCounts:
        """Puts what was gathered into the store, and says what became of it."""
        named = self._name_lines()
        repeated, superseded = self._keep_last()
        total, reserved = self._session.run(f"SELECT count(*), count(*) FILTER (state = {RESERVED}) FROM staged_lines")[
            0
        ]
        known, changed, known_reserved = self._take_out_changed()
        grown = self._grown() if named else 0
        self._session.run(f"""
            INSERT INTO order_lines (source, order_id, line_id, order_rank, line_rank, {_COLUMNS})
            SELECT $source, s.order_id, s.line_id, s.order_rank, s.line_rank, {_COLUMNS}
            FROM staged_lines s LEFT JOIN known_lines k ON k.place = s.rowid
            WHERE coalesce(k.changed, s.state <> {RESERVED})
        """)
        self._session.run("DROP TABLE staged_lines; DROP TABLE known_lines")
        left_out = reserved - known_reserved
        return LineCounts(total - known - left_out, changed, known - changed + repeated, superseded, left_out, grown)

    def _name_lines(self) -> bool:
        """Lines without a name of their own are named by what they are and how often that stands in the order.

        Returns whether there are any.
        """
        if not self._session.count("SELECT count(*) FROM staged_lines WHERE line_id IS NULL"):
            return False
        self._session.run(f"""
            CREATE OR REPLACE TEMP TABLE staged_lines AS
            WITH named AS (
                SELECT * REPLACE (coalesce(line_id, '~' || md5(content) || '~' || row_number()
                                  OVER (PARTITION BY order_id, line_id, content ORDER BY "row")) AS line_id)
                FROM staged_lines
            )
            SELECT * REPLACE ({_LINE_RANK} AS line_rank) FROM named
        """)
        return True

    def _grown(self) -> int:
        """Orders that get sales, and had others which the file lacks: added tickets, or sales that have changed."""
        return self._session.count(f"""
            WITH lacking AS (
                SELECT order_id FROM order_lines o ANTI JOIN staged_lines s USING (order_id, line_id)
                WHERE o.source = $source AND o.line_id LIKE '~%' AND o.quantity > 0
            )
            SELECT count(DISTINCT s.order_id)
            FROM staged_lines s ANTI JOIN known_lines k ON k.place = s.rowid SEMI JOIN lacking USING (order_id)
            WHERE s.line_id LIKE '~%' AND s.quantity > 0 AND s.state <> {RESERVED}
        """)

    def _keep_last(self) -> tuple[int, int]:
        """Of lines that stand in the file more than once the latest counts, by when it changed, then by its place.

        Returns how many others were equal to it, and how many were not.
        """
        if not self._session.count("SELECT count(*) - count(DISTINCT line_rank) FROM staged_lines"):
            return 0, 0
        self._session.run("""
            CREATE OR REPLACE TEMP TABLE last_lines AS
            SELECT * FROM staged_lines
            QUALIFY row_number() OVER (
                PARTITION BY order_id, line_id ORDER BY changed_at DESC NULLS LAST, "row" DESC
            ) = 1
        """)
        repeated, superseded = self._session.run(f"""
            SELECT count(*) FILTER (NOT ({_DIFFERS})), count(*) FILTER ({_DIFFERS})
            FROM staged_lines s JOIN last_lines o USING (order_id, line_id) WHERE s.row <> o.row
        """)[0]
        self._session.run("DROP TABLE staged_lines; ALTER TABLE last_lines RENAME TO staged_lines")
        return repeated, superseded

    def _take_out_changed(self) -> tuple[int, int, int]:
        """Finds the lines that the store has, as `known_lines`, and takes out there those that changed.

        A state that is older than the stored one changes nothing. Returns how many lines it has, how many of these
        changed, and how many of these are reservations now.
        """
        self._session.run(f"""
            CREATE OR REPLACE TEMP TABLE known_lines AS
            SELECT s.rowid AS place, s.order_id, s.line_id, s.state = {RESERVED} AS reserved,
                   ({_DIFFERS}) AND NOT coalesce(s.changed_at < o.changed_at, false) AS changed
            FROM staged_lines s JOIN order_lines o
              ON o.source = $source AND o.line_rank = s.line_rank AND o.order_id = s.order_id AND o.line_id = s.line_id
        """)
        known, changed, reserved = self._session.run(
            "SELECT count(*), count(*) FILTER (changed), count(*) FILTER (reserved) FROM known_lines"
        )[0]
        if changed:
            self._session.run("""
                DELETE FROM order_lines USING known_lines k
                WHERE k.changed AND order_lines.source = $source
                  AND order_lines.order_id = k.order_id AND order_lines.line_id = k.line_id
            """)
        return known, changed, reserved
