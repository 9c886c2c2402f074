"""Asks whom a command is about: at a prompt, in a file or from standard input, never as a word of the command."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.errors import UsageError

if TYPE_CHECKING:
    from node.controller.people import Someone

file_option = click.option(
    "--file",
    "names",
    type=click.Path(path_type=Path),
    help="A file with one e-mail address or telephone number a line.",
)


def named(names: Path | None, *, numbers: bool = False) -> "list[Someone]":
    """The people that a command is about. Raises UsageError where nobody, or something else, was named."""
    from node.controller.people import people_of

    if names is not None:
        try:
            text = names.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{names} cannot be read. --file takes a text file in UTF-8.") from None
        return people_of(text.splitlines(), numbers=numbers)
    if not sys.stdin.isatty():
        return people_of(sys.stdin.read().splitlines(), numbers=numbers)
    what = "customer number" if numbers else "e-mail address or telephone number"
    output.complain(f"Whom? One {what} a line; an empty line ends.")
    lines = []
    while line := click.prompt("", prompt_suffix="> ", default="", show_default=False, err=True).strip():
        lines.append(line)
    return people_of(lines, numbers=numbers)


def sure(question: str, *, yes: bool) -> None:
    """Asks before what cannot be taken back. Raises UsageError where nobody can be asked and --yes was not said."""
    if yes:
        return
    if not sys.stdin.isatty() or output.state.as_json:
        raise UsageError(f"{question} Nobody can be asked here: say --yes to go on. Nothing was changed.")
    click.confirm(question, abort=True, err=True)
