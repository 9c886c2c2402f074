"""The coordinator's voice: its name and folder, what its commands print with, and deadlines."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from coordinator.cli.names import COMMANDS
from coordinator.home import DEFAULT, Home
from privacy.terminal import options, wording
from privacy.terminal.state import State as Common
from privacy.terminal.voice import Voice

if TYPE_CHECKING:
    from coordinator.office import Office


@dataclass
class State(Common[Home]):
    """What the options common to all commands said."""

    home: Home = field(default_factory=lambda: Home(DEFAULT))


state = State()
voice = Voice("kudos-coordinator", COMMANDS, lambda: state, wide=160, folds=False)
say, prose, emit, table = voice.say, voice.prose, voice.emit, voice.table
count, things, utc, json_time = wording.count, wording.things, wording.utc, wording.json_time

home_option = options.home_option(
    voice.state,
    Home,
    variable="KUDOS_COORDINATOR_HOME",
    shown="The coordinator's folder (default: ~/.kudos/coordinator).",
)
json_option = options.json_option(voice.state)
Day = options.Day


def common(function: options.Function) -> options.Function:
    """The options that every command has: --json and --home."""
    return json_option(home_option(function))


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
