"""Keeps docs/commands.md equal to what --help says, and checks the commands that the documentation shows.

The tables of the standard's fields are kept in the same way (`tools/fields.py`).
"""

import re
import shlex
import sys
from importlib import import_module
from pathlib import Path

import click
from click.testing import CliRunner

from tools import fields

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "commands.md"
INTRODUCTION = """# Commands

Made from the programs' own `--help` by `make readme`; `make check` compares.
"""
PROGRAMS = {
    "kudos-node": "node.cli.main",
    "kudos-coordinator": "coordinator.cli.main",
    "kudos-audit": "privacy.audit.cli.main",
}
"""The programs by name, and the module that has the `cli` of each."""


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


def shown_commands(text: str, program: str = "kudos-node") -> list[list[str]]:
    """The words of every command of a program that a text shows in its code, without placeholders."""
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    lines = re.findall(rf"\b{program} (-?-?[a-z][^\n`|>#;)]*)", re.sub(r"\\\n\s*", " ", code))
    return [[word for word in _split(line) if not re.search(r"[…*\[\]]", word)] for line in lines]


def fault(command: click.Command, words: list[str]) -> str | None:
    """What is wrong with a shown command: a subcommand or an option that the program does not have."""
    while isinstance(command, click.Group):
        wrong, words = _past_options(command, words)
        if wrong or not words:
            return wrong
        child = command.get_command(click.Context(command), words[0])
        if child is None:
            return f"no command {words[0]!r}" if re.fullmatch(r"[a-z][a-z0-9-]*", words[0]) else None
        command, words = child, words[1:]
    return next((found for word in words if (found := _unknown(command, word))), None)


def _past_options(group: click.Group, words: list[str]) -> tuple[str | None, list[str]]:
    """What is wrong with the options that stand before a group's subcommand, and the words after them."""
    words = list(words)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        wrong = _unknown(group, option)
        if wrong:
            return wrong, []
        if "=" not in option and _takes_value(group, option):
            words = words[1:]
    return None, words


def _unknown(command: click.Command, word: str) -> str | None:
    name = word.partition("=")[0]
    if not re.match(r"--?[a-zA-Z]", word) or name in {"-h", "--help"}:
        return None
    return None if any(name in _names(each) for each in command.params) else f"no option {name!r}"


def _takes_value(command: click.Command, option: str) -> bool:
    found = next((each for each in command.params if option in _names(each)), None)
    return isinstance(found, click.Option) and not found.is_flag


def _names(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts] if isinstance(parameter, click.Option) else []


def _split(line: str) -> list[str]:
    """The words as a shell has them; those between spaces where a quotation was cut off."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def main() -> None:
    """Writes the file, or with --check exits with 1 where it differs or a text shows a command that is not there."""
    programs: dict[str, click.Group] = {name: import_module(module).cli for name, module in PROGRAMS.items()}
    text = INTRODUCTION + "\n" + "\n".join(page for name, cli in programs.items() for page in pages(cli, name))
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
        fields.write()
        return
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit("docs/commands.md is not what --help says. Run: make readme")
    if fields.stale():
        sys.exit(f"docs/{fields.stale()[0]} is not what the standard says. Run: make readme")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        content = page.read_text(encoding="utf-8")
        for name, cli in programs.items():
            for words in shown_commands(content, name):
                wrong = fault(cli, words)
                if wrong:
                    sys.exit(f"{page.name} shows `{name} {' '.join(words)}`: there is {wrong}")
    print("docs/commands.md and the commands shown in the documentation are as the programs have them")


if __name__ == "__main__":
    main()
