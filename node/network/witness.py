"""The coordinator as witness of this node's ledger: asked before anything is booked, and before any bytes leave."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from node.home import Home, write_private
from node.membership.errors import ClockApart, CoordinatorContradicts, LedgerBehind, LedgerForked
from node.membership.settings import joined
from node.release import book
from node.release.old_copy import seen_further
from node.wire.federation import Federation, connected
from privacy.errors import KudosError
from privacy.ledger.checkpoint import Checkpoint, parse_text, sign_checkpoint
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import serialise
from privacy.ledger.note import parse
from privacy.ledger.store import Ledger
from privacy.ledger.tree import consistency_proof
from privacy.signing.keyfile import load_signing_key

MOST_LEAVES, MOST_BYTES = 256, 2 << 20
"""What goes to the witness at once; it takes 256 leaves and 3 MiB."""


LARGEST_CLOCK_ERROR_S = 300
"""How far the two clocks may be apart when something is booked; the witness takes entries up to 10 minutes ahead."""


class NetworkWitness:
    """The witness that a connected node has."""

    def __init__(self, home: Home, coordinator: Federation) -> None:
        self._home = home
        self._key = load_signing_key(home.signing_key_file)
        self._coordinator = coordinator

    def compare(self, ledger: Ledger) -> None:
        """Raises LedgerBehind or LedgerForked unless the ledger goes on from what the witness has cosigned.

        A witness that has less than it once cosigned (its own backup) is handed the rest again by `cosign`. Raises
        CoordinatorContradicts where it shows what is no checkpoint of this ledger, ClockApart where the clocks differ
        by more than an entry's time may.
        """
        apart_s = datetime.now(UTC).timestamp() - self._coordinator.hello().time_s
        if abs(apart_s) > LARGEST_CLOCK_ERROR_S:
            raise ClockApart(apart_s / 60)
        self._head(ledger.contents())

    def cosign(self, ledger: Ledger) -> None:
        """Has every entry cosigned, and keeps the cosigned checkpoint. The ledger first names its witness."""
        book.adopt_witness(ledger, self._coordinator.network.witness_key, lambda: datetime.now(UTC))
        given = 0
        while True:
            contents = ledger.contents()
            known = self._head(contents)
            if known < given:  # it hides what it has just cosigned, and would be handed it without end
                raise CoordinatorContradicts(
                    f"The coordinator has cosigned {given} entries of this node's ledger, and says that it has {known} "
                    "of them. Nothing was sent. Ask its operator."
                )
            if known == len(contents.entries) and contents.covers(known - 1):
                self._keep_beside(contents)
                return
            note, size = self._step(contents, known)
            if _parsed(note).size != size:  # an older one, however good, would be asked for without end
                raise CoordinatorContradicts(
                    f"The coordinator was asked to cosign {size} entries of this node's ledger, and answers with "
                    "another checkpoint. Nothing was sent. Ask its operator."
                )
            with ledger.transaction() as transaction:
                try:
                    transaction.keep(note)
                except KudosError as error:
                    raise _contradicts(error) from error
            given = size

    def _keep_beside(self, contents: Contents) -> None:
        """The newest cosigned note in a file of its own: what the witness has seen outlives the ledger's file."""
        newest = b"" if contents.cosigned is None else contents.cosigned.note
        file = self._home.cosigned_file
        if not file.exists() or file.read_bytes() != newest:
            write_private(file, newest)

    def _head(self, contents: Contents) -> int:
        """The size that the witness has cosigned, of a ledger that goes on from there, and from all that was seen."""
        further = seen_further(self._home, contents)
        if further is not None:  # the coordinator may have been put back together with the node
            held = len(contents.entries)
            raise LedgerBehind(held, further) if further > held else LedgerForked(further)
        note = self._coordinator.ledger.head()
        if not note:
            return 0
        checkpoint = _parsed(note)
        if checkpoint.origin != contents.opened.origin:
            raise CoordinatorContradicts(
                f"The coordinator shows a checkpoint of {checkpoint.origin} as one of this node's. Ask its operator."
            )
        if checkpoint.size > len(contents.entries):
            raise LedgerBehind(len(contents.entries), checkpoint.size)
        if checkpoint.root != contents.root(checkpoint.size):
            raise LedgerForked(checkpoint.size)
        return checkpoint.size

    def _step(self, contents: Contents, known: int) -> tuple[bytes, int]:
        """The next piece of the ledger, cosigned, and its size; where the witness has all, its checkpoint of that."""
        leaves: list[bytes] = []
        size = 0
        for entry in contents.entries[known : known + MOST_LEAVES]:
            leaves.append(serialise(entry))
            size += len(leaves[-1])
            if size > MOST_BYTES:
                break
        upto = known + len(leaves)
        checkpoint = Checkpoint(contents.opened.origin, upto, contents.root(upto))
        proof = consistency_proof(known, contents.hashes[:upto])
        return self._coordinator.ledger.witness(sign_checkpoint(checkpoint, self._key), known, proof, leaves), upto


def _parsed(note: bytes) -> Checkpoint:
    try:
        return parse_text(parse(note).text)
    except KudosError as error:
        raise _contradicts(error) from error


def _contradicts(error: KudosError) -> CoordinatorContradicts:
    return CoordinatorContradicts(
        f"What the coordinator sends as the cosigned checkpoint of this node's ledger is none: {error} Nothing was "
        "sent. Ask its operator."
    )


@contextmanager
def witness_of(home: Home) -> Iterator[NetworkWitness | None]:
    """The witness of a node's ledger, connected; None where the node is in no network. Raises NotJoined, NodeError."""
    if not joined(home):
        yield None
        return
    with connected(home) as coordinator:
        yield NetworkWitness(home, coordinator)
