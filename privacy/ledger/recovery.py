"""A ledger that goes on from what its witness has, after a copy of it was lost, damaged, restored or forked.

Nothing is hidden by it. What the witness has cosigned comes back whole. What only the given-up copy had still counts as
spent: the `recovery` entry names it and carries its cost. Its bytes never left, for nobody had cosigned them; but for
what was booked while the ledger had no witness: that is booked again without its bytes, so that it is never drawn anew.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from privacy.budget.amounts import total
from privacy.errors import KudosError, Refused
from privacy.ledger.checkpoint import verify_checkpoint
from privacy.ledger.contents import Contents, checked, release_digest
from privacy.ledger.errors import ClockWentBack, DamagedLedger
from privacy.ledger.fields import format_time, whole_second
from privacy.ledger.leaves import MOST_GIVEN_UP, Entry, KeyAdopted, Recovered, Spent, leaf_hash, parse
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.replacing import aside_of, replace_file

Old = Literal["whole", "unreadable", "absent"]
"""How the file that is given up was found."""


class TakenOver(Refused):
    """The witness's copy goes on under a key that this ledger never named."""

    reason = "LEDGER_TAKEN_OVER"

    def __init__(self) -> None:
        super().__init__(
            "The coordinator's copy of this ledger goes on under another signing key: another machine works for your "
            "institution by now, or the coordinator has made it up. Use that machine. If there is none, ask NPU, and "
            "your auditor."
        )


class TwoHistories(Refused):
    """The witness's copy is not what it has cosigned in this ledger."""

    reason = "LEDGER_TWO_HISTORIES"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The coordinator has cosigned {size} entries of this node's ledger, and shows other ones now. This ledger "
            "is not given up for them: what was sent could then be drawn anew. Keep ledger.sqlite, which proves it, "
            "and tell the coordinator's operator and your auditor; the operator restores the coordinator's store."
        )


class TooMuchGivenUp(Refused):
    """More entries would be given up than a recovery can name."""

    reason = "LEDGER_TOO_MUCH_GIVEN_UP"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"This ledger has {number} entries that the coordinator does not have, and a recovery can give up "
            f"{MOST_GIVEN_UP}. That is no accident of a copy: keep the file, and ask NPU and your auditor."
        )


@dataclass(frozen=True)
class Replica:
    """A ledger as its witness has it: the leaves in order, and the notes that it has cosigned, smallest first."""

    leaves: Sequence[bytes]
    notes: Sequence[bytes]


@dataclass(frozen=True)
class Recovery:
    """What a recovery came to: entries taken from the witness, entries given up, and releases without their bytes."""

    taken: int
    given_up: int
    lost: int
    aside: Path | None


def read_replica(replica: Replica, origin: str) -> Contents:
    """The contents of a replica, without the bytes of releases.

    Raises `DamagedLedger` unless it is a ledger of that origin, whole and cosigned to its last entry.
    """
    entry_rows = [(seq, leaf, leaf_hash(leaf)) for seq, leaf in enumerate(replica.leaves)]
    contents = checked(entry_rows, _lost(entry_rows), [])
    if contents.opened.origin != origin:
        raise DamagedLedger("the witness has another ledger")
    try:
        rows = [(contents.check_cosigned(note).size, note) for note in replica.notes]
    except KudosError as error:
        raise DamagedLedger(f"the witness shows a checkpoint that is none of it ({error})") from error
    sizes = [size for size, _ in rows]
    if sizes != sorted(set(sizes)):
        raise DamagedLedger("the witness's checkpoints are not in order")
    contents = checked(entry_rows, _lost(entry_rows), rows)
    if contents.cosigned is None or contents.cosigned.size != len(contents.entries):
        raise DamagedLedger("the witness has not cosigned all of what it has")
    return contents


def recover(
    path: Path,
    replica: Replica,
    *,
    origin: str,
    mine: Contents | None,
    fetch: Callable[[str], bytes | None],
    public_key: str,
    now: datetime,
    seen: Sequence[bytes] = (),
    new_machine: bool = False,
) -> Recovery:
    """Puts a ledger in place of what is at `path`, that goes on from the replica; the old file is kept aside.

    `mine` is what the old file holds, None where there is none or it cannot be read. `seen` are notes that this node
    has kept, wherever they were found: what of them is a checkpoint of this ledger must be one of the replica. A
    `new_machine` has no key that the ledger names, and nothing of it. `fetch` gets the bytes of a release by its
    digest, from whoever has them (`GetOwnRelease` in a network): None where nobody has, and they are lost for good. An
    asking that fails tells nothing, so its error aborts the recovery, and nothing has changed: do it again once there
    is an answer. `public_key` signs from here on.

    Raises `DamagedLedger` for a replica that is none, `TakenOver`, `TwoHistories`, `ClockWentBack`; `TooMuchGivenUp`
    where more would be given up than an entry can name; `LedgerBusy` where another process holds the old file, or has
    written to it since `mine` was read; and whatever `fetch` raises. The file changes whole or not at all.
    """
    theirs = read_replica(replica, origin)
    if not new_machine and not _is_own(theirs, mine, public_key):
        raise TakenOver
    _check_seen(theirs, seen, public_key)
    agreed = _agreed(mine, theirs)
    if mine is not None and mine.cosigned is not None and mine.cosigned.size > agreed:
        raise TwoHistories(mine.cosigned.size)
    given_up = () if mine is None else mine.hashes[agreed:]
    if len(given_up) > MOST_GIVEN_UP:
        raise TooMuchGivenUp(len(given_up))
    bytes_of = _collected(theirs, mine, fetch)
    old: Old = "whole" if mine is not None else "unreadable" if path.exists() else "absent"
    last = _appended(theirs, given_up, mine, agreed, old, public_key, whole_second(now))
    replace_file(path, aside := aside_of(path, now), theirs, mine, bytes_of, last)
    lost = sum(content is None for content in bytes_of.values())
    return Recovery(len(theirs.entries), len(given_up), lost, aside if aside.exists() else None)


