"""Making a backup while the agent works: the store first, the ledger last, so that none is older than what rests on it.

In it is all of the folder but what is made again (the log, locks, scratch, what another backup or recovery left half
done) and what has no place in a backup: links, and names that no piece may have. The ledger is copied by SQLite's own
way; the store as a file, while nobody else may open it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.errors import NodeError
from node.home import Home
from node.ingest.masked import masked_name
from node.membership.settings import joined
from node.store.database import WAIT_S, connected, locked
from privacy.backup.archive import Manifest, fits, packing, verify
from privacy.backup.sealing import N
from privacy.ledger.store import Ledger

WHAT = "node"
STORE_PIECE, LEDGER_PIECE = "store.duckdb", "ledger.sqlite"
_LEFT_OUT = frozenset({"logs", "tmp", "store.lock", STORE_PIECE, LEDGER_PIECE})
_OF_SQLITE = ("-journal", "-wal", "-shm")
_MADE_AGAIN = "dashboard/figures/"
_OF_CUSTOMERS = ("store.", "likely.")
"""How the names of files begin that have customers in them: copies of the store, for an undo or moved aside, too."""


@dataclass(frozen=True)
class Held:
    """What a backup holds, as it says itself: `entries` of the ledger, the `last` one's time; `store`: the imports.

    `left_out` names files of the folder that had no place in it; a name that may say who somebody is, is masked.
    """

    manifest: Manifest
    member: str
    entries: int
    last: str
    network: bool
    store: bool
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> "Held":
        """Of a manifest that was read."""
        said = manifest.about
        stored = STORE_PIECE in manifest.sizes
        left = tuple(said.get("left_out", ()))
        return cls(manifest, said["member"], said["entries"], said["last"], said["network"], stored, left)


def back_up(
    home: Home,
    target: Path,
    passphrase: str,
    now: datetime,
    *,
    with_store: bool = True,
    n: int = N,
    wait_s: float = WAIT_S,
) -> Held:
    """Writes a node into a new encrypted file, and reads that through.

    Raises NoHome, StoreBusy after `wait_s` seconds in which another command works in the store, StoreDamaged,
    DamagedLedger (what is damaged is no backup), and what `privacy.backup.archive.packing` raises.
    """
    settings = home.settings()
    left_out: list[str] = []
    with packing(target, WHAT, passphrase, now, n) as pack, _alone(home, wait_s):
        if with_store and home.store_file.exists():
            pack.add_file(STORE_PIECE, home.store_file)
        for name, file in _others(home, target, with_store=with_store):
            if fits(name) and file.is_file() and not file.is_symlink():
                pack.add_file(name, file)
            else:
                left_out.append("/".join(masked_name(part) for part in name.split("/")))
        with _ledger_copy(home) as copy:
            pack.add_file(LEDGER_PIECE, copy)
            with Ledger.open(copy) as ledger:
                contents = ledger.contents()
        pack.about |= {
            "member": settings.member,
            "entries": len(contents.entries),
            "last": f"{contents.last.time:%Y-%m-%dT%H:%M:%SZ}",
            "network": joined(home),
            "left_out": left_out,
        }
    return Held.of(verify(target, passphrase, WHAT))


@contextmanager
def _alone(home: Home, wait_s: float) -> Iterator[None]:
    """Has the store closed and whole on the disk, and keeps it so."""
    with locked(home, wait_s=wait_s):
        if home.store_file.exists():
            with connected(home):
                pass  # what a killed process has left beside the file goes into it
        yield


def _others(home: Home, target: Path, *, with_store: bool) -> Iterator[tuple[str, Path]]:
    """Every other file of the folder with its name in the backup, in order; without the store nothing of customers."""
    for file in sorted(home.path.rglob("*")):
        name = file.relative_to(home.path).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        passing = name.split("/")[0] in _LEFT_OUT or hidden or name.endswith(_OF_SQLITE)
        passing = passing or name.startswith(_MADE_AGAIN) or (not with_store and name.startswith(_OF_CUSTOMERS))
        passing = passing or (file.is_dir() and not file.is_symlink()) or file.absolute() == target.absolute()
        if not passing:
            yield name, file


@contextmanager
def _ledger_copy(home: Home) -> Iterator[Path]:
    """The ledger as it is at one moment, whoever books meanwhile (https://www.sqlite.org/backup.html)."""
    copy = home.path / f".backup-{os.urandom(4).hex()}.sqlite"
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{home.ledger_file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield copy
    except sqlite3.Error as error:
        raise NodeError(
            f"{home.ledger_file} cannot be read ({type(error).__name__}); no backup was made. See: kudos-node doctor"
        ) from error
    finally:
        copy.unlink()
