"""Keeps docs/commands.md equal to what the programs' --help says, and checks the commands that the README shows."""

import re
import sys
from pathlib import Path

import click
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "commands.md"
INTRODUCTION = """# Commands

Made from the programs' own `--help` by `make readme`; `make check` compares.
"""


def pages(command: click.Command, name: str) -> list[str]:
    """A section for a command and for each of its own."""
    result = CliRunner().invoke(command, ["--help"], prog_name=name, terminal_width=100, max_content_width=100)
    if result.exit_code != 0:
        sys.exit(f"{name} --help fails")
    found = [f"## {name}\n\n```text\n{result.output.rstrip()}\n```\n"]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            inner = command.get_command(context, child)
            assert inner is not None  # noqa: S101  the group itself named it
            found += pages(inner, f"{name} {child}")
    return found


def shown_commands(text: str) -> set[str]:
    """The subcommands of kudos-node that a text shows in its code."""
    return set(
        re.findall(
            r"kudos-node (?:--home \S+ )?([a-z]+)",
            "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)),
        )
    )


def main() -> None:
    """Writes the file, or with --check exits with 1 where it differs or a text shows a command that is not there."""
    from node.cli.main import cli
    from node.cli.names import COMMANDS

    text = INTRODUCTION + "\n" + "\n".join(pages(cli, "kudos-node"))
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
        return
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit("docs/commands.md is not what --help says. Run: make readme")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        unknown = shown_commands(page.read_text(encoding="utf-8")) - set(COMMANDS)
        if unknown:
            sys.exit(f"{page.name} shows commands that kudos-node does not have: {', '.join(sorted(unknown))}")
    print("docs/commands.md and the commands shown in the documentation are as the program has them")


if __name__ == "__main__":
    main()
