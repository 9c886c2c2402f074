"""kudos-node: the program."""

import atexit
import os
import sys
import time

from node.cli import output
from node.cli.names import COMMANDS
from privacy.terminal.program import Ended, group, run


@group(output.voice, output.home_option)
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
    ended = run(cli, output.voice)
    _log(ended, time.monotonic() - started)
    sys.exit(ended.status)


def _log(ended: Ended, seconds: float) -> None:
    """One line per command in the node's log: what was run and how it ended, no arguments and no data."""
    from node.log import write

    command = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    if command is not None:
        write(output.state.home, command, ended.status, ended.reason, seconds)


def _silence_shutdown() -> None:
    """DuckDB's binding lists its own types as leaked when the interpreter ends: true, harmless, and no news to users.

    Registered first, so it runs last: whatever anything else has to say at the end has been said.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
