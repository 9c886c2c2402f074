"""What a whole ledger says, and the checks that it is whole: pure, from the rows of any store."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from privacy.bounds.windows import Window
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.fields import parse_time, parse_window
from privacy.ledger.leaves import Entry, KeyAdopted, Opened, PolicyAdopted, Spent, leaf_hash, parse

BOOKED = "booked"
"""The state of a release whose bytes are stored and paid for; those of witnessing and sending follow it."""

EntryRow = tuple[int, bytes, bytes]
"""seq, leaf, leaf_hash"""

ReleaseRow = tuple[str, str, int, bytes, str, str]
"""study_digest, window, seq, envelope, created, state"""


@dataclass(frozen=True)
class StoredRelease:
    """A release as it was signed, byte for byte. `seq` is the entry that booked it, `created` its time."""

    study_digest: str
    window: Window
    seq: int
    envelope: bytes
    created: datetime
    state: str


@dataclass(frozen=True)
class Contents:
    """The entries of a ledger and the releases that they booked, both in order."""

    entries: tuple[Entry, ...]
    releases: tuple[StoredRelease, ...]

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
    def public_key(self) -> str:
        """The key, in hexadecimal, that signs what comes next."""
        return self.public_key_at(len(self.entries))

    def find(self, study_digest: str, window: Window) -> StoredRelease | None:
        """The release of a study over a window. There is one at most."""
        wanted = (study_digest, window)
        return next((each for each in self.releases if (each.study_digest, each.window) == wanted), None)


def release_digest(envelope: bytes) -> str:
    """How an entry names the bytes that it booked."""
    return "sha256:" + hashlib.sha256(envelope).hexdigest()


def checked(entry_rows: Iterable[EntryRow], release_rows: Iterable[ReleaseRow]) -> Contents:
    """The contents that these rows, in order of seq, hold.

    Raises `DamagedLedger` unless the entries are contiguous from 0, the first and only the first opens the
    ledger, each is the leaf that its hash names and in canonical form, time never goes back, and entries and
    releases match one to one by study, window, time and digest of the bytes.
    """
    entries: list[Entry] = []
    for row in entry_rows:
        entries.append(_entry(row, entries))
    if not entries:
        raise DamagedLedger("it has no entries")
    releases = tuple(_release(row) for row in release_rows)
    _match([entry for entry in entries if isinstance(entry, Spent)], releases)
    return Contents(tuple(entries), releases)


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
    study_digest, window, seq, envelope, created, state = row
    if state != BOOKED:
        raise DamagedLedger(f"the release of entry {seq} is in no known state")
    try:
        return StoredRelease(study_digest, parse_window(window), seq, envelope, parse_time(created), state)
    except ValueError as error:
        raise DamagedLedger(f"the release of entry {seq} does not read ({error})") from error


def _match(spent: list[Spent], releases: tuple[StoredRelease, ...]) -> None:
    by_seq = {release.seq: release for release in releases}
    if len(by_seq) != len(releases) or set(by_seq) != {entry.seq for entry in spent}:
        raise DamagedLedger("its entries and its stored releases do not match one to one")
    for entry in spent:
        release = by_seq[entry.seq]
        stored = (release.study_digest, release.window, release.created, release_digest(release.envelope))
        if stored != (entry.study_digest, entry.window, entry.time, entry.release_digest):
            raise DamagedLedger(f"the stored release of entry {entry.seq} is not the one that was booked")
    if len({(entry.study_digest, entry.window) for entry in spent}) != len(spent):
        raise DamagedLedger("a study was released twice over the same window")
