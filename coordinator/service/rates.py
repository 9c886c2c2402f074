"""How often somebody may call: as many calls at once as make a hurry, and from then on so many a second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_CALLERS = 10_000
"""Callers that are remembered; those who have been quiet are forgotten first."""


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, and `each_s` a second afterwards."""

    burst: float
    each_s: float


class Meter:
    """Counts calls by caller: a token bucket for each.

    Source: the token bucket of RFC 2697, section 3, with one colour. `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, rate: Rate) -> bool:
        """Counts a call; tells whether it is within the rate."""
        now = self._clock()
        with self._lock:
            left, seen = self._left.pop(caller, (rate.burst, now))
            left = min(rate.burst, left + (now - seen) * rate.each_s)
            allowed = left >= 1
            self._left[caller] = (left - 1 if allowed else left, now)  # the newest comes last
            while len(self._left) > MOST_CALLERS:
                del self._left[next(iter(self._left))]
        return allowed
