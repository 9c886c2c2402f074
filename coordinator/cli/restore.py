"""kudos-coordinator restore: a coordinator out of a backup."""

from pathlib import Path

import click

from coordinator.cli import output
from coordinator.cli.backup import shown, tell
from privacy.terminal import passphrase


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--store", help="A database's SQLAlchemy URL, or '' for a file in the folder (default: as it was).")
@passphrase.option
@output.common
def command(file: Path, store: str | None, passphrase_file: Path | None) -> None:
    """Make a coordinator of a backup, in a folder that holds none (--home), and an empty database.

    \b
    Example:  kudos-coordinator --home /srv/kudos restore kudos-2026-01-31.kudos-backup
              kudos-coordinator --home /srv/kudos restore FILE --store postgresql://kudos@db.example.no/kudos

    FILE is verified before anything is written. This is also how a store moves from SQLite to PostgreSQL. Stop the old
    coordinator first: two with different stores would tell members different things.
    """
    from coordinator.backup.restore import restore
    from coordinator.cli.secrets import check_no_password

    check_no_password(store)
    held = restore(output.state.home, file, passphrase.asked(passphrase_file, new=False), store)
    home = output.state.home.path
    if output.state.as_json:
        output.emit({"home": str(home)} | shown(file, held))
        return
    output.say(f"Restored into {home} (only you can read it).")
    tell(held)
    output.say(
        "What has happened since is not in it. Members' nodes bring their ledgers to date by themselves; releases"
    )
    output.say("that came since must be sent again (approving again costs members nothing), and a benchmark that was")
    output.say("published since must not be published in another form: nodes that have it say so.")
    output.say(f"Next: {output.voice.program} --home {home} serve")
