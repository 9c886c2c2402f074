"""The file of likely persons, `likely.parquet` in the node's folder: match ids with the number of a person.

Its metadata has the commitment to the identity key that the ids were made with: with another key, or at another epoch,
it says nothing any more. Erasure and retention remove it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from node.home import Home, write_private
from privacy.identity.match import ID_BYTES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEY = b"identity"


def add(home: Home, commitment: bytes, groups: Sequence[Sequence[bytes]]) -> int:
    """Adds groups of match ids that are likely one person to those known; tells how many ids were joined to another."""
    merged = _united([*read(home, commitment), *groups])
    rows = [(each, number) for number, group in enumerate(merged) for each in group]
    table = pa.table(
        {
            "match_id": pa.array([each for each, _ in rows], pa.binary(ID_BYTES)),
            "person": pa.array([number for _, number in rows], pa.int64()),
        }
    ).replace_schema_metadata({_KEY: commitment.hex().encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_private(home.likely_file, sink.getvalue().to_pybytes())
    return len(rows) - len(merged)


def read(home: Home, commitment: bytes) -> list[list[bytes]]:
    """The groups that are known under an identity key; none where the file is missing or of another key."""
    table = _table(home, commitment)
    groups: dict[int, list[bytes]] = {}
    if table is not None:
        for who, person in zip(table.column("match_id").to_pylist(), table.column("person").to_pylist(), strict=True):
            groups.setdefault(person, []).append(who)
    return list(groups.values())


def joined_sales(connection: "DuckDBPyConnection", home: Home, commitment: bytes) -> bool:
    """Makes temporary tables `likely_sales` and `likely_customers`, where likely persons are one customer.

    They are of the connection, and gone with it. False, with nothing made, where no likely persons are known.
    """
    table = _table(home, commitment)
    if table is None or not table.num_rows:
        return False
    connection.register("likely_persons", table)
    connection.execute("""
        CREATE TEMP TABLE likely_units AS
        SELECT c.unit, arg_min(c.unit, c.match_id) OVER (PARTITION BY p.person) AS one
        FROM likely_persons p JOIN customers c USING (match_id) WHERE c.identified
    """)
    connection.unregister("likely_persons")
    connection.execute("""
        CREATE TEMP TABLE likely_sales AS
        SELECT s.* REPLACE (coalesce(u.one, s.unit) AS unit) FROM sales s LEFT JOIN likely_units u USING (unit);
        CREATE TEMP TABLE likely_customers AS
        SELECT c.* FROM customers c WHERE unit NOT IN (SELECT unit FROM likely_units WHERE unit <> one)
    """)
    return True


def _table(home: Home, commitment: bytes) -> pa.Table | None:
    if not home.likely_file.exists():
        return None
    table = pq.read_table(home.likely_file)
    return table if (table.schema.metadata or {}).get(_KEY) == commitment.hex().encode() else None


def _united(groups: Sequence[Sequence[bytes]]) -> list[list[bytes]]:
    """Groups that have somebody in common as one."""
    person: dict[bytes, bytes] = {}

    def root(who: bytes) -> bytes:
        while person.setdefault(who, who) != who:
            who = person[who]
        return who

    for group in groups:
        for other in group[1:]:
            person[root(other)] = root(group[0])
    found: dict[bytes, list[bytes]] = {}
    for who in sorted(person):
        found.setdefault(root(who), []).append(who)
    return list(found.values())
