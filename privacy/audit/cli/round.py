"""kudos-audit round: one round with its benchmark."""

from pathlib import Path

import click

from privacy.audit.cli import output, telling
from privacy.audit.cli.network import releases_option, report_option


@click.command()
@output.bundle_argument
@click.argument("name", metavar="[ROUND]", required=False)
@releases_option
@report_option
@output.study_option
@output.common
def command(
    bundle: Path, name: str | None, releases: Path | None, report: Path | None, studies: tuple[str, ...]
) -> int:
    """Verify one round in BUNDLE: its announcement, its members' ledgers and releases, every version of its benchmark.

    \b
    Example:  kudos-audit round npu-2025 year-2025

    Without ROUND it is the one that BUNDLE has; where there are several, they are listed.
    """
    from contextlib import ExitStack

    from privacy.audit.errors import UsageError
    from privacy.audit.network import audit_network
    from privacy.audit.paths import rounds_in
    from privacy.audit.reading import open_bundle
    from privacy.audit.round_line import of_round

    with ExitStack() as closing:
        opened = closing.enter_context(open_bundle(bundle))
        restricted = None if releases is None else closing.enter_context(open_bundle(releases))
        names = rounds_in(opened.paths)
        if name is None and len(names) != 1:
            raise UsageError(f"Say which round: {', '.join(names) or 'the bundle has none'}.")
        found = audit_network(
            opened,
            restricted,
            only_round=name or names[0],
            given=telling.studies_of(studies),
            pinned=telling.pinned(),
        )
        grounds = telling.grounds_of((opened, restricted), report)
    return telling.tell(found, grounds, report, of_round(found))
