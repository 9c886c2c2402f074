"""What an audit finds, and the verdict over it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from privacy.audit.codes import CODES, Severity


class Verdict(StrEnum):
    """The first word of a report."""

    SOUND = "SOUND"
    VIOLATION = "VIOLATION"
    CANNOT_TELL = "CANNOT TELL"

    @property
    def exit_status(self) -> int:
        """What a command ends with: 0 sound, 3 a violation found, 1 could not tell."""
        return {Verdict.SOUND: 0, Verdict.VIOLATION: 3, Verdict.CANNOT_TELL: 1}[self]


@dataclass(frozen=True)
class Finding:
    """Something that was found.

    `code` is stable and stands in `codes.CODES`, which has its severity. `subject` is a member's id, a round's name or
    empty; `entry` one of the member's ledger. `file` and `line` (from 1) are the evidence, inside the bundle.
    `sentence` is for people.
    """

    code: str
    sentence: str
    subject: str = ""
    entry: int | None = None
    file: str = ""
    line: int | None = None

    @property
    def severity(self) -> Severity:
        """Whether it is a violation, something that cannot be told, or worth a note."""
        return CODES[self.code].severity

    @property
    def evidence(self) -> str:
        """The place in the bundle, such as `public/ledgers/x/leaves.jsonl line 17`."""
        return self.file if self.line is None else f"{self.file} line {self.line}"

    def __str__(self) -> str:
        """One line: whose, which entry, what, and where it stands."""
        entry = "" if self.entry is None else f", entry {self.entry}"
        whose = f"{self.subject}{entry}: " if self.subject else ""
        evidence = f" Evidence: {self.evidence}" if self.file else ""
        return f"{whose}{self.sentence}{evidence}"


def verdict(findings: Iterable[Finding]) -> Verdict:
    """VIOLATION where there is one, else CANNOT TELL where something could not be told, else SOUND."""
    severities = {each.severity for each in findings}
    if Severity.VIOLATION in severities:
        return Verdict.VIOLATION
    return Verdict.CANNOT_TELL if Severity.DOUBT in severities else Verdict.SOUND


def of_severity(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """The findings of one severity, in order."""
    return tuple(each for each in findings if each.severity is severity)
