"""kudos-node backup: the whole node in one encrypted file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from privacy.terminal import passphrase

if TYPE_CHECKING:
    from node.backup.make import Held

_SHOWN = 10
"""Of what was left out; --json has all of it."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", is_flag=True, help="Read a backup through instead, and say what it holds.")
@click.option("--without-store", is_flag=True, help="Leave out what was imported: it can be imported again.")
@passphrase.option
@output.common
def command(file: Path, verify: bool, without_store: bool, passphrase_file: Path | None) -> None:
    """Write settings, policy, keys, ledger and store into FILE, encrypted; the agent may go on meanwhile.

    \b
    Example:  kudos-node backup /backup/kudos-2026-01-31.kudos-backup
              kudos-node backup --verify /backup/kudos-2026-01-31.kudos-backup

    The file is read through after it was written. It holds keys and customers' data: keep the passphrase elsewhere. To
    use it: kudos-node restore FILE
    """
    from node.backup.make import back_up
    from node.backup.restore import look

    said = passphrase.asked(passphrase_file, new=not verify)
    held = (
        look(file, said)
        if verify
        else back_up(output.state.home, file, said, datetime.now(UTC), with_store=not without_store)
    )
    if output.state.as_json:
        output.emit(shown(file, held))
        return
    output.say(
        f"{'Whole' if verify else 'Written and read through'}: {file} ({output.count(file.stat().st_size)} bytes)"
    )
    tell(held)
    if held.left_out and not verify:
        output.prose(
            "A backup takes no links, and only files whose names have the letters a to z, digits, dots, _ and - alone, "
            "four folders deep at the most. Rename what you need of these, and move the rest out of the folder."
        )


def tell(held: "Held") -> None:
    """What a backup holds, for people."""
    header = held.manifest.header
    output.say(f"  {held.member}, made {header.made} by Kudos {header.program}")
    output.say(f"  the ledger's {output.things(held.entries, 'entry', 'entries')}, the last of {held.last}")
    output.say(f"  what was imported is {'in it' if held.store else 'not in it: import the exports again'}")
    if held.left_out:
        names = ", ".join(map(repr, held.left_out[:_SHOWN]))
        more = len(held.left_out) - _SHOWN
        output.say(f"  left out: {names}{f' and {more} more' if more > 0 else ''}")


def shown(file: Path, held: "Held") -> dict[str, object]:
    """What a backup holds, for programs."""
    header = held.manifest.header
    return {
        "path": str(file),
        "bytes": file.stat().st_size,
        "made": header.made,
        "program": header.program,
        "member": held.member,
        "entries": held.entries,
        "last_entry": held.last,
        "network": held.network,
        "store": held.store,
        "left_out": list(held.left_out),
    }
