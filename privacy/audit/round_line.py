"""A round in a line: for which months, who has released, and what was published."""

from privacy.audit.benchmarks_check import CheckedBenchmark
from privacy.audit.codes import Severity
from privacy.audit.network import Report
from privacy.audit.rounds_check import CheckedRound
from privacy.terminal.wording import count, things


def of_round(report: Report) -> str:
    """The line of the one round that a report is of."""
    (checked,) = report.rounds
    asked = checked.announcement
    parts = [checked.name]
    if asked is not None:
        parts += [f"{asked.window.first}/{asked.window.last}", _released(report, checked.name, len(asked.roster))]
    if checked.held.sketches:
        members = checked.held.market.members if checked.held.market is not None else ()
        sketched = things(len(checked.held.sketches), "sketch", "sketches")
        parts.append(f"{sketched}, {len(members)} in its market")
    parts += [_version(each) for each in sorted(report.benchmarks, key=lambda one: one.version)]
    if not any(each.benchmark is not None for each in report.benchmarks):
        parts.append(_unpublished(checked))
    return " · ".join(parts)


def _released(report: Report, name: str, asked: int) -> str:
    if report.releases is None:
        return f"{things(asked, 'member')} asked"
    held = [each for one in report.releases for each in one.releases if each.round == name]
    late = sum(found.code == "RELEASE_LATE" for found in report.findings)
    return f"{len({each.member for each in held})} of {asked} released" + (f", {late} late" if late else "")


def _version(each: CheckedBenchmark) -> str:
    wrong = sum(found.severity is Severity.VIOLATION for found in each.findings)
    said = "cannot be read" if each.benchmark is None else "not computed again"
    if each.benchmark is None and each.findings and each.findings[0].code == "BENCHMARK_MISSING":
        return f"version {each.version}: missing"
    if each.figures is not None:
        said = f"{count(each.figures)} figures, " + (things(wrong, "violation") if wrong else "all equal")
    return f"version {each.version}: {said}"


def _unpublished(checked: CheckedRound) -> str:
    record = checked.record
    if record is None:
        return "nothing published"
    ends = f" until {record.deadline:%Y-%m-%d %H:%M} UTC" if record.ended is None else ""
    why = "" if record.reason is None else f" ({record.reason})"
    return f"{record.state}{ends}{why}, not published" + (" yet" if record.state != "aborted" else "")
