"""What encrypts a backup: a passphrase out of a file, or typed by somebody at a terminal and shown to nobody."""

import sys
from pathlib import Path

import click

from privacy.errors import KudosError

SHORTEST = 12


class NoPassphrase(KudosError):
    """A passphrase is needed, and there is none, or one that protects nothing."""

    reason = "NO_PASSPHRASE"
    exit_status = 2


option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the passphrase (default: it is asked for).",
)


def asked(file: Path | None, *, new: bool) -> str:
    """The passphrase; a new one is typed twice and has 12 characters at the least. Raises NoPassphrase."""
    if file is not None:
        found = _first_line(file)
    elif sys.stdin.isatty():
        found = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    else:
        raise NoPassphrase(
            "A backup needs a passphrase. Write one into a file that you alone can read: --passphrase-file FILE"
        )
    if not found or (new and len(found) < SHORTEST):
        raise NoPassphrase(
            f"A passphrase for a backup has {SHORTEST} characters at the least: five words drawn at random do well. "
            "Keep it elsewhere than the backup; without it nobody opens that."
        )
    return found


def _first_line(file: Path) -> str:
    try:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoPassphrase(f"{file} cannot be read as a text. Write the passphrase into its first line.") from error
