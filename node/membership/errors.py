"""What can go wrong between a node and its network."""

from node.errors import NodeError


class NotJoined(NodeError):
    """The node is in no network."""

    reason = "NOT_JOINED"


class JoinedAlready(NodeError):
    """The node is in a network."""

    reason = "JOINED_ALREADY"


class BadInvitation(NodeError):
    """A text that is no invitation."""

    reason = "BAD_INVITATION"
    exit_status = 2


class BadCertificate(NodeError):
    """The coordinator's answer holds no certificate that this node can use."""

    reason = "BAD_CERTIFICATE"


class NoConnection(NodeError):
    """The coordinator cannot be reached, or what answers is not it."""

    reason = "NO_CONNECTION"


class RefusedByCoordinator(NodeError):
    """The coordinator says no. `coordinator_reason` is its own stable code, and `code` the status that came with it."""

    reason = "REFUSED_BY_COORDINATOR"

    def __init__(self, reason: str, sentence: str, code: str) -> None:
        super().__init__(f"The coordinator refuses: {sentence} ({reason})")
        self.coordinator_reason = reason
        self.code = code


class NoSuchRound(NodeError):
    """There is no round of that name for this node."""

    reason = "NO_SUCH_ROUND"


class RosterRefused(NodeError):
    """The roster of a round is not one that this node takes part in."""

    reason = "ROSTER_REFUSED"
    exit_status = 3


class CoordinatorContradicts(NodeError):
    """What the coordinator says does not agree with what it said or signed before, or with itself."""

    reason = "COORDINATOR_CONTRADICTS"


class RoundOver(NodeError):
    """A round takes nothing any more."""

    reason = "ROUND_OVER"
    exit_status = 3


class RoundNotBegun(NodeError):
    """A round was opened at a time that has not come yet."""

    reason = "ROUND_NOT_BEGUN"
    exit_status = 3


class NoBenchmark(NodeError):
    """There is no benchmark of that round yet."""

    reason = "NO_BENCHMARK"


class LedgerBehind(NodeError):
    """The witness has cosigned more of this node's ledger than the node has: it was restored from a backup, or lost."""

    reason = "LEDGER_BEHIND"
    exit_status = 3

    def __init__(self, own: int, theirs: int) -> None:
        super().__init__(
            f"This node's ledger has {own} entries, and the coordinator has cosigned {theirs} of it: this is an old "
            "copy. Nothing is booked or sent with it, for it does not know what was spent since. To go on from what "
            "the coordinator has: kudos-node ledger recover"
        )


class LedgerForked(NodeError):
    """The witness has cosigned other entries than those that the node has."""

    reason = "LEDGER_FORKED"
    exit_status = 3

    def __init__(self, size: int) -> None:
        super().__init__(
            f"This node's ledger and the one that the coordinator has cosigned differ within their first {size} "
            "entries: two copies of it went different ways. Nothing is booked or sent. Find out whether another "
            "machine works with a copy of this folder, and stop it there. Then: kudos-node ledger recover"
        )


class ClockApart(NodeError):
    """The clocks of node and coordinator differ too much for an entry's time to be believed."""

    reason = "CLOCK_APART"
    exit_status = 3

    def __init__(self, minutes: float) -> None:
        ahead = "ahead of" if minutes > 0 else "behind"
        super().__init__(
            f"This machine's clock is {abs(minutes):.0f} minutes {ahead} the coordinator's. Nothing is booked: an "
            "entry with a wrong time could not be witnessed. Set the clock by a time server, then try again."
        )


class NothingToRecover(NodeError):
    """The ledger needs no recovery, or the witness has nothing to recover it from."""

    reason = "NOTHING_TO_RECOVER"
