"""What is done to ledgers while the power may fail."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from privacy.ledger.recovery import Replica, recover
from privacy.ledger.store import Ledger
from tests.privacy.ledger import witnessed
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, START, policy, spent
from tests.privacy.ledger.power_loss import LEDGER, Recording, record
from tests.privacy.ledger.test_upgrade import write_former
from tests.privacy.ledger.witnessed import LOG_KEY, cosigned, hexadecimal, keep, write

LARGE = bytes(range(256)) * 64
"""The bytes of a release that takes several pages."""

OTHER = "sha256:" + "34" * 32
THIRD = "sha256:" + "56" * 32
LATER = START + timedelta(days=1)


def book(path: Path) -> None:
    """As a release does: a policy, an entry, and its bytes."""
    with Ledger.open(path) as ledger:
        write(ledger, policy(2), spent(3, envelope=LARGE), LARGE)


def cosign(path: Path) -> None:
    with Ledger.open(path) as ledger:
        keep(ledger, cosigned(ledger.contents()))


def book_again(path: Path) -> None:
    with Ledger.open(path) as ledger:
        write(ledger, spent(4, study_digest=OTHER), ENVELOPE)


def _created(path: Path) -> None:
    witnessed.create(path).close()


def booking(folder: Path) -> Recording:
    """Releases are booked and cosigned."""
    _created(folder / LEDGER)
    return record(folder, (book, cosign, book_again))


def careless(synchronous: str) -> Callable[[Path], Recording]:
    """Books a release while SQLite is told to care less for the disk: what the others are measured by."""

    def carelessly(path: Path) -> None:
        with Ledger.open(path) as ledger:
            ledger._connection.execute(f"PRAGMA synchronous = {synchronous}")
            write(ledger, policy(2), spent(3, envelope=LARGE), LARGE)

    def scenario(folder: Path) -> Recording:
        _created(folder / LEDGER)
        return record(folder, (carelessly,))

    return scenario


def creating(folder: Path) -> Recording:
    """A ledger begins; then it names its witness."""

    def begin(path: Path) -> None:
        witnessed.create_unwitnessed(path).close()

    def name_witness(path: Path) -> None:
        with Ledger.open(path) as ledger:
            write(ledger, witnessed.witness(1))

    return record(folder, (begin, name_witness))


def upgrading(folder: Path) -> Recording:
    """A file of format 1 is opened."""
    write_former(folder / LEDGER)
    return record(folder, (lambda path: Ledger.open(path).close(),))


def _replica(folder: Path) -> tuple[Replica, dict[str, bytes]]:
    """What the witness has, and the bytes of releases: two of them, where the node's own file has one."""
    path = folder / "witness.sqlite"
    _created(path)
    book(path)
    book_again(path)
    with Ledger.open(path) as ledger:
        contents = ledger.contents()
    path.unlink()
    digests = [entry.release_digest for entry in contents.entries if hasattr(entry, "release_digest")]
    return witnessed.replica(contents), dict(zip(digests, (LARGE, ENVELOPE), strict=True))


def _recovery(replica: Replica, contents: dict[str, bytes], *, readable: bool) -> Callable[[Path], None]:
    def recovering(path: Path) -> None:
        mine = None
        if readable:
            with Ledger.open(path) as ledger:
                mine = ledger.contents()
        recover(
            path,
            replica,
            origin=ORIGIN,
            mine=mine,
            fetch=contents.get,
            public_key=hexadecimal(LOG_KEY),
            now=LATER,
        )

    return recovering


def forked(folder: Path) -> Recording:
    """A ledger that went another way is given up for the witness's."""
    replica, contents = _replica(folder)
    path = folder / LEDGER
    _created(path)
    with Ledger.open(path) as ledger:
        write(ledger, policy(2), replace(policy(3), cap_rho_u=1), spent(4, study_digest=THIRD), ENVELOPE)
    return record(folder, (_recovery(replica, contents, readable=True),))


def leave_hot_journal(path: Path) -> None:
    """Has a ledger's file half written, and beside it the journal that would undo that: as after a failure."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # pages go to the file before the commit
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE entries SET leaf = zeroblob(9000)")
        files = {each: each.read_bytes() for each in (path, path.with_name(f"{path.name}-journal"))}
        connection.execute("ROLLBACK")
    for file, content in files.items():
        file.write_bytes(content)


def interrupted(folder: Path) -> Recording:
    """A ledger that cannot be read, with a journal beside it, is given up."""
    replica, contents = _replica(folder)
    path = folder / LEDGER
    _created(path)
    book(path)
    leave_hot_journal(path)
    content = path.read_bytes()
    assert LARGE[:1024] in content, "the pages of the release are not those that the journal has"
    path.write_bytes(content.replace(LARGE[:1024], bytes(1024), 1))
    return record(folder, (_recovery(replica, contents, readable=False),))


def lost(folder: Path) -> Recording:
    """The file is gone, and its journal is not."""
    replica, contents = _replica(folder)
    path = folder / LEDGER
    _created(path)
    book(path)
    leave_hot_journal(path)
    path.unlink()
    return record(folder, (_recovery(replica, contents, readable=False),))


SCENARIOS: dict[str, Callable[[Path], Recording]] = {
    "booking": booking,
    "creating": creating,
    "upgrading": upgrading,
    "forked": forked,
    "interrupted": interrupted,
    "lost": lost,
}
