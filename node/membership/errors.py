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
    """The coordinator says no. `reason` is its own stable code."""

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


class NoBenchmark(NodeError):
    """There is no benchmark of that round yet."""

    reason = "NO_BENCHMARK"
