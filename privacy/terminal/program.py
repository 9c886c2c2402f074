"""A program: finds the command, runs it, and turns every failure into a sentence and an exit status."""

import contextlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from privacy.errors import KudosError
from privacy.terminal.voice import Voice

Function = TypeVar("Function", bound=Callable[..., Any])


class Commands(click.Group):
    """A group that loads a command when it is called, so that none pays for the others' libraries.

    `modules` has the module of each command by its name; there the command is called `command`.
    """

    def __init__(self, *words: Any, modules: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*words, **settings)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click hands it over
        """In the order in which somebody meets them, not in the alphabet's."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        """The command of a name."""
        module = self._modules.get(cmd_name)
        command = import_module(module).command if module else None
        return command if isinstance(command, click.Command) else None


def group(voice: Voice, *options: Callable[[Function], Function]) -> Callable[[Function], Commands]:
    """Makes a function without arguments, whose docstring is the program's help, the group of the voice's commands.

    It has --version, -h and the `options`.
    """

    def decorated(function: Function) -> Commands:
        for option in reversed(options):
            function = option(function)
        function = click.version_option(package_name="kudos", message="%(package)s %(version)s")(function)
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        return click.group(cls=Commands, modules=voice.commands, context_settings=settings)(function)

    return decorated


@dataclass(frozen=True)
class Ended:
    """How a command ended, for a log: its exit status and its reason, with the place of a defect; no text of it."""

    status: int
    reason: str = ""


def run(cli: click.Command, voice: Voice) -> Ended:
    """Runs the command that the program was given. Everything is said when it returns; no error leaves it.

    Exit status: 0 done, 1 failed, 2 wrong usage, and what a KudosError asks for (3 where something is refused). Where
    nobody reads the output any more, click ends the process with 1.
    """
    _leave_no_core()
    try:
        ended = cli.main(prog_name=voice.program, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        voice.refuse_as_json("USAGE", error.format_message())
        return Ended(error.exit_code, "USAGE")
    except click.Abort:
        voice.refuse("STOPPED", "Stopped. Nothing was half done.")
        return Ended(1, "STOPPED")
    except KudosError as error:
        voice.refuse(error.reason, str(error))
        return Ended(error.exit_status, error.reason)
    except Exception as error:  # noqa: BLE001  a defect of ours; its message may quote data, so it is not shown
        voice.refuse("DEFECT", f"A defect in Kudos: {_place(error)}. Please report this line; nothing was half done.")
        return Ended(1, f"DEFECT {_place(error)}")
    return Ended(ended if isinstance(ended, int) else 0)


def _place(error: BaseException) -> str:
    """Where an unforeseen error came from, without what it says."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _leave_no_core() -> None:
    """A program that crashes leaves no copy of its memory, in which its keys are, where the system would keep one."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
