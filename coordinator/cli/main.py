"""kudos-coordinator: finds the command, and turns every failure into a sentence and an exit status."""

import os
import sys
import traceback
from importlib import import_module
from pathlib import Path

import click

from coordinator.cli import output
from coordinator.cli.names import COMMANDS
from privacy.errors import KudosError


class Commands(click.Group):
    """A group that loads a command when it is called, so that none pays for the others' libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which somebody meets them, not in the alphabet's."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        module = COMMANDS.get(cmd_name)
        command = import_module(module).command if module else None
        return command if isinstance(command, click.Command) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kudos", message="%(package)s %(version)s")
@output.home_option
def cli() -> None:
    """Run a network in which institutions compare themselves without handing over their customers.

    \b
    Begin:    kudos-coordinator init --trust-domain npu.example --name NPU \\
                  --federation kudos.npu.example:8443 --enrolment kudos.npu.example:8444
              kudos-coordinator member invite --name Fjordteatret --industry performing-arts --county Vestland
    Collect:  kudos-coordinator study show benchmark
              kudos-coordinator round open benchmark --window-last 2025-12-31 --deadline 2026-02-01
              kudos-coordinator round status

    Members send figures that are blurred already; no customer, no exact figure and no key of theirs is ever here.
    Back the folder up: the authority's key cannot be made again.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, for a member or a round does not stand where it must.
    """


def main() -> None:
    """The program's entry point."""
    sys.exit(run())


def run() -> int:
    """Runs the command that the program was given; returns its exit status, with everything said."""
    try:
        ended = cli.main(prog_name=output.PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        output.refuse_as_json("USAGE", error.format_message())
        return error.exit_code
    except click.Abort:
        output.refuse("STOPPED", "Stopped. Nothing was half done.")
        return 1
    except KudosError as error:
        output.refuse(error.reason, str(error))
        return error.exit_status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  a defect of ours; its message may quote data, so it is not shown
        output.refuse("DEFECT", f"A defect in Kudos: {_place(error)}. Please report this line; nothing was half done.")
        return 1
    return ended if isinstance(ended, int) else 0


def _place(error: BaseException) -> str:
    """Where an unforeseen error came from, without what it says."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
