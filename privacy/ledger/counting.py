"""From when on what a ledger has spent counts towards the caps: by its own clock and by its witness's.

An entry is dated when it is booked, and cosigned when the witness can be reached: hours or days later, by another
clock. Whoever verifies the caps does so by both times. So what was spent counts for twelve months from the later of
the two: no cap that held when it was asked can be found exceeded afterwards.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from privacy.budget.amounts import Spend
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import WitnessAdopted

APART = timedelta(minutes=10)
"""How far the clocks of a node and its witness may be apart when an entry is cosigned."""


@dataclass(frozen=True)
class Counted:
    """A cost, and the time that it counts from, UTC."""

    time: datetime
    cost: Spend


def counted(contents: Contents, now: datetime) -> Sequence[Counted]:
    """What each entry spent, from when it counts, in the ledger's order; nothing counts before what stands above it.

    What no checkpoint covers yet is cosigned at `now` at the earliest. Of what was booked before the ledger had a
    witness the entries' own dates are all that is known.
    """
    found: list[Counted] = []
    sizes = [each.size for each in contents.checkpoints]
    has_witness = False
    for seq, entry in enumerate(contents.entries):
        has_witness = has_witness or isinstance(entry, WitnessAdopted)
        time = entry.time
        if has_witness:
            at = bisect_right(sizes, seq)
            time = max(time, (contents.checkpoints[at].time if at < len(sizes) else now) + APART)
        found.append(Counted(max(time, found[-1].time) if found else time, entry.cost))
    return found
