"""What comes next is made while what came is used."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(making: Generator[T, None, None]) -> Iterator[Iterator[T]]:
    """Makes the first item at once, and each next one as soon as one was taken, in a thread of its own.

    Whatever making an item raises is raised where it is taken. At the end one that is being made is waited for, and
    the generator is closed.
    """
    none = object()
    with closing(making), ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, making, none)

        def taken() -> Iterator[T]:
            nonlocal coming
            while (item := coming.result()) is not none:
                coming = beside.submit(next, making, none)
                yield item  # type: ignore[misc]  # it is not `none`

        yield taken()
