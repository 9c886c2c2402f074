"""A node out of a backup: verified whole first, made beside, and put in place in one step; then the witness is asked.

A restored ledger may be an old one: it has forgotten what was spent since. In a network the witness knows, and says so
before anything is booked; what it says now is told at once, with what to do.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from node.backup.make import LEDGER_PIECE, WHAT, Held
from node.errors import NodeError
from node.home import Home
from node.membership.settings import joined
from node.network.witness import NetworkWitness
from node.wire.federation import connected
from privacy.backup.archive import unpack, verify
from privacy.backup.errors import BackupDamaged
from privacy.errors import KudosError
from privacy.files import write_private
from privacy.ledger.store import Ledger
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key


@dataclass(frozen=True)
class Standing:
    """Whether a node may spend: `may` is None where nobody knows. `reason` is of the refusal, `says` a sentence."""

    may: bool | None
    reason: str | None
    says: str


def look(source: Path, passphrase: str) -> Held:
    """Reads a backup through and says what it holds. Raises what `privacy.backup.archive.verify` raises."""
    return Held.of(verify(source, passphrase, WHAT))


def restore(home: Home, source: Path, passphrase: str) -> Held:
    """Makes a node of a backup in a folder that is not there, or empty: all of it or nothing.

    Raises NodeError where there is something, BackupDamaged where what is inside is no node, and what
    `privacy.backup.archive.verify` raises.
    """
    if home.path.exists() and any(home.path.iterdir()):
        raise NodeError(
            f"{home.path} is not empty, and nothing of it was changed. A newer ledger must never be lost to an older "
            "one: move the folder away, or name another one: --home DIR"
        )
    held = look(source, passphrase)
    beside = home.path.with_name(f".{home.path.name}.{os.urandom(4).hex()}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        unpack(source, passphrase, WHAT, lambda name, content: _write(beside / name, content))
        _check(Home(beside), held)
        if home.path.exists():
            home.path.rmdir()
        beside.rename(home.path)
    except OSError as error:
        raise NodeError(f"{home.path} cannot be written ({error.strerror}). Nothing was restored.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return held


def standing(home: Home) -> Standing:
    """Whether the ledger goes on from what its witness has; asks the coordinator where the node is in a network."""
    if not joined(home):
        return Standing(
            None,
            None,
            "This node works alone: nobody else knows what it released after the backup. If it did release something, "
            "do not release again before twelve months have passed since then: it would be spent twice.",
        )
    try:
        with Ledger.open(home.ledger_file) as ledger, connected(home) as coordinator:
            NetworkWitness(home, coordinator).compare(ledger)
    except KudosError as error:
        known = error.reason in ("LEDGER_BEHIND", "LEDGER_FORKED")
        return Standing(False if known else None, error.reason, str(error))
    return Standing(True, None, "The coordinator has cosigned nothing that this ledger has not: it goes on from here.")


def _write(path: Path, content: IO[bytes]) -> None:
    """A piece as a file that its owner alone can read; in pieces, for a store may be larger than the memory."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.suffix not in (".duckdb", ".sqlite"):
        write_private(path, content.read())
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _check(home: Home, held: Held) -> None:
    """Whether what was unpacked is a node whose ledger is whole and its own."""
    if LEDGER_PIECE not in held.manifest.sizes or not home.settings_file.exists():
        raise BackupDamaged("The backup has no settings or no ledger of a node. Use another copy of it.")
    settings = home.settings()
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    mine = public_key_text(load_signing_key(home.signing_key_file).public_key())
    if (len(contents.entries), settings.member) != (held.entries, held.member) or contents.public_key != mine:
        raise BackupDamaged("The backup's ledger is not the one that its keys sign. Use another copy of it.")
