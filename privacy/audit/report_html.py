"""The report as one HTML file that prints: no script, nothing from elsewhere."""

from importlib import resources

from jinja2 import Environment, StrictUndefined

from privacy.audit.as_json import customer_of
from privacy.audit.codes import CODES, Severity
from privacy.audit.costs import two
from privacy.audit.grounds import Grounds
from privacy.audit.network import Report
from privacy.audit.verdict import Verdict, of_severity
from privacy.audit.years import Year
from privacy.budget.amounts import Epsilon
from privacy.terminal.wording import count, things

_WORDS = {
    Severity.VIOLATION: "Violations",
    Severity.DOUBT: "What could not be told",
    Severity.NOTE: "Notes",
}


_MEANINGS = {
    Verdict.SOUND: "Everything that files can show was checked, and agrees.",
    Verdict.VIOLATION: "Somebody did what the rules forbid, or the files contradict themselves.",
    Verdict.CANNOT_TELL: "No violation was found, but something that the verdict rests on could not be checked.",
}


def render(report: Report, grounds: Grounds) -> str:
    """The report of an audit, with what it rests on, as HTML.

    Every text in it is escaped: a member's name cannot change the page.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["two"] = _two
    environment.filters["count"], environment.filters["things"] = count, things
    environment.filters["up"] = lambda text: _two(Epsilon.parse(text))
    template = (resources.files("privacy.audit") / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        report=report,
        verdict=str(report.verdict),
        meaning=_MEANINGS[report.verdict],
        years=[year for account in report.accounts for year in account.years],
        groups=[(word, of_severity(report.findings, severity)) for severity, word in _WORDS.items()],
        codes=CODES,
        customers=customer_of(report.accounts),
        grounds=grounds,
        highest=_highest(report),
        releases=None if report.releases is None else sum(len(each.releases) for each in report.releases),
        unsent=None if report.releases is None else sum(len(each.unsent) for each in report.releases),
    )


def _highest(report: Report) -> Year | None:
    """The year with the dearest twelve months; None where nobody spent anything under a cap."""
    years = [year for account in report.accounts for year in account.years]
    found = max(years, key=lambda each: each.highest.micro, default=None)
    return None if found is None or found.cap is None or not found.highest.micro else found


def _two(amount: Epsilon | None) -> str:
    return "–" if amount is None else two(amount)
