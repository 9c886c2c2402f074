"""What a report rests on: which bundles, whose keys, when it was made, and by which program."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from privacy.audit.network import UNSEEN
from privacy.audit.paths import PUBLIC
from privacy.audit.reading import Bundle
from privacy.audit.whole_check import Pinned

_SHOWN = 22
"""Letters of a key that a sentence shows: 77 bits at the least, which nobody finds a second key for."""


@dataclass(frozen=True)
class Shown:
    """A bundle that was read: where it lies, and the SHA-256 of its files in order, each as `sha256sum` lists it.

    So `find public restricted -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`, where it was unpacked, says the
    same. None where nobody wants to know: it reads everything once more.
    """

    path: str
    files: int
    sha256: str | None


@dataclass(frozen=True)
class Grounds:
    """What a report rests on.

    `coordinator_key` (hexadecimal) and `witness` (a verifier key) are those that the bundle names; None where it names
    none. `pinned`: the auditor had them from elsewhere, and held the bundle against them.
    """

    audited: datetime
    program: str
    bundles: tuple[Shown, ...]
    coordinator_key: str | None
    witness: str | None
    pinned: bool

    @property
    def not_checkable(self) -> tuple[str, ...]:
        """What the audit could not see: what no audit can, and whose keys these are where nothing vouches for them."""
        return UNSEEN if self.pinned else (*UNSEEN, _unpinned(self.coordinator_key, self.witness))


def grounds(bundles: Iterable[Bundle], pinned: Pinned | None, audited: datetime, *, digests: bool) -> Grounds:
    """What an audit of these bundles, the first of which has the public part, rests on. Raises BadBundle."""
    read = tuple(bundles)
    header = read[0].headers[PUBLIC]
    known = pinned is not None and pinned.trust_domain == header.trust_domain and pinned.coordinator_key is not None
    program = f"kudos-audit {version('kudos')}"
    shown = tuple(_shown(each, digests=digests) for each in read)
    return Grounds(audited, program, shown, header.coordinator_key, header.witness, known)


def _shown(bundle: Bundle, *, digests: bool) -> Shown:
    listed = hashlib.sha256()
    for path in bundle.paths if digests else ():
        listed.update(f"{bundle.digest(path)}  {path}\n".encode())
    return Shown(str(bundle.path), len(bundle.paths), listed.hexdigest() if digests else None)


def _unpinned(coordinator: str | None, witness: str | None) -> str:
    if coordinator is None and witness is None:
        return "that the ledger's keys are the member's: they are what the bundle says; compare them with the member"
    names = [] if coordinator is None else [f"coordinator {coordinator[:_SHOWN]}…"]
    names += [] if witness is None else [f"witness {witness.partition('+')[2][:_SHOWN]}…"]
    return (
        f"that the keys are the network's: they are what the bundle says ({', '.join(names)}; whole: --json); compare "
        "them with NPU, or join it as its auditor (kudos-audit join)"
    )
