"""A program of ours that is killed at a named point, as by kill -9 or a power failure: nothing of it runs any more.

    python killed.py node POINT WORDS…           python killed.py coordinator POINT WORDS…

The points: `tests.federation.points`.
"""

import os
import signal
import sys
from pathlib import Path

from tests.node.release.house import BOOKING


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(program: str, point: str) -> None:
    """Runs a program that ends at a point."""
    from tests.federation import points

    if program == "node":
        from node.cli.main import main as run

        arm = points.armed_booking(point, _die) if point in BOOKING else points.armed(points.of_node()[point], _die)
    else:
        from coordinator.cli.main import main as run

        arm = points.armed(points.of_coordinator()[point], _die)
    with arm:
        run()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # a script, so that a child needs no folder to start in
    chosen = sys.argv[1:3]
    sys.argv[1:] = sys.argv[3:]
    main(*chosen)
