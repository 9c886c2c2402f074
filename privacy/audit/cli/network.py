"""kudos-audit network: everything in a bundle."""

import os
from pathlib import Path

import click

from privacy.audit.cli import output, telling

releases_option = click.option(
    "--releases",
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="The restricted bundle, where the releases are not in BUNDLE itself.",
)


def _writable(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """A file that can be written once all is read, which may take its time."""
    from privacy.audit.errors import UsageError

    if file is not None and not file.absolute().parent.is_dir():
        raise UsageError(f"The folder {file.parent} is not there, so that no report can be put in it. Make it first.")
    if file is not None and not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise UsageError(f"{file} cannot be written by your account. Name another place for the report.")
    return file


report_option = click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_writable,
    metavar="FILE.html",
    help="Also write a report to print.",
)


@click.command()
@output.bundle_argument
@releases_option
@report_option
@output.study_option
@output.common
def command(bundle: Path, releases: Path | None, report: Path | None, studies: tuple[str, ...]) -> int:
    """Verify a whole network: all members, all years, all benchmarks in BUNDLE.

    \b
    Example:  kudos-audit network npu-2025.public --releases npu-2025.restricted --report npu-2025.html

    Ledgers as `kudos-audit ledger` does; then releases against entries one to one, certificates, announcements, and
    every published figure computed again with its error and its suppression. Without the releases, which are for
    auditors alone, the verdict cannot be SOUND: it says what it could not tell, and checks all the rest.
    """
    from contextlib import ExitStack

    from privacy.audit.network import audit_network
    from privacy.audit.reading import open_bundle

    with ExitStack() as closing:
        opened = closing.enter_context(open_bundle(bundle))
        restricted = None if releases is None else closing.enter_context(open_bundle(releases))
        given = telling.studies_of(studies)
        found = audit_network(opened, restricted, given=given, pinned=telling.pinned())
        grounds = telling.grounds_of((opened, restricted), report)
    return telling.tell(found, grounds, report)
