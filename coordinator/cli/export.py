"""kudos-coordinator export: what an auditor verifies, as files."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coordinator.cli import output

if TYPE_CHECKING:
    from privacy.audit.bundle import File


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder to be made, or a file whose name ends in .tar.",
)
@click.option("--restricted", is_flag=True, help="The members' releases too: each is one institution's own figures.")
@output.common
def command(out: Path, restricted: bool) -> None:
    """Write what an auditor verifies: every ledger with its checkpoints, every round and benchmark.

    \b
    Example:  kudos-coordinator export --out audit-2026
              kudos-audit network audit-2026

    The files are plain JSON lines and signed notes; docs/bundle.md describes each. All of it is public but for what
    --restricted adds: the releases, blurred, but one institution's each. With them an auditor computes every benchmark
    again. It is there whole or not at all, and replaces nothing.
    """
    from coordinator.errors import CoordinatorError, UsageError
    from coordinator.publish.export import files
    from privacy.audit.bundle import write

    if out.absolute().resolve().is_relative_to(output.state.home.path.resolve()):
        raise UsageError(f"{out} is in the coordinator's own folder. Name a place somewhere else.")
    with output.office() as office:
        try:
            written = write(_counted(files(office, datetime.now(UTC), restricted=restricted)), out)
        except OSError as error:
            raise CoordinatorError(f"{out} cannot be written ({error.strerror}). Nothing was left there.") from error
    if output.state.as_json:
        output.emit({"path": str(out), "files": written.files, "bytes": written.bytes, "restricted": restricted})
        return
    output.say(f"Written: {out} ({output.things(written.files, 'file')}, {output.count(written.bytes)} bytes)")
    if restricted:
        output.say(
            "It holds the members' own figures, blurred: give it to an auditor alone, and encrypt it on its way."
        )
    output.say(f"To verify it: kudos-audit network {out}")


def _counted(files: "Iterator[File]") -> "Iterator[File]":
    """The same, with the number of bytes on a terminal while it grows."""
    if not sys.stderr.isatty() or output.state.as_json:
        yield from files
        return
    from rich.console import Console

    size = 0
    with Console(stderr=True).status("Reading …") as status:
        for path, content in files:
            size += len(content)
            status.update(f"{size / 1e6:.1f} MB   {path}")
            yield path, content
