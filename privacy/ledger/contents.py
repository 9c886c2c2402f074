"""What a whole ledger says, and the checks that it is whole: pure, from the rows of any store."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from privacy.bounds.windows import Window
from privacy.errors import KudosError
from privacy.ledger.checkpoint import BadCheckpoint, Checkpoint, parse_text, verify_checkpoint
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.fields import parse_window
from privacy.ledger.leaves import Entry, KeyAdopted, Opened, PolicyAdopted, Spent, WitnessAdopted, leaf_hash, parse
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.note import parse as parse_note
from privacy.ledger.tree import root

EntryRow = tuple[int, bytes, bytes]
"""seq, leaf, leaf_hash"""

ReleaseRow = tuple[str, str, int, bytes | None]
"""study_digest, window, seq, envelope"""

CheckpointRow = tuple[int, bytes]
"""size, note"""


@dataclass(frozen=True)
class StoredRelease:
    """A release as it was signed, byte for byte. `seq` is the entry that booked it.

    `envelope` is None where the bytes were lost with a copy of the ledger: paid for, and never to be drawn anew.
    """

    study_digest: str
    window: Window
    seq: int
    envelope: bytes | None


@dataclass(frozen=True)
class Cosigned:
    """A checkpoint as the witness has cosigned it: it covers the entries before `size`. `time` is the witness's."""

    size: int
    root: bytes
    time: datetime
    note: bytes


