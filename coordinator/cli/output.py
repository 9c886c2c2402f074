"""How the commands speak: tables and sentences for people, JSON for programs, refusals to standard error.

The tone and the rules are those of the node's commands. The code is not theirs: coordinator and node import nothing of
each other, and what both import (`privacy`) has no command line in it.
"""

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from coordinator.cli.names import COMMANDS
from coordinator.home import DEFAULT, Home

if TYPE_CHECKING:
    from coordinator.office import Office

Function = TypeVar("Function", bound=Callable[..., Any])

PROGRAM = "kudos-coordinator"
_COMMAND = re.compile(rf"{PROGRAM} (?=({'|'.join(COMMANDS)})\b)")


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


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="KUDOS_COORDINATOR_HOME",
    expose_value=False,
    callback=_set_home,
    help="The coordinator's folder (default: ~/.kudos/coordinator).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, expose_value=False, callback=_set_json, help="Print JSON for programs."
)


def common(function: Function) -> Function:
    """The options that every command has: --json and --home."""
    return json_option(home_option(function))


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


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


class Deadline(click.ParamType[datetime]):
    """The end of a day, or a minute or second of it; Norwegian time, where no zone is written."""

    name = "YYYY-MM-DD[THH:MM[:SS][Z]]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment that a text writes."""
        if isinstance(value, datetime):
            return value
        text, zone = str(value), ZoneInfo("Europe/Oslo")
        try:
            if _MOMENT.fullmatch(text):
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo else moment.replace(tzinfo=zone)
            return datetime.strptime(text, "%Y-%m-%d").replace(hour=23, minute=59, second=59, tzinfo=zone)
        except ValueError:
            self.fail(
                f"{text} is no deadline. Write a day, 2026-01-31, or a time of it, 2026-01-31T12:00; a program also "
                "writes 2026-01-31T11:00:05Z.",
                param,
                ctx,
            )


@contextmanager
def office() -> "Iterator[Office]":
    """The coordinator in the folder that was named, opened."""
    from coordinator.office import opened

    with opened(state.home) as found:
        yield found


def console() -> Console:
    """Where tables go. Without a terminal they are as wide as they need to be."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=False)


def say(text: str = "") -> None:
    """A line for people; nothing where JSON was asked for."""
    if not state.as_json:
        console().print(printable(typed(text)), soft_wrap=True, markup=False)


def typed(text: str) -> str:
    """A text in which every command of ours is one that can be typed as it stands, on the same folder."""
    return _COMMAND.sub(f"{PROGRAM}{state.home_option} ", text)


def printable(text: str) -> str:
    """A text without control characters: a name must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def emit(content: Any) -> None:
    """The result for programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def refuse(reason: str, message: str) -> None:
    """A refusal: for people a sentence to standard error; for programs its reason too, as the result."""
    click.echo(printable(typed(message)), err=True)
    refuse_as_json(reason, message)


def refuse_as_json(reason: str, message: str) -> None:
    """A refusal as the result, where JSON was asked for, also where the command line could not be read to its end."""
    if state.as_json or "--json" in sys.argv[1:]:
        emit({"error": {"reason": reason, "message": typed(message)}})


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table. Columns whose name ends with `>` are aligned to the right."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        shown.add_column(name.removesuffix(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(printable(cell).replace("[", "\\[") for cell in row))
    console().print(shown)


def utc(moment: datetime | None) -> str:
    """A moment for people; a dash where there is none."""
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def json_time(moment: datetime | None) -> str | None:
    """A moment for programs: RFC 3339."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def count(number: int) -> str:
    """A whole number with spaces between thousands."""
    return f"{number:,}".replace(",", " ")


def things(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: 1 member, 2 members."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"
