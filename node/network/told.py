"""What the coordinator last said of a round: where it stands, and why it was aborted.

For people to read. No decision about a release rests on it: for that the coordinator is asked anew each time.
"""

from dataclasses import dataclass

from privacy.rounds import states

LIVE, ABORTED, STATES = states.LIVE, states.State.ABORTED, frozenset(states.State)
LONGEST_REASON = states.LONGEST_REASON


@dataclass(frozen=True)
class Told:
    """A round's state by the coordinator's word; `reason` is why it was aborted, None where nothing can be shown."""

    state: str
    reason: str | None

    @property
    def live(self) -> bool:
        """Whether the round takes releases."""
        return self.state in LIVE

    def ended(self, network: str) -> str:
        """How an aborted round ended, in words: by whom, and why, in the coordinator's own words in quotation marks."""
        why = f': "{self.reason.strip().rstrip(".")}"' if self.reason else ", without a reason that can be shown"
        return f"aborted by {network}{why}"


def checked(state: object, reason: object) -> Told | None:
    """What may be kept and shown of the coordinator's word, which may be a lie; None for a state that there is not.

    A reason that is too long, or that has characters which steer a terminal or cannot be seen, is left out whole.
    """
    if not isinstance(state, str) or state not in STATES:
        return None
    shown = isinstance(reason, str) and len(reason) <= LONGEST_REASON and reason.isprintable() and reason.strip()
    return Told(state, str(reason) if shown and state == ABORTED else None)
