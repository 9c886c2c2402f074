"""The agent's loop: turn after turn, with full jitter where the coordinator cannot be reached, until it is stopped."""

import random
import signal
import threading
from collections.abc import Callable
from types import FrameType

from node.agent.turn import Turn, turn
from node.errors import StoreBusy
from node.home import Home
from node.membership.errors import NoConnection, RefusedByCoordinator

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0

_draw = random.SystemRandom()


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: uniform up to a ceiling that doubles from 5 s to 10 min.

    Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), full jitter.
    """
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20))
    return _draw.uniform(0, ceiling)


class Stop:
    """Set by SIGTERM and SIGINT; a turn that is under way is finished first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Takes the two signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until it is set; tells whether it is."""
        return self._event.wait(seconds)


def run(home: Home, stop: Stop, tell: Callable[[Turn], None], complain: Callable[[str], None]) -> None:
    """Turns until stopped. What cannot be done now is told and tried again."""
    failures = 0
    while True:
        try:
            done = turn(home, complain)
            tell(done)
            failures = 0
            pause: float = done.retry_after_s
        except (NoConnection, RefusedByCoordinator, StoreBusy) as error:
            failures += 1
            pause = pause_after(failures)
            complain(f"{error} Next try in {pause:.0f} seconds.")
        if stop.wait(pause):
            return
