"""Books a sketch or a count in a process of its own, which may end itself on the way.

    python -m tests.node.cross_use.child FOLDER sketch|count POINT

With the name of a point of `node.release.booking.book`, it kills itself there; with "wait", it says that it is ready to
begin and goes on at a line of input; with "-", neither. It prints the entry's number.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from node.release.book_count import Against, Peer, book_count
from node.release.book_sketch import book_sketch
from privacy.budget.policy import Allowance, Policy
from privacy.ledger.store import Ledger
from privacy.sketch.bitmap import filled
from privacy.sketch.counting import count
from privacy.sketch.sketch import SketchTerms
from tests.node.cross_use.house import BUCKETS, EPOCH, STUDY, WINDOW
from tests.node.release.house import NOW, POLICY, House

TERMS = SketchTerms(EPOCH, WINDOW, BUCKETS, STUDY.response.flips, STUDY.response.bits, bytes(range(32)), 0)
OWN = np.arange(40, dtype=np.int64)
AGAINST = Against(bytes(range(32)), (Peer("beta", "COUNTED", 7), Peer("gamma", "NOT_THERE", 0)))
AGREED: Policy = replace(POLICY, allowed=(Allowance(STUDY.name, STUDY.digest, None),))


def main(folder: str, what: str, point: str) -> None:
    def step(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "before_begin" and point == "wait":
            print("ready", flush=True)
            sys.stdin.readline()

    house = House(Path(folder))
    with Ledger.open(house.ledger) as ledger:
        if what == "sketch":
            booked = book_sketch(STUDY, TERMS, OWN, AGREED, ledger, house.key, lambda: NOW, step, bind=lambda _: None)
        else:
            bitmap = filled(np.arange(0, BUCKETS, 2, dtype=np.int64), BUCKETS)
            counted = count(OWN, OWN % len(STUDY.groups), len(STUDY.groups), [bitmap, None])
            booked = book_count(STUDY, WINDOW, counted, AGAINST, AGREED, ledger, house.key, lambda: NOW, step)
        print(booked.seq)


if __name__ == "__main__":
    main(*sys.argv[1:])
