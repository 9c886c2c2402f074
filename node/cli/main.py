"""kudos-node: finds the command, and turns every failure into a sentence and an exit status."""

import atexit
import os
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from node.cli import output
from node.cli.names import COMMANDS
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
    """Compare your institution with others, without handing over your customers.

    \b
    Begin:    kudos-node init --standalone --name Fjordteatret --industry performing-arts --county Vestland
              kudos-node import sales-2025.csv
              kudos-node kpi
    Release:  kudos-node review benchmark
              kudos-node policy allow benchmark
              kudos-node release benchmark --to-file

    What you import stays on this machine; e-mails and phone numbers are hashed, not stored. What may leave is blurred,
    paid for from a budget that you set, and listed by `kudos-node outbox`.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused by policy or budget.
    """


def main() -> None:
    """The program's entry point."""
    atexit.register(_silence_shutdown)
    started = time.monotonic()
    status, reason = _run()
    _log(status, reason, time.monotonic() - started)
    sys.exit(status)


def _run() -> tuple[int, str]:
    try:
        ended = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        output.refuse_as_json("USAGE", error.format_message())
        return error.exit_code, "USAGE"
    except click.Abort:
        output.refuse("STOPPED", "Stopped. Nothing was half done.")
        return 1, "STOPPED"
    except KudosError as error:
        output.refuse(error.reason, str(error))
        return error.exit_status, error.reason
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0, ""
    except Exception as error:  # noqa: BLE001  a defect of ours; its message may quote data, so it is not shown
        output.refuse("DEFECT", f"A defect in Kudos: {_place(error)}. Please report this line; nothing was half done.")
        return 1, f"DEFECT {_place(error)}"
    return (ended, "") if isinstance(ended, int) else (0, "")


def _place(error: BaseException) -> str:
    """Where an unforeseen error came from, without what it says."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _log(status: int, reason: str, seconds: float) -> None:
    """One line per command in the node's log: what was run and how it ended, no arguments and no data."""
    from node.log import write

    command: Any = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    if command is not None:
        write(output.state.home, command, status, reason, seconds)


def _silence_shutdown() -> None:
    """DuckDB's binding lists its own types as leaked when the interpreter ends: true, harmless, and no news to users.

    Registered first, so it runs last: whatever anything else has to say at the end has been said.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
