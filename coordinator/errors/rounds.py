"""Rounds, the releases that answer them, and what is published of these."""

from coordinator.errors.base import RefusedCall


class UnknownRound(RefusedCall):
    """There is no round of that name, or none for the caller to see."""

    reason = "UNKNOWN_ROUND"
    code = "NOT_FOUND"
    exit_status = 2


class RoundExists(RefusedCall):
    """There is a round of that name, or one for the same window that is not over."""

    reason = "ROUND_EXISTS"
    code = "ALREADY_EXISTS"
    exit_status = 3


class TooFewMembers(RefusedCall):
    """Fewer members, or fewer releases, than the round needs."""

    reason = "TOO_FEW_MEMBERS"
    exit_status = 3


class NotInRoster(RefusedCall):
    """The round does not ask the caller."""

    reason = "NOT_IN_ROSTER"
    code = "PERMISSION_DENIED"


class RoundClosed(RefusedCall):
    """The round takes nothing any more."""

    reason = "ROUND_CLOSED"


class StaleStage(RefusedCall):
    """The round's state does not allow this step."""

    reason = "STALE_STAGE"
    exit_status = 3


class BadRelease(RefusedCall):
    """Bytes that are no release signed by the member's key."""

    reason = "BAD_RELEASE"
    code = "INVALID_ARGUMENT"


class WrongStudy(RefusedCall):
    """A release of another study, or what only a round of cross-use has."""

    reason = "WRONG_STUDY"
    code = "INVALID_ARGUMENT"
    exit_status = 2


class WrongLayout(RefusedCall):
    """A release with other cells than the study has."""

    reason = "WRONG_LAYOUT"
    code = "INVALID_ARGUMENT"


class WrongWindow(RefusedCall):
    """A release over another window."""

    reason = "WRONG_WINDOW"
    code = "INVALID_ARGUMENT"


class AbsurdValue(RefusedCall):
    """A figure that no institution and no noise can have."""

    reason = "ABSURD_VALUE"
    code = "INVALID_ARGUMENT"


class SubmissionDiffers(RefusedCall):
    """The member has answered the round already, with something else."""

    reason = "SUBMISSION_DIFFERS"
    code = "ALREADY_EXISTS"


class UnknownBenchmark(RefusedCall):
    """No benchmark of that round and version is published."""

    reason = "UNKNOWN_BENCHMARK"
    code = "NOT_FOUND"
    exit_status = 2


class TooManyRounds(RefusedCall):
    """As many rounds as members can be asked for at once are under way."""

    reason = "TOO_MANY_ROUNDS"
    code = "RESOURCE_EXHAUSTED"
