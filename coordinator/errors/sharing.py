"""Refusals about what members tell each other: texts and self-assessments."""

from coordinator.errors.base import RefusedCall


class BadInsight(RefusedCall):
    """Bytes that are no text signed by the member's key."""

    reason = "BAD_INSIGHT"
    code = "INVALID_ARGUMENT"


class UnknownInsight(RefusedCall):
    """There is no such text, or none of the caller's own."""

    reason = "UNKNOWN_INSIGHT"
    code = "NOT_FOUND"
    exit_status = 2


class NotInCohort(RefusedCall):
    """A text for a cohort that the caller is not in, or that the benchmark does not publish."""

    reason = "NOT_IN_COHORT"
    code = "PERMISSION_DENIED"


class TooOften(RefusedCall):
    """More texts, or self-assessments, than one member may share."""

    reason = "TOO_OFTEN"
    code = "RESOURCE_EXHAUSTED"


class BadAssessment(RefusedCall):
    """Bytes that are no self-assessment signed by the member's key."""

    reason = "BAD_ASSESSMENT"
    code = "INVALID_ARGUMENT"