def _lost(entry_rows: Sequence[tuple[int, bytes, bytes]]) -> list[tuple[str, str, int, bytes | None]]:
    entries = [parse(leaf) for _, leaf, _ in entry_rows]
    return [(each.study_digest, str(each.window), each.seq, None) for each in entries if isinstance(each, Spent)]


def _agreed(mine: Contents | None, theirs: Contents) -> int:
    """How many first entries are the same."""
    if mine is None:
        return 0
    pairs = zip(mine.hashes, theirs.hashes, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(mine.hashes), len(theirs.hashes)))


def _collected(
    theirs: Contents, mine: Contents | None, fetch: Callable[[str], bytes | None]
) -> Mapping[int, bytes | None]:
    """The bytes of each release by its entry's number."""
    kept = {release_digest(each.envelope): each.envelope for each in (mine.releases if mine else ()) if each.envelope}
    found: dict[int, bytes | None] = {}
    for entry in theirs.entries:
        if isinstance(entry, Spent):
            content = kept.get(entry.release_digest) or fetch(entry.release_digest)
            found[entry.seq] = content if content and release_digest(content) == entry.release_digest else None
    return found


def _is_own(theirs: Contents, mine: Contents | None, public_key: str) -> bool:
    """Whether a replica is signed by keys of this node alone. With nothing left, its own key signs it at the end."""
    if mine is None:
        return theirs.public_key == public_key
    return theirs.public_keys <= mine.public_keys


def _check_seen(theirs: Contents, seen: Sequence[bytes], public_key: str) -> None:
    """Raises TwoHistories where the witness has cosigned more, or otherwise, than it shows now.

    Only notes that the node's key and the replica's witness have both signed count: a damaged file may hold anything.
    """
    witness = theirs.witness
    if witness is None:
        return
    origin = theirs.opened.origin
    log_key = Verifier(origin, Algorithm.ED25519, bytes.fromhex(public_key))
    for note in seen:
        try:
            found = verify_checkpoint(
                note, origin=origin, log_key=log_key, witnesses=(Verifier.parse(witness),), quorum=1
            ).checkpoint
        except (KudosError, ValueError):
            continue
        if found.size > len(theirs.entries) or found.root != theirs.root(found.size):
            raise TwoHistories(found.size)


def _carried(theirs: Contents, mine: Contents | None, agreed: int) -> list[Spent]:
    """Spends to be given up that had no witness when they were booked: their bytes may have left.

    They are booked again, without their bytes, so that their months are never drawn anew.
    """
    there = {(each.study_digest, each.window) for each in theirs.releases}
    return [
        entry
        for entry in (mine.entries[agreed:] if mine else ())
        if isinstance(entry, Spent)
        and mine is not None
        and mine.witness_at(entry.seq) is None
        and (entry.study_digest, entry.window) not in there
    ]


def _appended(
    theirs: Contents,
    given_up: Sequence[bytes],
    mine: Contents | None,
    agreed: int,
    old: Old,
    public_key: str,
    now: datetime,
) -> list[Entry]:
    """The entries that a recovery adds."""
    if now < theirs.last.time:
        raise ClockWentBack(format_time(now), format_time(theirs.last.time))
    carried = _carried(theirs, mine, agreed)
    cost = total(entry.cost for entry in (mine.entries[agreed:] if mine else ()) if entry not in carried)
    seq = len(theirs.entries)
    added: list[Entry] = []
    if theirs.public_key != public_key:
        added.append(KeyAdopted(seq=seq, time=now, public_key=public_key))
    added.append(
        Recovered(
            seq=seq + len(added),
            time=now,
            old=old,
            given_up=tuple(each.hex() for each in given_up),
            epsilon_u=cost.epsilon.micro,
            rho_u=cost.rho.micro,
        )
    )
    first = seq + len(added)
    added.extend(replace(entry, seq=number, time=now) for number, entry in enumerate(carried, start=first))
    return added


def salvaged_notes(path: Path) -> tuple[bytes, ...]:
    """The checkpoints that a file still shows, however damaged it is; nothing of them is verified here."""
    found: list[object] = []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            for (note,) in connection.execute("SELECT note FROM checkpoints"):
                found.append(note)
    except (sqlite3.Error, UnicodeDecodeError):
        pass  # what was read before the damage still counts
    return tuple(note for note in found if isinstance(note, bytes))
