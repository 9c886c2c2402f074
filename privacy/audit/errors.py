"""What keeps an audit from being made. What an audit finds is no error: that is `verdict.Finding`."""

from privacy.errors import KudosError


class AuditError(KudosError):
    """Something in the way of an audit."""

    reason = "AUDIT_FAILED"


class UsageError(AuditError):
    """A command was given what it cannot use."""

    reason = "USAGE"
    exit_status = 2


class BadBundle(AuditError):
    """A bundle that cannot be read as docs/bundle.md says.

    `file` and `line` name the place inside the bundle; `what` says what is wrong there.
    """

    reason = "BAD_BUNDLE"

    def __init__(self, what: str, file: str = "", line: int | None = None) -> None:
        self.what, self.file, self.line = what, file, line
        place = "" if not file else f"{file}: " if line is None else f"{file}, line {line}: "
        super().__init__(f"{place}{what}. Export the bundle again, or get it again from where it came.")
