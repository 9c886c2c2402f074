"""The simulation by hand.

    python -m tests.simulation --steps 100000 --seed 1        runs of --length steps, one seed after the other
    python -m tests.simulation --seed 7 --steps 250           replays what a failure has printed

Prints what happened, as JSON; ends with a traceback, and with what replays it, at the first thing that does not hold.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog

from tests.simulation.run import found, simulate


def main() -> None:
    """Runs seeds until there were so many steps."""
    arguments = argparse.ArgumentParser(description="Faults in a federation.")
    arguments.add_argument("--steps", type=int, default=1000)
    arguments.add_argument("--length", type=int, default=250, help="steps of one seed, from a federation that is whole")
    arguments.add_argument("--seed", type=int, default=1, help="the first one")
    chosen = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    counts: Counter[str] = Counter()
    steps, seed, began = 0, chosen.seed, time.monotonic()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        found(Path(folder) / "template")
        while steps < chosen.steps:
            report = simulate(
                Path(folder) / "template", Path(folder) / str(seed), seed, min(chosen.length, chosen.steps - steps)
            )
            counts += report.counts
            steps, seed = steps + report.steps, seed + 1
            print(f"seed {report.seed}: {report.steps} steps hold, {steps} in all", file=sys.stderr, flush=True)
    seconds = round(time.monotonic() - began)
    json.dump({"steps": steps, "seeds": seed - chosen.seed, "seconds": seconds, "counts": counts}, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
