"""The witness: it cosigns a member's checkpoint if it extends what it has cosigned of that ledger before.

What it takes is in the store, leaves and cosigned note in one transaction, before anybody has the note: so whatever the
coordinator has cosigned, its copy of the ledger holds. It takes whole entries and reads each, so that no checkpoint
covers what no auditor could read.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from coordinator.authority.peer import Role
from coordinator.errors import (
    BadCheckpoint,
    BadLeaf,
    ClockApart,
    LedgerFork,
    LedgerFull,
    LedgerGap,
    LedgerMismatch,
    LedgerRollback,
    StoreUnusable,
    TooLarge,
    WrongKey,
    WrongLedger,
)
from coordinator.ledgers import replica
from coordinator.ledgers.replica import Head
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.store.engine import Store
from coordinator.store.events import note as noted
from coordinator.store.events import seconds
from coordinator.store.tables import ledger_checkpoints, ledger_leaves, members
from privacy.ledger.checkpoint import BadCheckpoint as KernelBadCheckpoint
from privacy.ledger.checkpoint import Checkpoint, cosign, parse_text, verify_checkpoint
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.fields import format_time, whole_second
from privacy.ledger.leaves import Entry, KeyAdopted, Opened, leaf_hash, parse
from privacy.ledger.note import Algorithm, BadNote, Verifier
from privacy.ledger.note import parse as parse_note
from privacy.ledger.tree import HASH_SIZE, Frontier, verify_consistency

MOST_LEAVES, MOST_HASHES = 256, 64
LARGEST_REQUEST = 3 << 20
"""Leaves, hashes of the proof, and bytes of leaves, note and proof, of one request; what is more goes in several."""

MOST_ENTRIES, LARGEST_LEDGER = 20_000, 64 << 20
"""Entries, and bytes of them, of one member's ledger: centuries of an honest one, and a disk that no other fills."""

AHEAD = timedelta(minutes=10)
"""How far a node's clock may be before the coordinator's."""

_NO_PROOF = "The proof that this checkpoint extends the one before does not hold. Make it anew."
_RECOVER = "Nothing may be released with this copy: `kudos-node ledger recover` goes on from what the witness has."


@dataclass(frozen=True)
class _Asked:
    """A checkpoint whose signature is verified, with what came beside it."""

    checkpoint: Checkpoint
    note: bytes
    old_size: int
    consistency: tuple[bytes, ...]
    leaves: tuple[bytes, ...]


def witness(
    office: Office,
    caller: Caller,
    note: bytes,
    old_size: int,
    consistency: Sequence[bytes],
    leaves: Sequence[bytes],
    now: datetime,
) -> bytes:
    """Takes a member's leaves from `old_size` on, with its signed checkpoint over them, and cosigns that.

    `consistency` proves that the checkpoint extends the one of `old_size`, which is the last that was cosigned (0 where
    none was). The same checkpoint again gets the same bytes. Raises RoleNotAllowed, TooLarge, BadCheckpoint, WrongKey,
    WrongLedger, LedgerMismatch, LedgerRollback, LedgerFork, LedgerFull, LedgerGap, BadLeaf and ClockApart, with nothing
    changed.
    """
    caller.require(Role.MEMBER)
    _check_size(note, consistency, leaves)
    with office.store.reading() as connection:
        checkpoint = _signed(note, _ledger(connection, caller), caller)
        before = replica.head(connection, caller.id)
    asked = _Asked(checkpoint, note, old_size, tuple(consistency), tuple(leaves))
    there = _there(before, asked, office.store, caller)
    if there is not None:
        return there
    _check_fits(asked)
    stored = _read(replica.leaves(office.store, caller.id, old_size))  # in pieces: whoever writes waits for none of it
    _check_extends(before, stored, asked)
    _check_entries(stored, asked, caller, now)

    def keep(connection: Connection) -> bytes:
        present = replica.head(connection, caller.id)
        if _size(present) == old_size:
            return _keep(connection, office, caller, present, asked, now)
        if present is not None and present.checkpoint == checkpoint:
            return present.note
        raise _mismatch(present, asked)

    return office.store.together(keep)