@dataclass(frozen=True)
class Contents:
    """The entries of a ledger, their leaves' hashes, the releases that they booked, and what is cosigned, in order."""

    entries: tuple[Entry, ...]
    hashes: tuple[bytes, ...]
    releases: tuple[StoredRelease, ...]
    checkpoints: tuple[Cosigned, ...]

    @property
    def opened(self) -> Opened:
        """The first entry."""
        first = self.entries[0]
        if not isinstance(first, Opened):
            raise DamagedLedger("its first entry does not open it")
        return first

    @property
    def last(self) -> Entry:
        """The newest entry."""
        return self.entries[-1]

    @property
    def policy_digest(self) -> str | None:
        """The policy that the newest `policy` entry names; None before the first."""
        named = [entry.digest for entry in self.entries if isinstance(entry, PolicyAdopted)]
        return named[-1] if named else None

    def public_key_at(self, seq: int) -> str:
        """The key, in hexadecimal, that signs what entry `seq` books."""
        keys = [entry.public_key for entry in self.entries[:seq] if isinstance(entry, Opened | KeyAdopted)]
        return keys[-1]

    @property
    def public_keys(self) -> frozenset[str]:
        """Every key that has ever signed for this ledger."""
        return frozenset(entry.public_key for entry in self.entries if isinstance(entry, Opened | KeyAdopted))

    @property
    def public_key(self) -> str:
        """The key, in hexadecimal, that signs what comes next."""
        return self.public_key_at(len(self.entries))

    def witness_at(self, seq: int) -> str | None:
        """The verifier key of the witness that must have cosigned what entry `seq` books; None where there is none."""
        named = [entry.witness for entry in self.entries[:seq] if isinstance(entry, WitnessAdopted)]
        return named[-1] if named else None

    @property
    def witness(self) -> str | None:
        """The witness that must cosign what comes next."""
        return self.witness_at(len(self.entries))

    @property
    def cosigned(self) -> Cosigned | None:
        """The largest checkpoint that is cosigned."""
        return self.checkpoints[-1] if self.checkpoints else None

    def covers(self, seq: int) -> bool:
        """Whether a cosigned checkpoint covers entry `seq`."""
        return self.cosigned is not None and seq < self.cosigned.size

    def root(self, size: int) -> bytes:
        """The root of the tree over the first `size` leaves."""
        return root(self.hashes[:size])

    def check_cosigned(self, note: bytes) -> Cosigned:
        """What a cosigned checkpoint of this ledger says.

        Raises `BadNote` or `BadCheckpoint` unless it is signed by the ledger's key and cosigned by its witness, both as
        of its size, and has the root of that many entries.
        """
        size = parse_text(parse_note(note).text).size
        witness = self.witness_at(size)
        if not 0 < size <= len(self.entries) or witness is None:
            raise BadCheckpoint("It is of more entries than the ledger has, or of a ledger without a witness.")
        log_key = self.verifier_at(size)
        try:
            verified = verify_checkpoint(
                note, origin=self.opened.origin, log_key=log_key, witnesses=(Verifier.parse(witness),), quorum=1
            )
        except ValueError as error:  # keys that cannot tell a signer from another
            raise BadCheckpoint(f"Its keys are not those of a ledger and its witness: {error}.") from error
        if verified.checkpoint.root != self.root(size):
            raise BadCheckpoint(f"It has another root than the {size} entries of this ledger.")
        (time,) = verified.cosigned.values()
        return Cosigned(size, verified.checkpoint.root, time, note)

    def verifier_at(self, size: int) -> Verifier:
        """What verifies the node's signature on a checkpoint of the first `size` entries."""
        return Verifier(self.opened.origin, Algorithm.ED25519, bytes.fromhex(self.public_key_at(size)))

    @property
    def verifier(self) -> Verifier:
        """What verifies the node's signature on a checkpoint of the whole ledger."""
        return self.verifier_at(len(self.entries))

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the whole ledger, as its node signs it."""
        return Checkpoint(self.opened.origin, len(self.entries), self.root(len(self.entries)))

    def find(self, study_digest: str, window: Window) -> StoredRelease | None:
        """The release of a study over a window. There is one at most."""
        wanted = (study_digest, window)
        return next((each for each in self.releases if (each.study_digest, each.window) == wanted), None)


def release_digest(envelope: bytes) -> str:
    """How an entry names the bytes that it booked."""
    return "sha256:" + hashlib.sha256(envelope).hexdigest()


def checked(
    entry_rows: Iterable[EntryRow], release_rows: Iterable[ReleaseRow], checkpoint_rows: Iterable[CheckpointRow]
) -> Contents:
    """The contents that these rows, in order of seq and size, hold.

    Raises `DamagedLedger` unless the entries are what `checked_entries` takes, entries and releases match one to one
    by study, window and digest of the bytes, and every checkpoint is one of this ledger.
    """
    entries, hashes = checked_entries(entry_rows)
    releases = tuple(_release(row) for row in release_rows)
    _match([entry for entry in entries if isinstance(entry, Spent)], releases)
    contents = Contents(entries, hashes, releases, ())
    return replace(contents, checkpoints=tuple(_cosigned(contents, row) for row in checkpoint_rows))


def checked_entries(rows: Iterable[EntryRow]) -> tuple[tuple[Entry, ...], tuple[bytes, ...]]:
    """The entries that these rows, in order of seq, hold, and their leaves' hashes.

    Raises `DamagedLedger` unless they are contiguous from 0, the first and only the first opens the ledger, each is
    the leaf that its hash names and in canonical form, and time never goes back.
    """
    entries: list[Entry] = []
    hashes: list[bytes] = []
    for row in rows:
        entries.append(_entry(row, entries))
        hashes.append(row[2])
    if not entries:
        raise DamagedLedger("it has no entries")
    return tuple(entries), tuple(hashes)


def _entry(row: EntryRow, before: list[Entry]) -> Entry:
    seq, leaf, stored_hash = row
    expected = len(before)
    if seq != expected:
        raise DamagedLedger(f"entry {expected} is missing")
    if type(leaf) is not bytes or leaf_hash(leaf) != stored_hash:
        raise DamagedLedger(f"entry {seq} is not what was written")
    try:
        entry = parse(leaf)
    except DamagedLedger as error:
        raise DamagedLedger(f"entry {seq}: {error.what}") from error
    if entry.seq != seq:
        raise DamagedLedger(f"entry {seq} says that it is entry {entry.seq}")
    if isinstance(entry, Opened) != (seq == 0):
        raise DamagedLedger(f"entry {seq} opens a ledger where none begins, or does not where one does")
    if before and entry.time < before[-1].time:
        raise DamagedLedger(f"entry {seq} is earlier than the one before it")
    return entry


def _release(row: ReleaseRow) -> StoredRelease:
    study_digest, window, seq, envelope = row
    try:
        return StoredRelease(study_digest, parse_window(window), seq, envelope)
    except ValueError as error:
        raise DamagedLedger(f"the release of entry {seq} does not read ({error})") from error


def _cosigned(contents: Contents, row: CheckpointRow) -> Cosigned:
    size, note = row
    try:
        cosigned = contents.check_cosigned(note)
    except KudosError as error:
        raise DamagedLedger(f"its checkpoint of {size} entries is not one of it ({error})") from error
    if cosigned.size != size:
        raise DamagedLedger(f"its checkpoint of {size} entries is one of {cosigned.size}")
    return cosigned


def _match(spent: list[Spent], releases: tuple[StoredRelease, ...]) -> None:
    by_seq = {release.seq: release for release in releases}
    if len(by_seq) != len(releases) or set(by_seq) != {entry.seq for entry in spent}:
        raise DamagedLedger("its entries and its stored releases do not match one to one")
    for entry in spent:
        release = by_seq[entry.seq]
        digest = entry.release_digest if release.envelope is None else release_digest(release.envelope)
        if (release.study_digest, release.window, digest) != (entry.study_digest, entry.window, entry.release_digest):
            raise DamagedLedger(f"the stored release of entry {entry.seq} is not the one that was booked")
    if len({(entry.study_digest, entry.window) for entry in spent}) != len(spent):
        raise DamagedLedger("a study was released twice over the same window")
