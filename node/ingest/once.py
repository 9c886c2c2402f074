"""A property that is worked out once, when it is first asked for.

As `functools.cached_property`, whose lock, in Python 3.11, is one for all objects of a class: two threads that each
read columns of their own would wait for each other.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class once(Generic[_T]):  # noqa: N801  it stands where `property` does
    """Put above a method without arguments. Its object is one thread's at a time."""

    def __init__(self, work: Callable[[Any], _T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, of: object, _owner: type | None = None) -> _T:
        if of is None:
            raise AttributeError(self._name)
        found = of.__dict__[self._name] = self._work(of)
        return found
