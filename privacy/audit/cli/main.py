"""kudos-audit: the program."""

import sys

from privacy.audit.cli import output
from privacy.terminal.program import group, run


@group(output.voice, output.home_option)
def cli() -> None:
    """Verify what a network of Kudos says of itself, without trusting those who run it.

    \b
    Begin:    kudos-audit join kudos1:…                       once, with an auditor's invitation
              kudos-audit export --out npu                    or use a bundle that somebody gave you
              kudos-audit network npu
    Or:       kudos-audit network npu.public --releases npu.restricted --report report.html
              kudos-audit ledger npu --member fjordteatret
              kudos-audit explain 17 --bundle npu --member fjordteatret

    A bundle is a folder or a .tar of plain files (docs/bundle.md). Everything but join and export works offline.

    Exit status: 0 sound, 3 a violation was found, 1 could not tell, or failed; 2 wrong usage.
    """


def main() -> None:
    """The program's entry point."""
    sys.exit(run(cli, output.voice).status)
