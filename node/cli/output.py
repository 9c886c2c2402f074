"""How the commands speak: tables and sentences for people, JSON for programs, refusals to standard error."""

import json
import re
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from node.cli.names import COMMANDS
from node.errors import UsageError
from node.home import DEFAULT, Home
from privacy.budget.amounts import MICRO, Epsilon

Function = TypeVar("Function", bound=Callable[..., Any])


_COMMAND = re.compile(rf"kudos-node (?=({'|'.join(COMMANDS)})\b)")


@dataclass
class State:
    """What the options common to all commands said."""

    home: Home = field(default_factory=lambda: Home(DEFAULT))
    home_option: str = ""
    as_json: bool = False


state = State()


def _set_home(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is None:
        return
    named = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    if named or not state.home_option:
        state.home = Home(value.expanduser().absolute())
        state.home_option = f" --home {shlex.quote(str(value))}" if named else ""


def _set_json(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    state.as_json = state.as_json or value


class Day(click.ParamType[date]):
    """A day, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that a text writes."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            self.fail(f"{value} is no day. Write it as YYYY-MM-DD, such as 2025-12-31.", param, ctx)


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="KUDOS_NODE_HOME",
    expose_value=False,
    callback=_set_home,
    help="The node's folder (default: ~/.kudos/node).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, expose_value=False, callback=_set_json, help="Print JSON for programs."
)


def common(function: Function) -> Function:
    """The options that every command has: --json and --home."""
    return json_option(home_option(function))


def console() -> Console:
    """Where tables go. Without a terminal they are as wide as they need to be."""
    wide = None if sys.stdout.isatty() else 120
    return Console(width=wide, highlight=False, soft_wrap=False)


def say(text: str = "") -> None:
    """A line for people; nothing where JSON was asked for.

    A terminal that is too narrow is spared lines broken inside a word; what is to be copied is never broken.
    """
    if state.as_json:
        return
    shown = printable(typed(text))
    whole = not sys.stdout.isatty() or "\n" in text or "kudos-node" in text
    console().print(shown if whole else _folded(shown), soft_wrap=True, markup=False)


def prose(text: str) -> None:
    """Sentences for people, broken between words at the width of the terminal, or of tables where there is none."""
    if not state.as_json:
        console().print(_folded(printable(typed(text))), soft_wrap=True, markup=False)


_LONGEST = 110
"""So many characters are read in one line without losing the next."""


def _folded(text: str) -> str:
    """A text broken between words. What goes on below is indented like its beginning."""
    indent = text[: len(text) - len(text.lstrip())]
    width = min(console().width, _LONGEST)
    return textwrap.fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def typed(text: str) -> str:
    """A text in which every command of ours is one that can be typed as it stands, on the same folder."""
    return _COMMAND.sub(f"kudos-node{state.home_option} ", text)


def printable(text: str) -> str:
    """A text without control characters: a file's name or header must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def emit(content: Any) -> None:
    """The result for programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def complain(text: str) -> None:
    """A sentence to standard error."""
    click.echo(printable(typed(text)), err=True)


def refuse(reason: str, message: str) -> None:
    """A refusal: for people a sentence to standard error; for programs its reason too, as the result."""
    complain(message)
    refuse_as_json(reason, message)


def refuse_as_json(reason: str, message: str) -> None:
    """A refusal as the result, where JSON was asked for, also where the command line could not be read to its end."""
    if state.as_json or "--json" in sys.argv[1:]:
        emit({"error": {"reason": reason, "message": typed(message)}})


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """A table. Columns whose name ends with `>` are aligned to the right."""
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in columns:
        shown.add_column(name.removesuffix(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(cell.replace("[", "\\[") for cell in row))
    console().print(shown)


def epsilon(amount: Epsilon) -> str:
    """An amount of ε with two decimals."""
    return f"{amount.micro / MICRO:.2f}"


def refuse_target(file: Path, *inputs: Path) -> None:
    """Raises UsageError where a file to be written is one of the node's own, or one that was read."""
    target = file.absolute().resolve()
    if target.is_relative_to(state.home.path.resolve()) or target in [each.absolute().resolve() for each in inputs]:
        raise UsageError(f"{file} is a file of the node or one to be read. Name another one to write to.")


def things(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: 1 entry, 2 entries."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"


def count(number: int) -> str:
    """A whole number with spaces between thousands."""
    return f"{number:,}".replace(",", " ")


def kroner(ore: float) -> str:
    """An amount in whole kroner."""
    return f"{count(round(ore / 100))} kr"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share in per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{decimals}f} %"