def _check_size(note: bytes, consistency: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    if len(leaves) > MOST_LEAVES or len(consistency) > MOST_HASHES:
        raise TooLarge(
            f"A request has at most {MOST_LEAVES} entries and {MOST_HASHES} hashes of a proof, and this has "
            f"{len(leaves)} and {len(consistency)}. Send the entries in several requests, each with a checkpoint of "
            "its own."
        )
    size = len(note) + sum(map(len, consistency)) + sum(map(len, leaves))
    if size > LARGEST_REQUEST:
        raise TooLarge(
            f"A request has at most {LARGEST_REQUEST} bytes, and this has {size}. Send the entries in several, each "
            "with a checkpoint of its own."
        )


def _signed(note: bytes, ledger: str, caller: Caller) -> Checkpoint:
    """The checkpoint in a note that the member's present key has signed, and nobody else."""
    with _as_bad_checkpoint():
        read = parse_note(note)
        checkpoint = parse_text(read.text)
    if checkpoint.origin != ledger:
        raise WrongLedger(f"This is a checkpoint of another ledger than yours, {ledger}. Send it from its own node.")
    key = Verifier(ledger, Algorithm.ED25519, caller.signing_key)
    signers = [(each.name, each.key_hash) for each in read.signatures]
    if len(signers) != 1:
        raise BadCheckpoint("A checkpoint comes with one signature, that of the ledger's key. Sign it anew.")
    if signers != [(ledger, key.key_hash)]:
        raise WrongKey(
            "This checkpoint is not signed by the key that you enrolled with. Use the node's present key, or ask the "
            "coordinator's operator for a new invitation."
        )
    with _as_bad_checkpoint():
        return verify_checkpoint(note, origin=ledger, log_key=key, witnesses=(), quorum=0).checkpoint


@contextmanager
def _as_bad_checkpoint() -> Iterator[None]:
    try:
        yield
    except (BadNote, KernelBadCheckpoint) as error:
        raise BadCheckpoint(str(error)) from error


def _ledger(connection: Connection, caller: Caller) -> str:
    return str(connection.execute(select(members.c.ledger).where(members.c.id == caller.id)).scalar_one())


def _there(before: Head | None, asked: _Asked, store: Store, caller: Caller) -> bytes | None:
    """The note of an equal checkpoint that is cosigned already; None for one that goes beyond what is.

    Raises LedgerRollback, LedgerFork or LedgerMismatch for one that does not.
    """
    size, known = asked.checkpoint.size, _size(before)
    if size == 0:
        raise BadCheckpoint("A ledger has one entry at the least: the one that opens it. Send that too.")
    if before is not None and size <= known:
        mine = before.checkpoint.root if size == known else _read(replica.leaves(store, caller.id, size)).tree.root
        if mine != asked.checkpoint.root:
            raise LedgerFork(
                f"The witness has {known} entries of your ledger, and the first {size} of them are others than this "
                f"node's. {_RECOVER}"
            )
        if size == known:
            return before.note
        raise LedgerRollback(
            f"The witness has {known} entries of your ledger, and this node only the first {size}: it has an older "
            f"copy, such as one from a backup. {_RECOVER}"
        )
    if asked.old_size != known:
        raise _mismatch(before, asked)
    return None


def _size(head: Head | None) -> int:
    return 0 if head is None else head.size


def _mismatch(before: Head | None, asked: _Asked) -> LedgerMismatch:
    known = _size(before)
    return LedgerMismatch(
        f"The witness has {known} entries of your ledger, and this request goes on from {asked.old_size}. Compare with "
        f"what the witness has, then send the entries from {known} on."
    )


def _check_fits(asked: _Asked) -> None:
    """What can be seen without a look at what is stored: the dear checks come after the cheap ones."""
    size, known = asked.checkpoint.size, asked.old_size
    if size > MOST_ENTRIES:
        raise _full(f"{size} entries")
    if len(asked.leaves) != size - known:
        raise LedgerGap(
            f"From entry {known} to the {size} of the checkpoint there are {size - known}, and this request has "
            f"{len(asked.leaves)}. Send all of them, and a checkpoint over them."
        )
    whole = all(len(each) == HASH_SIZE for each in asked.consistency)
    if not whole or bool(asked.consistency) != bool(known):
        raise BadCheckpoint(_NO_PROOF)


def _full(what: str) -> LedgerFull:
    return LedgerFull(
        f"A ledger has at most {MOST_ENTRIES} entries and {LARGEST_LEDGER} bytes here, and yours would have {what}. "
        "No node that works as it should comes near: ask the coordinator's operator."
    )


@dataclass(frozen=True)
class _Stored:
    """What is to be known of the leaves that are cosigned: their tree and their bytes, the last one, the last key's."""

    tree: Frontier
    size_bytes: int
    last: bytes | None
    key: bytes | None


def _read(leaves: Iterable[bytes]) -> _Stored:
    """Leaves that were read strictly when they came; none of them is kept, and a key's alone is told from others.

    A leaf's texts have no quotation marks.
    """
    hashes: list[bytes] = []
    held, last, key = 0, None, None
    for last in leaves:
        hashes.append(leaf_hash(last))
        held += len(last)
        if b'"type":"key"' in last or b'"type":"open"' in last:
            key = last
    return _Stored(Frontier.of(hashes), held, last, key)


def _check_extends(before: Head | None, stored: _Stored, asked: _Asked) -> None:
    """Raises unless leaves and proof lead from what was cosigned to the checkpoint."""
    tree = stored.tree
    if before is not None and (before.size, before.checkpoint.root) != (tree.size, tree.root):
        raise StoreUnusable(
            "The coordinator's copy of this ledger is not what it has cosigned. Its operator must restore the store."
        )
    held = stored.size_bytes + sum(map(len, asked.leaves))
    if held > LARGEST_LEDGER:
        raise _full(f"{held} bytes")
    old_size, old_root = tree.size, tree.root
    for leaf in asked.leaves:
        tree = tree.append(leaf_hash(leaf))
    signed = asked.checkpoint
    proven = verify_consistency(
        old_size=old_size, old_root=old_root, new_size=signed.size, new_root=signed.root, proof=asked.consistency
    )
    if proven and tree.root == signed.root:
        return
    for seq, leaf in enumerate(asked.leaves, start=old_size):
        _parsed(seq, leaf)
    if proven:
        raise BadLeaf(
            "These entries are not the ones that the checkpoint is of. Send each as the ledger has it, byte for byte."
        )
    if tree.root == signed.root:
        raise BadCheckpoint(_NO_PROOF)
    raise LedgerFork(
        f"This checkpoint does not extend the {old_size} entries that the witness has cosigned of your ledger: there "
        f"are two of it. {_RECOVER}"
    )


def _check_entries(stored: _Stored, asked: _Asked, caller: Caller, now: datetime) -> None:
    """Raises unless the new leaves go on with the ledger, and its own key has signed the checkpoint.

    The stored ones were read when they came, and are those of then: `_check_extends` has compared their root.
    """
    last = None if stored.last is None else parse(stored.last)
    named = None if stored.key is None else parse(stored.key)
    key = named.public_key if isinstance(named, Opened | KeyAdopted) else None
    for seq, leaf in enumerate(asked.leaves, start=stored.tree.size):
        entry = _parsed(seq, leaf)
        if entry.time > now + AHEAD:
            raise ClockApart(
                f"Entry {seq} is of {format_time(entry.time)}, and here it is {format_time(whole_second(now))}. Set "
                "the clock that is wrong. If it is this node's, its ledger goes on when that time has come."
            )
        if last is not None and entry.time < last.time:
            raise BadLeaf(f"Entry {seq} is earlier than the one before it. Send the entries as the ledger has them.")
        if isinstance(entry, Opened) != (seq == 0):
            raise BadLeaf(f"Entry {seq} opens a ledger where none begins, or does not where one does.")
        if isinstance(entry, Opened) and entry.origin != asked.checkpoint.origin:
            raise WrongLedger(f"The first entry opens another ledger than yours, {asked.checkpoint.origin}.")
        if isinstance(entry, Opened | KeyAdopted):
            key = entry.public_key
        last = entry
    if key != caller.signing_key.hex():
        raise WrongKey(
            "The ledger names another key than the one that you enrolled with and that signed this checkpoint. A node "
            "with a new key says so in its ledger first: see `kudos-node ledger recover`."
        )


def _parsed(seq: int, leaf: bytes) -> Entry:
    """The entry of a leaf. Raises BadLeaf, and LedgerGap for one of another place."""
    try:
        entry = parse(leaf)
    except DamagedLedger as error:
        raise BadLeaf(f"Entry {seq} cannot be read: {error.what}. Send it as the ledger has it.") from error
    if entry.seq != seq:
        raise LedgerGap(
            f"Entry {seq} of your ledger comes next, and this is entry {entry.seq}. Send every entry, each once and in "
            "order."
        )
    return entry


def _keep(
    connection: Connection, office: Office, caller: Caller, before: Head | None, asked: _Asked, now: datetime
) -> bytes:
    """Cosigns, and keeps leaves and note in the transaction of its caller; the cosigned note."""
    time = whole_second(now)
    if before is not None:
        time = max(time, before.time)  # a clock that was set back does not let the witness contradict itself
    cosigned = cosign(asked.note, office.witness_name, office.witness_key, time)
    size = asked.checkpoint.size
    connection.execute(
        insert(ledger_leaves),
        [
            {"member": caller.id, "seq": seq, "leaf": leaf}
            for seq, leaf in enumerate(asked.leaves, start=asked.old_size)
        ],
    )
    connection.execute(
        insert(ledger_checkpoints).values(member=caller.id, size=size, note=cosigned, time=seconds(time))
    )
    noted(connection, now, "ledger.witnessed", caller.id, f"{size} {asked.checkpoint.root.hex()}")
    return cosigned
