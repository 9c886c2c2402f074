"""Runs one measurement in a process of its own and reports its time and its peak of memory."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Median of the wall time in seconds over the runs, and the largest peak of resident memory in MB."""

    seconds: float
    peak_mb: float


def in_process(module: str, *words: str, runs: int = 3) -> Measured:
    """Runs `python -m module words…`, which prints what `report` prints, several times."""
    times, peaks = [], []
    for _ in range(runs):
        ran = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"{module} {' '.join(words)} failed:\n{ran.stderr}")
        told = json.loads(ran.stdout.splitlines()[-1])
        times.append(told["seconds"])
        peaks.append(told["peak_mb"])
    return Measured(statistics.median(times), max(peaks))


def in_turns(module: str, ours: tuple[str, ...], peer: tuple[str, ...], runs: int = 5) -> tuple[Measured, Measured]:
    """Both, one after the other and again, so that what else the machine does falls on both alike."""
    pairs = [(in_process(module, *ours, runs=1), in_process(module, *peer, runs=1)) for _ in range(runs)]
    return _median([one for one, _ in pairs]), _median([other for _, other in pairs])


def _median(found: list[Measured]) -> Measured:
    return Measured(statistics.median(each.seconds for each in found), max(each.peak_mb for each in found))


def report(work: Callable[[], object]) -> None:
    """Does the work in this process and prints its time and peak."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def command_seconds(words: list[str], runs: int = 7) -> float:
    """The median wall time of a command."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)
