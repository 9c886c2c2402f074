"""kudos-audit watch: what is shown now against what was shown before."""

from pathlib import Path

import click

from privacy.audit.cli import output, telling


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@output.common
def command(bundle: Path | None) -> int:
    """Compare BUNDLE with what you saw at earlier visits, and keep the newest checkpoints.

    \b
    Example:  kudos-audit watch npu-2026-04
    By cron:  kudos-audit watch

    Without BUNDLE a new one is taken from the coordinator and thrown away afterwards. A ledger that is shorter than it
    was, another one than it was, or gone; an announcement or a benchmark that changed; a release that vanished: all are
    violations. This finds what no single bundle can show: two ledgers shown to two parties. The verdict is the worse of
    that and the bundle's own, and of a bundle in violation nothing is kept. Of a bundle that a node made, what it has
    is compared, and the rest stays as you saw it.
    """
    import tempfile
    from datetime import UTC, datetime

    from privacy.audit import as_json
    from privacy.audit.codes import Severity
    from privacy.audit.joined import Home
    from privacy.audit.network import audit_network
    from privacy.audit.reading import open_bundle
    from privacy.audit.verdict import of_severity, verdict
    from privacy.audit.watching import visit

    home, fetched = Home(output.state.home), bundle is None
    with tempfile.TemporaryDirectory() as folder:
        if bundle is None:
            from privacy.audit.online import export

            bundle = export(home, Path(folder) / "bundle.tar", datetime.now(UTC)).path
        with open_bundle(bundle) as opened:
            report = audit_network(opened, pinned=telling.pinned(fetched=fetched))
            found = visit(home.seen, opened, report, fetched=fetched)
    answer = verdict((*report.findings, *found.findings))
    if output.state.as_json:
        output.emit(
            {
                "verdict": str(answer),
                "network": report.trust_domain,
                "first_visit": found.first,
                "kept": found.kept,
                "ledgers": found.ledgers,
                "entries": found.entries,
                "findings": [as_json.finding(each) for each in found.findings],
                "audit": str(report.verdict),
            }
        )
        return answer.exit_status
    what = "first visit: nothing to compare with" if found.first else "all that was seen before is there unchanged"
    if not (found.first or found.whole):
        what = "a node's bundle: what it has of what was seen before is unchanged"
    if of_severity(found.findings, Severity.VIOLATION):
        what = "not what was seen before; what you kept then stays in place as evidence"
    elif not found.kept:
        what += "; nothing of it is kept, for it is in violation by itself"
    output.say(
        f"{answer}   {output.things(found.ledgers, 'ledger')} · "
        f"{output.things(found.entries, 'entry', 'entries')}   {what}"
    )
    for each in found.findings:
        whose = f"{report.name(each.subject)}: " if each.subject else ""
        output.prose(f"  {telling.WORDS[each.severity]}   {whose}{each.sentence} [{each.code}]")
    more = "to look: kudos-audit export --out BUNDLE, then network" if fetched else f"kudos-audit network {bundle}"
    output.say(f"  the bundle by itself: {report.verdict} ({more})")
    return answer.exit_status
