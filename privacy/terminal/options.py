"""The options that every command has, and the kinds of words that commands of several programs take."""

import shlex
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from privacy.terminal.state import State

Home = TypeVar("Home")
Function = TypeVar("Function", bound=Callable[..., Any])


def home_option(
    state: Callable[[], State[Home]], home: Callable[[Path], Home], *, variable: str, shown: str
) -> Callable[[Function], Function]:
    """The option --home, before or after a command: its folder goes into the state.

    `state` finds the state, as in `Voice`; `home` makes a folder's value of an absolute path; `variable` of the
    environment names the folder where the option does not; `shown` is the option's line of help.
    """

    def take(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
        if value is None:
            return
        named = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
        if named or not state().home_option:
            state().home = home(value.expanduser().absolute())
            state().home_option = f" --home {shlex.quote(str(value))}" if named else ""

    folder = click.Path(path_type=Path, file_okay=False)
    return click.option("--home", type=folder, envvar=variable, expose_value=False, callback=take, help=shown)


def json_option(state: Callable[[], State[Any]]) -> Callable[[Function], Function]:
    """The option --json, before or after a command: the state keeps that it was given."""

    def take(_context: click.Context, _parameter: click.Parameter, value: object) -> None:
        state().as_json = state().as_json or bool(value)

    return click.option(
        "--json", "as_json", is_flag=True, expose_value=False, callback=take, help="Print JSON for programs."
    )


def series_options(function: Function) -> Function:
    """What both programs take that show a series: the study, what of it, and the file to write it to."""
    file = click.Path(path_type=Path, dir_okay=False)
    for each in (
        click.option("--csv", "csv_file", type=file, help="Write them to a file for spreadsheets."),
        click.option("--measure", help="One figure alone, such as retention or revenue_ore."),
        click.option(
            "--table", "table_name", help="Category by category of one table, such as age_band (default: totals)."
        ),
        click.option("--cohort", help='Another cohort than the network, such as "county:46" or "industry:museum".'),
        click.argument("study"),
    ):
        function = each(function)
    return function


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
