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


def shown_commands(text: str) -> list[list[str]]:
    """The words of every command of kudos-node that a text shows in its code, without placeholders."""
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    lines = re.findall(r"kudos-node ((?:--home \S+ )?[a-z][^\n`|>#;)]*)", code)
    return [[word for word in line.split() if not re.search(r"[…*\[\]]", word)] for line in lines]


def fault(command: click.Command, words: list[str]) -> str | None:
    """What is wrong with a shown command: a subcommand or an option that the program does not have."""
    while isinstance(command, click.Group):
        options = [word for word in words if word.startswith("--")]
        words = words[2:] if words[:1] == ["--home"] else words
        if not words:
            return None
        child = command.get_command(click.Context(command), words[0])
        if child is None:
            return f"no command {words[0]!r}" if re.fullmatch(r"[a-z]+", words[0]) else None
        command, words = child, words[1:]
        if options and not words:
            return None
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return next((f"no option {word!r}" for word in words if word.startswith("--") and word not in known), None)


def main() -> None:
    """Writes the file, or with --check exits with 1 where it differs or a text shows a command that is not there."""
    from node.cli.main import cli

    text = INTRODUCTION + "\n" + "\n".join(pages(cli, "kudos-node"))
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
        return
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit("docs/commands.md is not what --help says. Run: make readme")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for words in shown_commands(page.read_text(encoding="utf-8")):
            wrong = fault(cli, words)
            if wrong:
                sys.exit(f"{page.name} shows `kudos-node {' '.join(words)}`: there is {wrong}")
    print("docs/commands.md and the commands shown in the documentation are as the program has them")


if __name__ == "__main__":
    main()
