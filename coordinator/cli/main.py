"""kudos-coordinator: the program."""

import sys

from coordinator.cli import output
from privacy.terminal import program


@program.group(output.voice, output.home_option)
def cli() -> None:
    """Run a network in which institutions compare themselves without handing over their customers.

    \b
    Begin:    kudos-coordinator init --trust-domain npu.example --name NPU \\
                  --federation kudos.npu.example:8443 --enrolment kudos.npu.example:8444
              kudos-coordinator member invite --name Fjordteatret --industry performing-arts --county Vestland
    Collect:  kudos-coordinator study show benchmark
              kudos-coordinator round open benchmark --window-last 2025-12-31 --deadline 2026-02-01
              kudos-coordinator round list

    Members send figures that are blurred already; no customer, no exact figure and no key of theirs is ever here.
    Back the folder up: the authority's key cannot be made again.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, for a member or a round does not stand where it must.
    """


def main() -> None:
    """The program's entry point."""
    sys.exit(run())


def run() -> int:
    """Runs the command that the program was given; returns its exit status, with everything said."""
    return program.run(cli, output.voice).status
