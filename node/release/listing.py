"""The releases that a ledger holds, each with what it cost."""

from dataclasses import dataclass

from privacy.budget.amounts import Spend
from privacy.ledger.contents import Contents, StoredRelease
from privacy.ledger.leaves import Spent
from privacy.ledger.outbox import state


@dataclass(frozen=True)
class Listed:
    """A stored release with the entry that booked it."""

    entry: Spent
    stored: StoredRelease
    state: str
    """`booked`, `witnessed` or `lost` (`privacy.ledger.outbox`)."""

    @property
    def cost(self) -> Spend:
        """What it cost."""
        return self.entry.cost


def listed(contents: Contents) -> tuple[Listed, ...]:
    """Every stored release, oldest first."""
    entries = {entry.seq: entry for entry in contents.entries if isinstance(entry, Spent)}
    return tuple(Listed(entries[stored.seq], stored, state(contents, stored)) for stored in contents.releases)
