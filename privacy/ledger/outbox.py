"""The door of the ledger: the bytes of a release leave it once they are paid for and witnessed, and not before."""

from privacy.errors import Refused
from privacy.ledger.contents import Contents, StoredRelease


class NotWitnessed(Refused):
    """The witness has not cosigned the entry that booked a release: nobody may see its bytes yet."""

    reason = "NOT_WITNESSED"


class ReleaseLost(Refused):
    """The bytes of a release are lost. It is paid for, and is never drawn anew."""

    reason = "RELEASE_LOST"


def state(contents: Contents, stored: StoredRelease) -> str:
    """How a release stands: `booked`, `witnessed` once the witness has cosigned its entry, or `lost`.

    In a ledger that had no witness when it was booked, and has none now, a release stays `booked`.
    """
    if stored.envelope is None:
        return "lost"
    return "witnessed" if contents.covers(stored.seq) else "booked"


def may_leave(contents: Contents, stored: StoredRelease) -> bool:
    """Whether the bytes are there, and the witness's cosignature covers their entry where the ledger has a witness."""
    return stored.envelope is not None and (contents.witness is None or contents.covers(stored.seq))


def ready(contents: Contents, stored: StoredRelease) -> bytes:
    """The bytes of a release, for whoever is to have them.

    Where the ledger has a witness, its cosignature covers the entry that booked them: otherwise a ledger restored from
    a backup could show new noise for the same figures. Raises `NotWitnessed`, `ReleaseLost`.
    """
    if stored.envelope is None:
        raise lost(stored)
    if not may_leave(contents, stored):
        raise NotWitnessed(
            f"The release of entry {stored.seq} is booked, and its bytes leave once the coordinator has cosigned the "
            "entry. Nothing is lost, and nothing more is spent: try again when the coordinator can be reached."
        )
    return stored.envelope


def lost(stored: StoredRelease) -> ReleaseLost:
    """What to say of a release whose bytes nobody has any more."""
    return ReleaseLost(
        f"The bytes of the release that entry {stored.seq} booked were lost with a copy of this ledger. They are paid "
        "for, and are never drawn anew: two draws together would tell more than was paid for. Decline the round; "
        "rounds over other months are not touched by this."
    )
