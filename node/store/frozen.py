"""The customers in the sketch of a year: the list as it was when the sketch was made, and who of it is still here.

An epoch is a calendar year, that of the last day of the window. Its list has the customers with a match id that bought
in the window, identified and not objecting, each with its bucket and what it was then. It is written before the sketch
is paid for, and nobody is added to it afterwards: the sketch and all counts of an epoch speak of the same people.

    objects                 left out of every count by joining with the customers of today, and counted again where the
                            objection is taken back: the row stays, as the profile does that says who objects
    is gone                 taken out of the list at the end of the import that made it so, and before every count; who
                            is imported again later is not counted before the next epoch
    is new                  in no count before the next epoch
    the key is replaced     match ids go along, buckets stay: they are those of the sketch
    is forgotten            leaves the list at once, and so does who is gone by retention: `copy_from`
    an import is undone     the list is as before it, where it was the same; one that was made since stays, of everybody
                            who is in it, so that the import can be done again: `keep_since`
    --anew, the same key    the list stays, of those who are imported again at once
    --anew, another key     the list is taken out, for nobody could be found in it: no more counts in that epoch
    the year after is over  the list is taken out, at the next import or freeze

A list that is lost is never made anew while there is a sketch of its epoch: it would be another one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from node.store.frames import Keeper, table
from node.store.identity import epoch_of, hash_on
from privacy.bounds.attributes import age_band, counted_orders, frequency_band
from privacy.bounds.attributes import segment as segment_of
from privacy.bounds.base import countable
from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Dimension
from privacy.identity.chain import KeyChain
from privacy.identity.match import ID_BYTES
from privacy.sketch.buckets import bucket_key, buckets_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GROUPS = ("age_band", "county", "segment", "frequency_band")


@dataclass(frozen=True)
class Freeze:
    """What a list was frozen for. `commitment` and `identity_epoch` are of the key that its buckets were made with.

    `sketch_digest` is that of the sketch that was drawn of it, "sha256:" and hexadecimal; None before.
    """

    epoch: str
    window: Window
    buckets: int
    commitment: bytes
    identity_epoch: int
    sketch_digest: str | None = None


def freeze(connection: "DuckDBPyConnection", chain: KeyChain, epoch: str, window: Window, buckets: int) -> Freeze:
    """Makes the list of an epoch, in place of one that was never sketched. It is on the disk when this returns.

    The store's match ids must be of `chain`. Never call it for an epoch that has a sketch.
    """
    made = Freeze(epoch, window, buckets, chain.commitment(), chain.epoch)
    people = _population(connection, window)
    ids = people.column("match_id").cast(pa.binary(ID_BYTES))
    found = buckets_of(bucket_key(chain, made.epoch), ids.to_pylist(), buckets)
    listed = people.append_column("bucket", pa.array(found, pa.int64()))
    connection.execute("BEGIN")
    forget_epochs(connection, made.epoch)
    connection.execute(
        "INSERT INTO freezes VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        [made.epoch, window.first, window.last, buckets, made.commitment, made.identity_epoch, made.commitment],
    )
    connection.register("listed", listed)
    try:
        connection.execute("INSERT INTO frozen BY NAME SELECT ? AS epoch, * FROM listed", [made.epoch])
    finally:
        connection.unregister("listed")
    connection.execute("COMMIT")
    return made


def frozen(connection: "DuckDBPyConnection", epoch: str) -> Freeze | None:
    """What the list of an epoch was made for; None where there is no list."""
    columns = "window_first, window_last, buckets, identity_commitment, identity_epoch, sketch_digest"
    rows = connection.execute(f"SELECT {columns} FROM freezes WHERE epoch = ?", [epoch]).fetchall()
    if not rows:
        return None
    first, last, buckets, commitment, identity_epoch, digest = rows[0]
    return Freeze(epoch, Window(first, last), int(buckets), bytes(commitment), int(identity_epoch), digest)


def bind(connection: "DuckDBPyConnection", epoch: str, sketch_digest: str) -> None:
    """Writes down which sketch was drawn of the list of an epoch. It is on the disk when this returns.

    To be called before that sketch is paid for: a process that is killed in between leaves a list that is of a sketch
    which no ledger has, and is frozen anew.
    """
    connection.execute("UPDATE freezes SET sketch_digest = ? WHERE epoch = ?", [sketch_digest, epoch])


def sketched(connection: "DuckDBPyConnection", epoch: str) -> NDArray[np.int64]:
    """The buckets of everybody in the list of an epoch, int64 (n,): exact, and personal data."""
    found = connection.execute("SELECT bucket FROM frozen WHERE epoch = ?", [epoch]).fetchnumpy()
    return np.asarray(found["bucket"], dtype=np.int64)


def countable_now(
    connection: "DuckDBPyConnection", epoch: str, partition: Dimension
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bucket and group, int64 (n,) each, of everybody in the list of an epoch who is a customer today, not objecting.

    Groups are indices of the partition's categories, as they were at the freeze. Exact, and personal data.
    """
    if partition.name not in _GROUPS:
        raise ValueError(f"no list has {partition.name}")
    found = connection.execute(
        f"""
        SELECT f.bucket, f.{partition.name} AS place FROM frozen f
        SEMI JOIN (SELECT match_id FROM customers WHERE identified AND released) c USING (match_id)
        WHERE f.epoch = ?
        """,
        [epoch],
    ).fetchnumpy()
    return np.asarray(found["bucket"], dtype=np.int64), np.asarray(found["place"], dtype=np.int64)


