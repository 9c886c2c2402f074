"""kudos-coordinator backup: the whole coordinator in one encrypted file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coordinator.cli import output
from privacy.terminal import passphrase

if TYPE_CHECKING:
    from coordinator.backup.make import Held


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", is_flag=True, help="Read a backup through instead, and say what it holds.")
@passphrase.option
@output.common
def command(file: Path, verify: bool, passphrase_file: Path | None) -> None:
    """Write settings, keys and store into FILE, encrypted; the server may go on meanwhile.

    \b
    Example:  kudos-coordinator backup /backup/kudos-2026-01-31.kudos-backup --passphrase-file /etc/kudos/passphrase
              kudos-coordinator backup --verify /backup/kudos-2026-01-31.kudos-backup

    The file is read through after it was written. It holds the authority's key: keep the passphrase elsewhere. The
    server's own TLS key is not in it, and is made anew. To use it: kudos-coordinator restore FILE
    """
    from coordinator.backup.make import back_up
    from coordinator.backup.restore import look

    said = passphrase.asked(passphrase_file, new=not verify)
    held = look(file, said) if verify else back_up(output.state.home, file, said, datetime.now(UTC))
    if output.state.as_json:
        output.emit(shown(file, held))
        return
    output.say(
        f"{'Whole' if verify else 'Written and read through'}: {file} ({output.count(file.stat().st_size)} bytes)"
    )
    tell(held)


def tell(held: "Held") -> None:
    """What a backup holds, for people."""
    header = held.manifest.header
    output.say(f"  made {header.made} by Kudos {header.program}, tables of version {held.schema}")
    counts = (
        (name, held.rows.get(name, 0)) for name in ("members", "rounds", "submissions", "benchmarks", "ledger_leaves")
    )
    output.say("  " + ", ".join(f"{name.replace('_', ' ')} {output.count(number)}" for name, number in counts))
    if held.newest is not None:
        output.say(f"  the last that had happened: {held.newest:%Y-%m-%d %H:%M} UTC")


def shown(file: Path, held: "Held") -> dict[str, object]:
    """What a backup holds, for programs."""
    header = held.manifest.header
    return {
        "path": str(file),
        "bytes": file.stat().st_size,
        "made": header.made,
        "program": header.program,
        "schema": int(held.schema),
        "rows": held.rows,
        "newest": None if held.newest is None else output.json_time(held.newest),
    }
