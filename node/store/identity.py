"""Under which identity key the rows of the store were hashed: ids of two keys in one store would match nobody."""

from typing import TYPE_CHECKING

import pyarrow as pa

from privacy.identity.chain import KeyChain, advanced
from privacy.identity.match import ID_BYTES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEY = "identity"
"""The key in `meta` whose value is the commitment, in hexadecimal, to the chain that match ids were made with."""

_IMPORTED = ("imports", "profiles", "order_lines", "events")


def identity_of(connection: "DuckDBPyConnection") -> bytes | None:
    """The commitment to the chain that the store's match ids were made with; None where none is written down."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", [_KEY]).fetchall()
    return bytes.fromhex(found[0][0]) if found else None


def put_identity(connection: "DuckDBPyConnection", chain: KeyChain) -> None:
    """Writes down that the store's match ids are made with this chain."""
    if identity_of(connection) != chain.commitment():
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [_KEY, chain.commitment().hex()])


def is_of(connection: "DuckDBPyConnection", chain: KeyChain) -> bool:
    """Whether rows made with this chain may stand beside those of the store.

    A store from before commitments were written down has rows of one key: where the chain has but one, that is it.
    """
    known = identity_of(connection)
    if known is None:
        return chain.epoch == 0 or not holds_rows(connection)
    return known == chain.commitment() or not holds_rows(connection)


def epoch_of(commitment: bytes, chain: KeyChain) -> int | None:
    """Which epoch of a chain a commitment is to; None where it is to none."""
    return next((epoch for epoch in range(chain.epoch + 1) if chain.until(epoch).commitment() == commitment), None)


def hash_on(connection: "DuckDBPyConnection", table: str, chain: KeyChain, epoch: int) -> None:
    """Takes every match id in a table, all of one epoch of a chain, to its newest."""
    rows = connection.execute(f"SELECT DISTINCT match_id FROM {table} WHERE match_id IS NOT NULL").fetchall()
    before = [bytes(found) for (found,) in rows]
    after = before
    for key in chain.keys[epoch + 1 :]:
        after = advanced(key, after)
    kind = pa.binary(ID_BYTES)
    ids = pa.table({"before": pa.array(before, kind), "after": pa.array(after, kind)})
    connection.register("hashed_on", ids)
    try:
        connection.execute(f"UPDATE {table} SET match_id = h.after FROM hashed_on h WHERE match_id = h.before")
    finally:
        connection.unregister("hashed_on")


def holds_rows(connection: "DuckDBPyConnection") -> bool:
    """Whether anything was imported."""
    return any(connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall() for table in _IMPORTED)


def forget(connection: "DuckDBPyConnection") -> None:
    """Takes out everything that was imported, within the open transaction; what is derived from it is not touched."""
    for table in _IMPORTED:
        connection.execute(f"DELETE FROM {table}")
