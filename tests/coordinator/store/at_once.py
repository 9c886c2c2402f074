"""Callers that come to the store at once, and how many transactions that takes."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from coordinator.office import Office
from tests.coordinator.store.test_together import PATIENCE_S, commits

Found = TypeVar("Found")

LATE_S = 20.0
"""Seconds after which it is plain that callers do not wait for a common transaction."""


def at_once(office: Office, calls: Sequence[Callable[[], Found]]) -> tuple[list[Found], int]:
    """What calls give that come while a transaction is under way, and how many transactions they took."""
    store = office.store
    begun, come = threading.Event(), threading.Event()

    def held(_: Connection) -> None:
        begun.set()
        assert come.wait(PATIENCE_S)

    with ThreadPoolExecutor(len(calls) + 1) as pool:
        holding = pool.submit(store.together, held)
        assert begun.wait(PATIENCE_S)
        found = [pool.submit(call) for call in calls]
        late = time.monotonic() + LATE_S
        while len(store._together._waiting) < len(calls) and time.monotonic() < late:
            time.sleep(0.005)
        counted = commits(store)
        come.set()
        holding.result(PATIENCE_S)
        return [each.result(PATIENCE_S) for each in found], len(counted) - 1
