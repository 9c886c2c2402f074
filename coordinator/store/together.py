"""Transactions of several callers as one: they wait for the disk once, and not one after the other.

Whoever comes while a transaction is under way waits, and the next one takes all who wait: group commit. Each has a
savepoint of its own, so that what one is refused changes nothing for the others; and nobody is told anything before
all of it is on the disk.

Source: D. DeWitt et al., Implementation techniques for main memory database systems, SIGMOD 1984, section 5.2.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from coordinator.errors import StoreBusy
from privacy.errors import KudosError

MOST = 32
"""Callers whose work is one transaction: so many releases are a few megabytes, and are written in some milliseconds."""

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
Transaction = Callable[[], AbstractContextManager[Connection]]


class _Turn(Generic[Result]):
    """One caller's work, and what came of it once that is certain."""

    def __init__(self, work: Work[Result]) -> None:
        self.work = work
        self.answer: Callable[[], Result] | None = None

    def attempt(self, connection: Connection) -> Callable[[], Result]:
        """Does the work within a savepoint; what to answer if the transaction is committed, be it a refusal."""
        try:
            with connection.begin_nested():
                found = self.work(connection)
        except KudosError as error:
            return _raising(error)
        return lambda: found

    def alone(self, transaction: Transaction) -> None:
        """Does the work in a transaction of its own."""
        try:
            with transaction() as connection:
                found = self.work(connection)
        except BaseException as error:  # noqa: BLE001  it is raised where its caller waits
            self.answer = _raising(error)
        else:
            self.answer = lambda: found


def _raising(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


class Together:
    """Runs what writes to a store, many callers' work in one transaction. Used from any number of threads."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._waiting: list[_Turn[Any]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def run(self, work: Work[Result]) -> Result:
        """Does some work within a transaction that is committed by the time this returns; what the work gives.

        The work changes nothing but the store: where a transaction fails for another's sake it is done once more.
        Raises what the work raises, with nothing of it changed, and what beginning or committing raises.
        """
        turn = _Turn(work)
        with self._lock:
            self._waiting.append(turn)
        with self._writing:
            while turn.answer is None:
                self._next()
        return turn.answer()

    def _next(self) -> None:
        with self._lock:
            turns, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        if len(turns) == 1 or not self._together(turns):
            for turn in turns:
                turn.alone(self._transaction)

    def _together(self, turns: Sequence[_Turn[Any]]) -> bool:
        """Does the work of all; False where that failed, and whoever's fault it is will find out alone.

        Where another process keeps the store, all are told so: one after the other they would wait as long again.
        """
        try:
            with self._transaction() as connection:
                answers = [turn.attempt(connection) for turn in turns]
        except StoreBusy as error:
            answers = [_raising(error)] * len(turns)
        except BaseException:  # noqa: BLE001  `alone` has it raised where its caller waits
            return False
        for turn, answer in zip(turns, answers, strict=True):
            turn.answer = answer
        return True
