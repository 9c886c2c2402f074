"""kudos-node restore: a node out of a backup."""

from pathlib import Path

import click

from node.cli import output
from node.cli.backup import shown, tell
from privacy.terminal import passphrase


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@passphrase.option
@output.common
def command(file: Path, passphrase_file: Path | None) -> None:
    """Make a node of a backup, in a folder that is empty or not there yet (--home).

    \b
    Example:  kudos-node --home /srv/kudos restore kudos-2026-01-31.kudos-backup

    FILE is verified before anything is written. Then the coordinator is asked whether the ledger is the newest: an old
    one has forgotten what was spent, and may not spend before `kudos-node ledger recover` has brought it to date. Never
    let two copies of a node work.
    """
    from node.backup.restore import restore, standing

    home = output.state.home
    held = restore(home, file, passphrase.asked(passphrase_file, new=False))
    stands = standing(home)
    if output.state.as_json:
        told = {"may_spend": stands.may, "reason": stands.reason, "message": stands.says}
        output.emit({"home": str(home.path)} | shown(file, held) | told)
        return
    output.say(f"Restored into {home.path} (only you can read it).")
    tell(held)
    marks = {True: "✓ ", False: "✗ It may not spend. ", None: "! "}
    output.prose(f"{marks[stands.may]}{stands.says}")
    if stands.may is None and held.network:
        output.prose("Before anything is booked the coordinator is asked again, and an old ledger is refused.")
    output.say("See that all is well: kudos-node doctor")
