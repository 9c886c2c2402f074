"""kudos-audit ledger: one ledger, or each of a bundle."""

from pathlib import Path

import click

from privacy.audit.cli import output, telling
from privacy.audit.cli.network import report_option


@click.command()
@output.bundle_argument
@click.option("--member", help="Only the ledger of this member, by id or name.")
@report_option
@output.study_option
@output.common
def command(bundle: Path, member: str | None, report: Path | None, studies: tuple[str, ...]) -> int:
    """Verify the ledgers in BUNDLE: entries, checkpoints, costs and caps.

    \b
    Example:  kudos-audit ledger npu.public --member fjordteatret

    Every leaf is read strictly and hashed into the tree; every checkpoint must be signed by the ledger's key and
    cosigned by its witness, over just these leaves; every cost is derived again from the noise, and every twelve months
    held against the policy of the time. That needs no release: who has the public bundle can do it.
    """
    from privacy.audit.cli.whose import member_of
    from privacy.audit.network import audit_ledgers
    from privacy.audit.reading import open_bundle

    with open_bundle(bundle) as opened:
        given = telling.studies_of(studies)
        found = audit_ledgers(opened, only=member_of(opened, member), given=given, pinned=telling.pinned())
        grounds = telling.grounds_of((opened,), report)
    return telling.tell(found, grounds, report)
