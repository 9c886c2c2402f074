"""A report for people: the verdict first, then the years, then what nobody can check from outside."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from privacy.audit.cli import output
from privacy.audit.cli.output import count, things
from privacy.audit.codes import Severity
from privacy.audit.costs import two

if TYPE_CHECKING:
    from privacy.audit.grounds import Grounds
    from privacy.audit.network import Report
    from privacy.audit.reading import Bundle
    from privacy.audit.verdict import Finding
    from privacy.audit.whole_check import Pinned
    from privacy.audit.years import Year
    from privacy.studies.shelf import AnyStudy

_SHOWN = 20
"""Findings of one severity that are told; --json and --report have all."""


WORDS = {Severity.VIOLATION: "VIOLATION", Severity.DOUBT: "CANNOT TELL", Severity.NOTE: "note"}
"""What a finding begins with, the worst first."""


def tell(report: "Report", grounds: "Grounds", file: Path | None, line: str = "") -> int:
    """Prints a report, after it has written the one in HTML where a file is given; the exit status that goes with it.

    `line` is about what the report is of, and follows its head.
    """
    _write(report, grounds, file)
    if output.state.as_json:
        from privacy.audit import as_json

        output.emit(as_json.report(report, grounds))
        return report.verdict.exit_status
    _head(report)
    if line:
        output.prose(f"  {line}")
    findings(report)
    output.say()
    _years(report)
    _customers(report)
    _unseen(grounds)
    if file is not None:
        output.say(f"The report stands in {file}; a browser prints it.")
    return report.verdict.exit_status


def _head(report: "Report") -> None:
    years = [each for account in report.accounts for each in account.years]
    parts = [things(len(report.ledgers), "member"), things(len(years), "ledger-year")]
    if report.releases is not None:
        parts.append(things(sum(len(each.releases) for each in report.releases), "release"))
    if report.sketches:
        parts.append(things(report.sketches, "sealed sketch", "sealed sketches"))
    if report.benchmarks:
        equal = "" if report.releases is None else f" ({things(report.figures, 'figure')} recomputed)"
        parts.append(things(len(report.benchmarks), "benchmark") + equal)
    output.say(f"{report.verdict}   {' · '.join(parts)}   {report.trust_domain}, as of {output.utc(report.made)}")
    highest = max(years, key=lambda each: each.highest.micro, default=None)
    if highest is not None and highest.cap is not None and highest.highest.micro:
        other = "none" if highest.second is None else f"{highest.second:.2f}"
        output.say(
            f"  highest spending: {report.name(highest.member)}, ε {two(highest.highest)} of {two(highest.cap)} "
            f"in twelve months (second accountant: {other})"
        )


def findings(report: "Report") -> None:
    """What was found, the worst first."""
    from privacy.audit.verdict import of_severity

    for severity, word in WORDS.items():
        _listed(of_severity(report.findings, severity), word, report)


def _listed(found: Sequence["Finding"], word: str, report: "Report") -> None:
    for each in found[:_SHOWN]:
        entry = "" if each.entry is None else f", entry {each.entry}"
        whose = f"{report.name(each.subject)}{entry}: " if each.subject else ""
        output.prose(f"  {word}   {whose}{each.sentence} [{each.code}]")
        if each.file:
            output.say(f"      evidence: {each.evidence}")
    if len(found) > _SHOWN:
        output.say(f"  and {things(len(found) - _SHOWN, 'more finding')} like these; all of them: --json")


def _years(report: "Report") -> None:
    rows = [row for account in report.accounts for year in account.years for row in _rows(report, year)]
    if rows:
        columns = ["member", "year", "study", "ε spent>", "12 months>", "second>", "cap>", "remaining>", "lifetime>"]
        output.table(columns, rows)
        output.prose(
            "ε: how much releases may give away about any one customer, whatever else is known; smaller is safer. "
            "ε spent: what the releases of the calendar year add up to. 12 months: the most that any twelve months "
            "ending in it came to, which is what the cap holds for; second: the same by a second, independent "
            "accountant, which must never find more. remaining: of the cap, at the end of the year or when the bundle "
            "was made. lifetime: everything since the ledger began."
        )


def _rows(report: "Report", year: "Year") -> Iterable[list[str]]:
    studies = ", ".join(f"{each.study} × {each.releases}" for each in year.studies) or "–"
    yield [
        report.name(year.member),
        str(year.year),
        studies,
        two(year.epsilon),
        two(year.highest),
        "–" if year.second is None else f"{year.second:.2f}",
        "–" if year.cap is None else two(year.cap),
        "–" if year.remaining is None else two(year.remaining),
        two(year.lifetime),
    ]


def _customers(report: "Report") -> None:
    from privacy.audit.as_json import customer_of
    from privacy.budget.amounts import Epsilon

    found = customer_of(report.accounts)
    if len(found) > 1:
        output.say()
        output.prose("Each member protects its own customers. For a customer of the members that spent most, in their ")
        output.prose("most expensive twelve months, it comes to:")
        output.table([f"{number} member{'s' if number != '1' else ''}>" for number in found], [
            [f"ε {two(Epsilon.parse(amount))}" for amount in found.values()]
        ])  # fmt: skip


def _unseen(grounds: "Grounds") -> None:
    output.say()
    output.say("Not checkable from outside (docs/audit.md):")
    for each in grounds.not_checkable:
        output.prose(f"  {each}")


def studies_of(files: tuple[str, ...]) -> "list[AnyStudy]":
    """The studies in these files. Raises UnknownStudy, BadStudy."""
    from privacy.studies.shelf import find

    return [find(file) for file in files]


def pinned(*, fetched: bool = False) -> "Pinned | None":
    """The keys that joining gave the auditor; None where it has joined nothing.

    `fetched`: for a bundle that came from that network's coordinator just now.
    """
    from privacy.audit.certificates_check import fingerprint
    from privacy.audit.errors import AuditError
    from privacy.audit.joined import Home
    from privacy.audit.whole_check import Pinned

    home = Home(output.state.home)
    if not home.membership_file.exists():
        return None
    known = home.membership()
    try:
        authority = fingerprint(home.authority.read_bytes())
    except (OSError, ValueError) as error:
        raise AuditError(
            f"{home.authority} cannot be read, and it says who may issue certificates. Restore it from your backup."
        ) from error
    return Pinned(known.trust_domain, known.coordinator_key, known.witness, authority, fetched)


def grounds_of(bundles: "Iterable[Bundle | None]", file: Path | None) -> "Grounds":
    """What a report on these bundles rests on; their digests where it is for a file or a program."""
    from datetime import UTC, datetime

    from privacy.audit.grounds import grounds

    read = [each for each in bundles if each is not None]
    wanted = file is not None or output.state.as_json
    return grounds(read, pinned(), datetime.now(UTC).replace(microsecond=0), digests=wanted)


def _write(report: "Report", grounds: "Grounds", file: Path | None) -> None:
    """The report as HTML, where a file was asked for: first of all, for a reader of what is printed may go away."""
    if file is None:
        return
    from privacy.audit.report_html import render

    file.write_text(render(report, grounds), encoding="utf-8")


__all__ = ["count", "findings", "grounds_of", "pinned", "studies_of", "tell", "two"]
