"""Makes one release in a process of its own, which may end itself on the way.

    python -m tests.node.release.child FOLDER POINT

With the name of a point of `node.release.book.release`, it kills itself there; with "wait", it says that it
is ready to begin and goes on at a line of input; with "-", neither. It prints the release in hexadecimal.
"""

import os
import signal
import sys
from pathlib import Path

from node.release.book import release
from privacy.ledger.store import Ledger
from tests.node.release.house import NOW, TIERED, TIERED_POLICY, WINDOW, House, envelope_of, tiered_exact


def main(folder: str, point: str) -> None:
    def step(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "before_begin" and point == "wait":
            print("ready", flush=True)
            sys.stdin.readline()

    house = House(Path(folder))
    with Ledger.open(house.ledger) as ledger:
        booked = release(TIERED, WINDOW, tiered_exact(), TIERED_POLICY, ledger, house.key, lambda: NOW, step)
        print(envelope_of(ledger.contents(), booked.seq).hex())


if __name__ == "__main__":
    main(*sys.argv[1:])
