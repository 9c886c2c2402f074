"""Whether this ledger is an older copy of one that was cosigned further: by what the folder shows, asking nobody."""

from node.home import Home
from privacy.errors import KudosError
from privacy.ledger.checkpoint import parse_text
from privacy.ledger.contents import Contents
from privacy.ledger.note import parse


def seen_further(home: Home, contents: Contents) -> int | None:
    """How many entries of this ledger are known to be cosigned, where that is more than it has, or others; else None.

    By the note beside the ledger alone, without asking anybody: a ledger that was put back from a backup.
    """
    try:
        known = parse_text(parse(home.cosigned_file.read_bytes()).text)
    except (OSError, KudosError):
        return None
    if known.origin != contents.opened.origin:
        return None
    further = known.size > len(contents.entries) or known.root != contents.root(known.size)
    return known.size if further else None
