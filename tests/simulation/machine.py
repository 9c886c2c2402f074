"""A machine of the federation: its folder, its clock, its disk, and what becomes of the folder when it goes down.

A program that is killed leaves its folder as it was at that instant: journals half written, transactions open. So a
crash keeps a copy of the folder as it lies, lets the program's own code unwind (which tidies up as no dead program
could), and puts the copy in the folder's place.
"""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.simulation.clock import Clock

_UNLIMITED = resource.getrlimit(resource.RLIMIT_FSIZE)


class Crash(BaseException):
    """The machine at work goes down. No code of ours catches it."""

    def __init__(self, machine: "Machine", point: str) -> None:
        super().__init__(f"{machine.name} at {point}")
        self.machine = machine


class Machine:
    """One computer. `room` is the most bytes that a file on its disk may have; None where it is not full."""

    def __init__(self, name: str, folder: Path, clock: Clock) -> None:
        self.name, self.folder = name, folder
        self.room: int | None = None
        self._clock = clock
        self._left = folder.with_name(f"{folder.name}.left")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this lasts, the code that runs is on this machine: its time, its disk."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = _UNLIMITED if self.room is None else (self.room, _UNLIMITED[1])
        with self._clock.at(self.name):
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def crash(self, point: str) -> None:
        """Raises Crash, once the folder is kept as it lies."""
        with without_limit():
            shutil.rmtree(self._left, ignore_errors=True)
            shutil.copytree(self.folder, self._left)
        raise Crash(self, point)

    def fallen(self) -> None:
        """Puts the folder back as it lay when the machine went down. Everything of it must be closed."""
        shutil.rmtree(self.folder)
        self._left.rename(self.folder)

    def backed_up(self, to: Path) -> None:
        """A copy of the folder, while nothing is at work in it."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)

    def restored(self, backup: Path) -> None:
        """The folder as it was when it was copied. Everything of it must be closed."""
        shutil.rmtree(self.folder)
        shutil.copytree(backup, self.folder)


@contextmanager
def without_limit() -> Iterator[None]:
    """While this lasts, the disk that is written to has room: it is the simulation's own."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, _UNLIMITED)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