def would_be_in(connection: "DuckDBPyConnection", window: Window, partition: Dimension) -> NDArray[np.int64]:
    """How many customers a list over a window would have, by group, int64 (groups,): for the institution's own eyes."""
    places = _population(connection, window).column(partition.name).to_numpy()
    return np.bincount(places, minlength=len(partition.categories)).astype(np.int64)


def take_along(connection: "DuckDBPyConnection", chain: KeyChain, say: Callable[[str], None]) -> None:
    """Takes the match ids of all lists to a chain's newest epoch, within the open transaction.

    A list that was made under another key is taken out: nobody could be found in it.
    """
    for epoch, known in connection.execute("SELECT epoch, ids_commitment FROM freezes").fetchall():
        at = epoch_of(bytes(known), chain)
        if at is None:
            forget_epochs(connection, epoch)
            say(
                f"The list of the customers in the sketch of {epoch} was made under another identity key and is taken "
                "out: this node counts no more for cross-use of that year, and takes part again with the next."
            )
        elif at < chain.epoch:
            connection.execute("CREATE TEMP TABLE going AS SELECT * FROM frozen WHERE epoch = ?", [epoch])
            hash_on(connection, "going", chain, at)
            connection.execute("DELETE FROM frozen WHERE epoch = ?", [epoch])
            connection.execute("INSERT INTO frozen BY NAME FROM going")
            connection.execute("DROP TABLE going")
            connection.execute("UPDATE freezes SET ids_commitment = ? WHERE epoch = ?", [chain.commitment(), epoch])


def forget_gone(connection: "DuckDBPyConnection") -> int:
    """Takes out of all lists whoever is no customer of today, objecting or not; returns how many rows that were.

    Counting leaves them out as it is: what this is for is that nothing of somebody who was erased stays. A list that
    loses somebody is written anew, for the store's engine would keep the values of a deleted row beside other rows.
    """
    gone = "SELECT epoch FROM frozen ANTI JOIN (SELECT match_id FROM customers) c USING (match_id)"
    lost = 0
    for epoch, rows in connection.execute(f"SELECT epoch, count(*) FROM ({gone}) GROUP BY epoch").fetchall():
        connection.execute(
            "CREATE TEMP TABLE staying AS SELECT f.* FROM frozen f "
            "SEMI JOIN (SELECT match_id FROM customers) c USING (match_id) WHERE f.epoch = ?",
            [epoch],
        )
        connection.execute("DELETE FROM frozen WHERE epoch = ?", [epoch])
        connection.execute("INSERT INTO frozen BY NAME FROM staying")
        connection.execute("DROP TABLE staying")
        lost += int(rows)
    return lost


def copy_from(connection: "DuckDBPyConnection", other: str) -> None:
    """Copies the lists of an attached store, without whoever is no customer of today, within the open transaction.

    They are not copied first and taken out then: their bytes would be in the file.
    """
    connection.execute(f"INSERT INTO freezes BY NAME FROM {other}.freezes")
    connection.execute(
        f"INSERT INTO frozen BY NAME SELECT f.* FROM {other}.frozen f "
        "SEMI JOIN (SELECT match_id FROM customers) c USING (match_id)"
    )


def keep_since(connection: "DuckDBPyConnection", later: str) -> None:
    """Takes over lists from an attached later state of this store, within the open transaction.

    That is each that is not, by its sketch, the one here: a sketch that was paid for must not lose its list. One that
    the later state has lost stays as it is here.
    """
    rows = connection.execute(f"""
        SELECT n.epoch FROM {later}.freezes n LEFT JOIN freezes o USING (epoch)
        WHERE o.sketch_digest IS NULL OR o.sketch_digest IS DISTINCT FROM n.sketch_digest
    """).fetchall()
    for (epoch,) in rows:
        forget_epochs(connection, epoch)
        for name in ("freezes", "frozen"):
            connection.execute(f"INSERT INTO {name} BY NAME FROM {later}.{name} WHERE epoch = ?", [epoch])


def forget_old(connection: "DuckDBPyConnection", year: int) -> None:
    """Takes out the lists that no round can ask for any more: those of epochs before the last year."""
    old = connection.execute("SELECT epoch FROM freezes WHERE epoch < ?", [f"{year - 1:04d}"]).fetchall()
    forget_epochs(connection, *(epoch for (epoch,) in old))


def forget_epochs(connection: "DuckDBPyConnection", *epochs: str) -> None:
    """Takes out lists."""
    for epoch in epochs:
        connection.execute("DELETE FROM frozen WHERE epoch = ?", [epoch])
        connection.execute("DELETE FROM freezes WHERE epoch = ?", [epoch])


def _population(connection: "DuckDBPyConnection", window: Window) -> pa.Table:
    """Who is in a sketch: match_id and a column for each partition, one row per customer, in no order that says much.

    All of a customer's columns follow from that customer's own rows.
    """
    keep = Keeper(connection)
    try:
        return nw.to_native(_people(table(connection, "sales"), table(connection, "customers"), window, keep))
    finally:
        keep.drop()


def _people(sales: Frame, customers: Frame, window: Window, keep: Callable[[Frame], Frame]) -> "nw.DataFrame[Any]":
    known = customers.filter(nw.col("identified") & nw.col("released") & ~nw.col("match_id").is_null()).select(
        "unit",
        "match_id",
        "county",
        age_band=age_band(nw.col("birth_year"), window),
        segment=segment_of(nw.col("segment")),
    )
    in_window = countable(sales).filter(nw.col("ordered_on").is_between(window.first, window.last))
    bought = keep(counted_orders(in_window).group_by("unit").agg(orders=int64(nw.len())))
    people = bought.join(known, on="unit", how="inner").select(
        "match_id", "age_band", "county", "segment", frequency_band=frequency_band(nw.col("orders"))
    )
    return people.collect("pyarrow")
