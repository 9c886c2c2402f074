"""What somebody does who changes a stored release and knows how a ledger checks itself, but has no signing key."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent, leaf_hash, parse, serialise
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.kudos.v1.release_pb2 import Release


def put(ledger: Path, seq: int, envelope: bytes) -> None:
    """Puts other bytes into a release, and their digest into its entry: the ledger is whole by all its own checks."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        ((leaf,),) = connection.execute("SELECT leaf FROM entries WHERE seq = ?", (seq,)).fetchall()
        entry = parse(leaf)
        assert isinstance(entry, Spent)
        new = serialise(replace(entry, release_digest=release_digest(envelope)))
        connection.execute("UPDATE entries SET leaf = ?, leaf_hash = ? WHERE seq = ?", (new, leaf_hash(new), seq))
        connection.execute("UPDATE releases SET envelope = ? WHERE seq = ?", (envelope, seq))


def lose(ledger: Path, seq: int) -> None:
    """Has the bytes of a release lost, as a recovery leaves it where nobody has them."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("UPDATE releases SET envelope = NULL WHERE seq = ?", (seq,))


def with_another_figure(envelope: bytes) -> bytes:
    """The envelope with one more in its first cell, and the signature as it was."""
    message = Envelope.FromString(envelope)
    release = Release.FromString(message.payload)
    release.cells[0] += 1
    message.payload = release.SerializeToString(deterministic=True)
    return message.SerializeToString(deterministic=True)
