"""A store where something else gets its turn between what a call has read and what it writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection

from coordinator.office import Office
from coordinator.store.engine import Store


class _Interrupted(Store):
    def __init__(self, store: Store, first: Callable[[], object]) -> None:
        super().__init__(store.engine)
        self._first = [first]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        while self._first:
            self._first.pop()()
        with super().transaction() as connection:
            yield connection


def interrupted(office: Office, first: Callable[[], object]) -> Office:
    """The same office; right before its next transaction begins, `first` is done."""
    return replace(office, store=_Interrupted(office.store, first))
