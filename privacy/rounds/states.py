"""Where a round stands, and why it ended early, in the words that the coordinator writes and nodes read."""

from enum import StrEnum


class State(StrEnum):
    """Where a round stands."""

    OPEN = "open"
    COLLECTING = "collecting"
    CLOSED = "closed"
    PUBLISHED = "published"
    ABORTED = "aborted"


LIVE = frozenset({State.OPEN, State.COLLECTING})
"""The states in which a round takes answers."""

LONGEST_REASON = 500
"""Characters that say why a round was aborted: a coordinator sends no more, and nodes show none that is longer."""
