"""Whether this ledger is an older copy of one that was cosigned further: by what the folder shows, asking nobody."""

from node.home import Home
from node.membership.settings import joined, membership
from privacy.errors import KudosError
from privacy.ledger.checkpoint import verify_checkpoint
from privacy.ledger.contents import Contents
from privacy.ledger.note import Verifier


def seen_further(home: Home, contents: Contents) -> int | None:
    """How many entries of this ledger are known to be cosigned, where that is more than it has, or others; else None.

    By the note beside the ledger alone, without asking anybody: a ledger that was put back from a backup. A note that
    this ledger's key and its witness have not both signed counts for nothing.
    """
    witness = contents.witness or (membership(home).witness_key if joined(home) else None)
    if witness is None:
        return None
    try:
        known = verify_checkpoint(
            home.cosigned_file.read_bytes(),
            origin=contents.opened.origin,
            log_key=contents.verifier,
            witnesses=(Verifier.parse(witness),),
            quorum=1,
        ).checkpoint
    except (OSError, KudosError, ValueError):
        return None
    further = known.size > len(contents.entries) or known.root != contents.root(known.size)
    return known.size if further else None
