"""A ledger with a witness that has all of it, what is done to its file, and what a recovery makes of that."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.leaves import serialise
from privacy.ledger.recovery import Recovery, Replica, recover
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, START, policy, spent
from tests.privacy.ledger.witnessed import LOG_KEY, cosigned, create, hexadecimal, keep, write

LATER = START + timedelta(days=1)
SECOND, THIRD, FOURTH = (f"sha256:{digit * 64}" for digit in "234")
BYTES = {"first": ENVELOPE, "second": b"second", "third": b"third"}


@dataclass
class Witnessed:
    """A ledger of five entries, two of them releases; what its witness has of it; and who is asked for bytes."""

    path: Path
    contents: Contents
    replica: Replica
    asked: list[str] = field(default_factory=list)

    def fetch(self, digest: str) -> bytes | None:
        self.asked.append(digest)
        return {release_digest(each): each for each in BYTES.values()}.get(digest)

    def mine(self) -> Contents:
        with Ledger.open(self.path) as ledger:
            return ledger.contents()

    def recover(
        self,
        mine: Contents | None,
        fetch: Callable[[str], bytes | None] | None = None,
        key: Ed25519PrivateKey = LOG_KEY,
        replica: Replica | None = None,
        days: int = 1,
        **more: Any,
    ) -> Recovery:
        return recover(
            self.path,
            self.replica if replica is None else replica,
            origin=ORIGIN,
            mine=mine,
            fetch=self.fetch if fetch is None else fetch,
            public_key=hexadecimal(key),
            now=START + timedelta(days=days),
            **more,
        )

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.path.parent.iterdir())


ASIDE = "ledger-given-up-20260106T093000Z.sqlite"


def witnessed(path: Path) -> Witnessed:
    """A ledger of five entries at a path, cosigned to its end."""
    with create(path) as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        keep(ledger, cosigned(ledger.contents()))
        write(ledger, spent(4, envelope=b"second", study_digest=SECOND), b"second")
        contents = ledger.contents()
        keep(ledger, cosigned(contents))
        contents = ledger.contents()
    notes = [each.note for each in contents.checkpoints]
    return Witnessed(path, contents, Replica([serialise(entry) for entry in contents.entries], notes))


def rolled_back(house: Witnessed) -> Contents:
    """The file is put back as it was before the second release."""
    house.path.unlink()
    with create(house.path) as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        return ledger.contents()


def forked(house: Witnessed) -> Contents:
    """From there it went another way, with two releases that nobody cosigned."""
    rolled_back(house)
    with Ledger.open(house.path) as ledger:
        write(ledger, policy(4, START + timedelta(hours=1)))
        write(ledger, replace(spent(5, LATER, b"third", THIRD)), b"third")
        write(ledger, replace(spent(6, LATER, b"fourth", FOURTH)), b"fourth")
        return ledger.contents()


def goes_on(house: Witnessed, after: Contents, added: int = 1) -> None:
    """All that the witness had is there, and the ledger can be written to."""
    size = len(house.contents.entries)
    assert after.entries[:size] == house.contents.entries
    assert after.hashes[:size] == house.contents.hashes
    assert after.checkpoints == house.contents.checkpoints
    assert len(after.entries) == size + added
    with Ledger.open(house.path) as ledger:
        write(ledger, policy(size + added, START + timedelta(days=9)))
