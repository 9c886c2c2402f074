"""kudos-audit export: a bundle from the coordinator."""

from pathlib import Path

import click

from privacy.audit.cli import output


@click.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder to make, or a file that ends in .tar."
)
@click.option("--public", is_flag=True, help="Without the releases, which hold each member's blurred figures.")
@output.common
def command(out: Path, public: bool) -> None:
    """Take everything along that the coordinator has, as plain files.

    \b
    Example:  kudos-audit export --out npu-2026-04
              kudos-audit network npu-2026-04

    Needs `kudos-audit join` first. The bundle is what the coordinator says: the other commands verify it, on any
    machine, offline.
    """
    from datetime import UTC, datetime

    from privacy.audit.joined import Home
    from privacy.audit.online import export

    written = export(Home(output.state.home), out, datetime.now(UTC), restricted=not public)
    if output.state.as_json:
        output.emit(
            {"path": str(written.path), "files": written.files, "bytes": written.bytes, "restricted": not public}
        )
        return
    output.say(f"{written.path} has {output.things(written.files, 'file')}, {output.count(written.bytes)} bytes.")
    if not public:
        output.say("  restricted/ holds members' blurred figures: keep it as you keep what they confide to you")
    output.say(f"Next: kudos-audit network {written.path}")
