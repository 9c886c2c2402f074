"""A small program that speaks as ours do, and what it said."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import click

from privacy.errors import Refused
from privacy.terminal import options, program
from privacy.terminal.options import Day
from privacy.terminal.state import State
from privacy.terminal.voice import Voice

COMMANDS = {"work": f"{__name__}", "absent": "tests.privacy.terminal.no_such_module"}
VARIABLE = "KUDOS_TEST_HOME"

state = State(Path("nowhere"))
voice = Voice("kudos-test", COMMANDS, lambda: state, wide=100)
home_option = options.home_option(voice.state, Path, variable=VARIABLE, shown="The folder.")
json_option = options.json_option(voice.state)


class NotNow(Refused):
    """What the small program refuses."""

    reason = "NOT_NOW"


class Faults:
    """What the command does, by the word that it was given."""

    @staticmethod
    def refused() -> None:
        """A refusal with a command in it."""
        raise NotNow("Not now. Look at it: kudos-test work --day 2026-01-01")

    @staticmethod
    def stopped() -> None:
        """Somebody presses Ctrl-C."""
        raise KeyboardInterrupt

    @staticmethod
    def defect() -> None:
        """An error of ours that quotes data."""
        raise RuntimeError("kari@example.no")

    @staticmethod
    def status() -> int:
        """An exit status of the command's own."""
        return 7


@click.command()
@click.argument("word", default="")
@click.option("--day", type=Day())
@json_option
@home_option
def command(word: str, day: object) -> object:
    """Do what a word says."""
    if word:
        return getattr(Faults, word)()
    voice.say(f"[b]{state.home}[/b] {day}")
    if state.as_json:
        voice.emit({"home": str(state.home), "day": str(day)})
    return None


@program.group(voice, home_option)
def cli() -> None:
    """A small program."""


@dataclass
class Said:
    """What went to standard output and to standard error."""

    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)


@contextmanager
def typed(*words: str, terminal: bool = False) -> Iterator[Said]:
    """A command line of a process of its own, as far as the program can see."""
    global state
    state = State(Path("nowhere"))
    said = Said(out=_Terminal() if terminal else io.StringIO())
    before, sys.argv = sys.argv, ["anything", *words]
    try:
        with redirect_stdout(said.out), redirect_stderr(said.err):
            yield said
    finally:
        sys.argv = before


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*words: str) -> tuple[program.Ended, str, str]:
    """How the program ended, and what it said to standard output and standard error."""
    with typed(*words) as said:
        ended = program.run(cli, voice)
    return ended, said.out.getvalue(), said.err.getvalue()
