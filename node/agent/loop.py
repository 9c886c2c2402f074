"""The agent's loop: turn after turn, with full jitter where one cannot be done, until it is stopped."""

import random
from collections.abc import Callable
from typing import TypeVar

from node.agent.turn import Turn, turn
from node.agent.unforeseen import OF_THIS_MACHINE, as_told
from node.home import Home
from node.stopping import Stop as Stop

Said = TypeVar("Said")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0

_draw = random.SystemRandom()


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: uniform up to a ceiling that doubles from 5 s to 10 min.

    Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), full jitter.
    """
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20))
    return _draw.uniform(0, ceiling)


def run(home: Home, stop: Stop, tell: Callable[[Turn], None], complain: Callable[[str], None]) -> None:
    """Turns until stopped, whatever happens. What cannot be done now is tried again, ever more seldom.

    Why a turn fails is said when it begins to and when it changes. A turn that was done, but for what this machine
    refused or a defect broke, is told as every turn, and the next one waits as after a failure, if that is longer.
    """
    failures, said = 0, ""
    while True:
        try:
            done = turn(home, complain)
        except Exception as error:  # noqa: BLE001  the agent outlives a full disk, and defects: they are told
            failures += 1
            pause = pause_after(failures)
            fault = str(as_told(error))
            if fault != said:
                _aloud(complain, f"{fault} Next try in {pause:.0f} seconds.")
            said = fault
        else:
            if said:
                _aloud(complain, "That is over: the agent works again.")
            said = ""
            _aloud(tell, done)
            failures = failures + 1 if any(isinstance(each.error, OF_THIS_MACHINE) for each in done.faults) else 0
            pause = max(float(done.retry_after_s), pause_after(failures) if failures else 0.0)
        if stop.wait(pause):
            return


def _aloud(say: Callable[[Said], None], what: Said) -> None:
    """Says something where it can be said: a log on a full disk stops no turn. Nobody who listens ends the agent."""
    try:
        say(what)
    except BrokenPipeError:
        raise
    except OSError:
        return
