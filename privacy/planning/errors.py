"""What `study plan` is asked and cannot answer."""

from privacy.errors import KudosError


class BadPlan(KudosError):
    """Sizes or amounts with which nothing can be planned."""

    reason = "BAD_PLAN"
    exit_status = 2
