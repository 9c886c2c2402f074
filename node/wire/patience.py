"""Calls that the coordinator takes so many of at once: who is turned away comes back after a while.

It carries so many sketches at a time, and all members count in the same hour; and it looks at one request of a member's
ledger at a time, where the agent and a command may ask together.
"""

import random
import time
from collections.abc import Callable

from node.membership.errors import RefusedByCoordinator
from node.wire.connection import Answer

BUSY = ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
"""Status and reason of such a refusal; with another reason more is asked for than is ever given."""

TRIES, LONGEST_PAUSE_S = 8, 8.0

_draw = random.SystemRandom()


def patiently(ask: Callable[[], Answer]) -> Answer:
    """The answer, once the coordinator has room: with full jitter in between, as `node.agent.loop` has it.

    Raises RefusedByCoordinator where it has none so many times, and at once for any other refusal.
    """
    for failures in range(TRIES - 1):
        try:
            return ask()
        except RefusedByCoordinator as error:
            if (error.code, error.coordinator_reason) != BUSY:
                raise
        time.sleep(_draw.uniform(0, min(LONGEST_PAUSE_S, 0.5 * 2.0**failures)))
    return ask()
