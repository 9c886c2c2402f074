"""Time as the federation's machines tell it: it passes when the simulation says so, with an error for each machine.

The product asks `datetime.now`. While `simulated` holds, the name `datetime` of every module of ours means a type that
differs from the true one in this alone.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

OURS = ("coordinator", "node", "privacy", "protos")
START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


class Clock:
    """The true time, the error of each machine's clock, and whose machine is at work."""

    def __init__(self) -> None:
        self.true = START
        self.errors: dict[str, timedelta] = {}
        self._machine = ""

    def now(self, zone: tzinfo | None = None) -> datetime:
        """What the machine at work takes for the time."""
        return (self.true + self.errors.get(self._machine, timedelta())).astimezone(zone or UTC)

    def of(self, machine: str) -> datetime:
        """What a machine takes for the time."""
        return self.true + self.errors.get(machine, timedelta())

    @contextmanager
    def at(self, machine: str) -> Iterator[None]:
        """While this lasts, that machine is at work."""
        before, self._machine = self._machine, machine
        try:
            yield
        finally:
            self._machine = before


class _Type(type):
    clock: Clock

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)

    def __call__(cls, *words: Any, **options: Any) -> datetime:
        return datetime(*words, **options)  # noqa: DTZ001  as whoever asks wants it

    def __getattr__(cls, name: str) -> Any:
        return getattr(datetime, name)

    def now(cls, tz: tzinfo | None = None) -> datetime:
        return cls.clock.now(tz)


class _Simulated(metaclass=_Type):
    """In place of `datetime.datetime`."""


@cache
def _everything() -> None:
    """Loads every module of ours: what is loaded later would ask the true time."""
    for name in OURS:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith(("__main__", "migrations.env")):  # which Alembic alone can load
                importlib.import_module(found.name)


@contextmanager
def simulated(clock: Clock) -> Iterator[None]:
    """While this lasts, every module of ours asks that clock."""
    _everything()
    ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    places = [(module, name) for module in ours for name, value in vars(module).items() if value is datetime]
    _Simulated.clock = clock
    for module, name in places:
        setattr(module, name, _Simulated)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, datetime)
