"""kudos-audit explain: an entry in words."""

from pathlib import Path

import click

from privacy.audit.cli import output, telling


@click.command()
@click.argument("entry", type=int)
@click.option("--bundle", required=True, type=click.Path(path_type=Path), help="The bundle that has the ledger.")
@click.option("--member", help="Whose ledger, by id or name; not needed where the bundle has one alone.")
@output.study_option
@output.common
def command(entry: int, bundle: Path, member: str | None, studies: tuple[str, ...]) -> int:
    """Say in words what ENTRY of a ledger is: what was released, how blurred, and what it cost whom.

    \b
    Example:  kudos-audit explain 17 --bundle npu-2026-04 --member fjordteatret

    Exit status as of `kudos-audit ledger`: what is wrong with the entry, or with the whole ledger, is said first.
    """
    from privacy.audit import as_json
    from privacy.audit.cli.whose import member_of
    from privacy.audit.codes import Severity
    from privacy.audit.errors import UsageError
    from privacy.audit.explain import explain
    from privacy.audit.network import audit_ledgers, known_studies
    from privacy.audit.reading import open_bundle
    from privacy.audit.rounds_check import check_rounds
    from privacy.audit.verdict import verdict
    from privacy.ledger.fields import format_time

    given = telling.studies_of(studies)
    with open_bundle(bundle) as opened:
        only = member_of(opened, member)
        report = audit_ledgers(opened, only=only, given=given, pinned=telling.pinned())
        known = known_studies(check_rounds(opened).values(), given)
    if len(report.ledgers) != 1:
        raise UsageError(f"Say whose ledger: --member, one of {', '.join(each.member for each in report.ledgers)}.")
    ledger = report.ledgers[0]
    found = explain(ledger, entry, known)
    wrong = [
        each
        for each in report.findings
        if each.entry == entry or (each.entry is None and each.severity is Severity.VIOLATION)
    ]
    if output.state.as_json:
        output.emit(
            {
                "member": ledger.member,
                "entry": entry,
                "type": found.entry.type,
                "time": format_time(found.entry.time),
                "sentences": list(found.sentences),
                "tables": [
                    {"table": each.table, "measure": each.measure, "cells": each.cells, "blurred_by": each.one}
                    for each in found.blurs
                ],
                "findings": [as_json.finding(each) for each in wrong],
            }
        )
        return verdict(wrong).exit_status
    output.say(f"{verdict(wrong)}   {report.name(ledger.member)}, entry {entry}")
    for each in wrong:
        whole = "" if each.entry is not None else "The whole ledger: " if each.subject else "The whole bundle: "
        output.prose(f"  {telling.WORDS[each.severity]}   {whole}{each.sentence} [{each.code}]")
        if each.file:
            output.say(f"      evidence: {each.evidence}")
    for sentence in found.sentences:
        output.prose(f"  {sentence}")
    if found.blurs:
        output.table(
            ["table", "measure", "figures>", "blurred by about>"],
            [(each.table, each.measure, output.count(each.cells), each.one) for each in found.blurs],
        )
        output.prose("Two chances in three that a figure is off by less than that, 19 in 20 by less than twice that.")
    return verdict(wrong).exit_status
