"""An invitation as it is given to a command: in its words, or from standard input."""

import sys
from collections.abc import Sequence

FROM_INPUT = "-"


def given(words: Sequence[str]) -> str:
    """The text of an invitation. For `-` it is read from standard input.

    What stands on a command line is seen by every user of the machine while the command runs, and kept by shells.
    """
    if tuple(words) == (FROM_INPUT,):
        return sys.stdin.read(100_000).strip()
    return " ".join(words)
